import { setTimeout as sleep } from 'node:timers/promises';
import { THINKING_MS } from './agent.ts';
import type { Callback } from './callback.ts';
import { liveEvents } from './live-events.ts';
import type { Person } from './person.ts';

/** A message from the inbox, with the fields of a callback. */
export interface Fetched extends Callback {
  delivery_id: string;
}

export interface InboxAgentOptions {
  owner: Person;
  label: string;
  /** The connection with the highest priority gets messages that name no connection. */
  priority: number;
  /** The reply to a message; undefined: none. */
  reply(message: Fetched): string | undefined;
  onTaken(agent: InboxAgent, message: Fetched): void;
}

/** An agent without an address: it fetches its messages, and acknowledges each once it has it. */
export class InboxAgent {
  readonly taken: Fetched[] = [];
  readonly #options: InboxAgentOptions;
  #connectionId = '';

  constructor(options: InboxAgentOptions) {
    this.#options = options;
  }

  get owner(): Person {
    return this.#options.owner;
  }

  async connect(): Promise<void> {
    const { label, priority: routing_priority } = this.#options;
    const body = { framework: 'demo', label, mode: 'polling', routing_priority };
    const answer = (await this.owner.call('POST', '/agents', body)) as { connection_id: string };
    this.#connectionId = answer.connection_id;
  }

  /** Polls for ever: each answer comes with the first message, or after half a minute without one. */
  async poll(): Promise<never> {
    for (;;) await this.#take('&wait=30');
  }

  /** Follows the owner's live events for ever, reports each, and fetches when one is about a message. */
  async watch(onEvent: (type: string, data: Readonly<Record<string, unknown>>) => void): Promise<void> {
    for await (const { type, data } of liveEvents(await this.owner.open('/events'))) {
      onEvent(type, data);
      if (type === 'message_received' && data['connection_id'] === this.#connectionId) await this.#take();
    }
  }

  async #take(query = ''): Promise<void> {
    const path = `/inbox?connection_id=${this.#connectionId}${query}`;
    const messages = (await this.owner.call('GET', path)) as Fetched[];
    for (const message of messages) {
      this.taken.push(message);
      this.#options.onTaken(this, message);
    }
    const delivery_ids = messages.map(({ delivery_id }) => delivery_id);
    await this.owner.call('POST', '/inbox/ack', { delivery_ids });
    for (const message of messages) await this.#answer(message);
  }

  async #answer(message: Fetched): Promise<void> {
    const text = this.#options.reply(message);
    if (text === undefined) return;
    await sleep(THINKING_MS);
    await this.owner.reply(message, text, this.#connectionId);
  }
}
