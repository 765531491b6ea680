import type { ServerEvent, ServerEventBus } from '@modelcontextprotocol/server';
import { isExpired } from '../access/caller.ts';
import type { LiveEvent } from '../live/live-event.ts';
import { inboxUri } from './inbox-resource.ts';
import type { Session } from './session.ts';

type Listener = (event: ServerEvent) => void;

/**
 * Tells one open subscription of new messages of its own user. The SDK would share one bus between all users, and
 * trusts each to ask for nothing but their own; with a bus of its own a subscription cannot hear of others.
 * @param end ends the subscription: its client does not read, or its key is dead.
 */
export function inboxNews(session: Session, end: () => void): ServerEventBus {
  return {
    // Nobody publishes here: what happens is in the log of events.
    publish: () => undefined,
    subscribe: (listener) => new InboxNews(session, listener, end).stop,
  };
}

class InboxNews {
  readonly #session: Session;
  readonly #listener: Listener;
  readonly #end: () => void;
  readonly #heart: NodeJS.Timeout;
  readonly #subscription: Disposable;
  /** The access version under which the key was last found valid. */
  #keyVersion: unknown;
  /** There is news, and the client has no room for it yet: told once, however much it is. */
  #isBehind = false;
  #wasBehindAtHeartbeat = false;

  constructor(session: Session, listener: Listener, end: () => void) {
    const { deps, caller, reply } = session;
    this.#session = session;
    this.#listener = listener;
    this.#end = end;
    this.#subscription = deps.feed.subscribe(caller.id, (event) => this.#hear(event));
    this.#heart = setInterval(() => this.#beat(), deps.settings.STREAM_HEARTBEAT_MS);
    reply.raw.on('drain', this.#drained);
  }

  readonly stop = (): void => {
    clearInterval(this.#heart);
    this.#subscription[Symbol.dispose]();
    this.#session.reply.raw.off('drain', this.#drained);
  };

  #hear({ type }: LiveEvent): void {
    if (type !== 'message_received') return;
    this.#isBehind = true;
    this.#tell();
  }

  #tell(): void {
    if (!this.#isBehind || this.#session.reply.raw.writableNeedDrain) return;
    this.#ifKeyIsValid(() => {
      if (!this.#isBehind) return;
      this.#isBehind = false;
      this.#listener({ kind: 'resource_updated', uri: inboxUri(this.#session.caller) });
    });
  }

  readonly #drained = (): void => {
    this.#wasBehindAtHeartbeat = false;
    this.#tell();
  };

  #beat(): void {
    if (this.#wasBehindAtHeartbeat && this.#isBehind) this.#end();
    this.#wasBehindAtHeartbeat = this.#isBehind;
    this.#ifKeyIsValid(() => undefined);
  }

  #ifKeyIsValid(then: () => void): void {
    this.#mayGoOn().then((may) => (may ? then() : this.#end()), this.#end);
  }

  /** Looks the key up only after something has changed that keys depend on. */
  async #mayGoOn(): Promise<boolean> {
    const { deps, caller, isKeyValid } = this.#session;
    if (isExpired(caller, deps.clock.now())) return false;
    const version = await deps.db.accessVersion();
    if (version !== this.#keyVersion && !(await isKeyValid())) return false;
    this.#keyVersion = version;
    return true;
  }
}
