import { setImmediate as turn } from 'node:timers/promises';
import type { User } from '@mahilo/shared/accounts/users';
import type { Clock } from '@mahilo/shared/clock';
import type { DatabaseReader } from '@mahilo/shared/db/database';
import { type EventRow, userEventsAfter } from '@mahilo/shared/events/tail';
import { Notifier } from '@mahilo/shared/notifier';
import type { FastifyBaseLogger } from 'fastify';
import type { CatchUps, Place } from './catch-ups.ts';
import type { Feed, Subscription } from './feed.ts';
import { type LiveEvent, toLiveEvent } from './live-event.ts';
import { connectionEvent, isStillKept } from './resume.ts';

/** Events read from the log at once. */
const PAGE = 32;
/** Full pages that a catch-up reads without a rest: a client that was away for a short time has its events at once. */
const PAGES_AT_ONCE = 16;

/** Why a stream ends, as WebSocket close codes (RFC 6455 §7.4.1; 4000–4999 are ours). */
export const END = {
  goingAway: 1001,
  failed: 1011,
  tryAgain: 1013,
  unauthorized: 4001,
  tooSlow: 4008,
  tooMany: 4029,
} as const;

export type EndCode = (typeof END)[keyof typeof END];

/** Where a stream's events go: one client. Calls the stream's `drained`, and `close` when the client has gone. */
export interface Sink {
  /** Takes an event. @returns whether it has room for more; if not, it will call `drained`. */
  send(event: LiveEvent): boolean;
  /** Shows the client, and proxies on the way, that the stream is alive. */
  heartbeat(): void;
  /** Reports the reason to the client where possible, and disconnects it. Called once. */
  end(code: EndCode, reason: string): void;
}

export interface StreamDeps {
  db: DatabaseReader;
  clock: Clock;
  feed: Pick<Feed, 'subscribe'>;
  log: FastifyBaseLogger;
  catchUps: Pick<CatchUps, 'queue'>;
  heartbeatMs: number;
}

export interface StreamRequest {
  user: User;
  /** The event after which to continue; undefined: begin with new events. */
  after: number | undefined;
  /** Whether the key that opened the stream is still valid. */
  isKeyValid(): Promise<boolean>;
  /** Whether its time is over, of which no change in the database tells; absent: it has no end. */
  isKeyExpired?: () => boolean;
  /** Which of the user's events the stream shows; absent: all. */
  shows?: (event: LiveEvent) => boolean;
}

/**
 * A user's events, from one on, each once and in order, to one sink.
 *
 * A stream is behind or live. Behind, it reads its events from the log, a page at a time, as the sink has room. Live, it
 * sends what the feed hands it. It becomes live when a page was the last one and the feed has handed it nothing since
 * before that page was read: what was committed earlier was in the page, and what is committed later is handed over. A
 * stream whose sink is full is behind again: the log is the buffer, not the memory. One that is far behind takes turns
 * with all others that are.
 */
export class EventStream {
  readonly #deps: StreamDeps;
  readonly #request: StreamRequest;
  readonly #sink: Sink;
  readonly #onClose: (reason: string) => void;
  readonly #room = new Notifier();
  readonly #heart: NodeJS.Timeout;
  #subscription: Subscription | undefined;
  /** Where it waits to read on. */
  #place: Place | undefined;
  /** The last event that was sent. */
  #position = 0;
  /** The access version under which the key was last found valid. */
  #keyVersion: unknown;
  #isLive = false;
  #isMore = false;
  #isFull = false;
  #wasFullAtHeartbeat = false;
  #isClosed = false;

  constructor(deps: StreamDeps, request: StreamRequest, sink: Sink, onClose: (reason: string) => void) {
    this.#deps = deps;
    this.#request = request;
    this.#sink = sink;
    this.#onClose = onClose;
    this.#heart = setInterval(() => this.#safely(() => this.#beat()), deps.heartbeatMs);
  }

  start(): void {
    if (this.#isClosed) return;
    this.#subscription = this.#deps.feed.subscribe(this.#request.user.id, (event, version) =>
      this.#hear(event, version),
    );
    const { ready } = this.#subscription;
    this.#safely(async () => {
      await ready;
      const first = await connectionEvent(this.#deps, this.#request);
      if (this.#isClosed) return;
      this.#give(first);
      await this.#catchUp();
    });
  }

  /** The sink has room again. */
  drained(): void {
    this.#isFull = false;
    this.#wasFullAtHeartbeat = false;
    this.#room.notify();
  }

  /** Ends the stream, and reports the reason to the client. Idempotent, as is `close`. */
  end(code: EndCode, reason: string): void {
    if (this.#isClosed) return;
    this.close(reason);
    this.#sink.end(code, reason);
  }

  /** Releases everything; sends nothing more. */
  close(reason = 'The client has gone.'): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#heart);
    this.#subscription?.[Symbol.dispose]();
    this.#room.notify();
    this.#place?.[Symbol.dispose]();
    this.#onClose(reason);
  }

  /** `version` is the access version after the event. */
  #hear(event: LiveEvent, version: number): void {
    if (this.#isClosed || event.id <= this.#position) return;
    if (!this.#isLive) {
      this.#isMore = true;
    } else if (version !== this.#keyVersion || this.#isKeyExpired()) {
      // A dead key gets no event that happened after its end, so this checks the key before it sends more.
      this.#position = event.id - 1;
      this.#fallBehind();
    } else {
      this.#give(event);
      if (this.#isFull) this.#fallBehind();
    }
  }

  #give(event: LiveEvent): void {
    this.#position = event.id;
    if (this.#request.shows?.(event) ?? true) this.#isFull = !this.#sink.send(event);
  }

  #fallBehind(): void {
    this.#isLive = false;
    this.#safely(() => this.#catchUp());
  }

  async #catchUp(): Promise<void> {
    let fullPages = 0;
    do {
      while (this.#isFull && !this.#isClosed) await this.#room.wait(Number.POSITIVE_INFINITY);
      using _place = await this.#turn(fullPages);
      if (this.#isClosed) return;
      fullPages = (await this.#takePage()) ? fullPages + 1 : 0;
      if (this.#isClosed) return;
    } while (this.#isMore);
    this.#isLive = true;
  }

  /** Leaves the process to others before the next page of a catch-up, which has read so many without an end. */
  async #turn(fullPages: number): Promise<Place | undefined> {
    if (fullPages > PAGES_AT_ONCE) {
      this.#place = this.#deps.catchUps.queue(this.#request.user.id);
      await this.#place.turn;
      return this.#place;
    }
    if (fullPages > 0) await turn();
    return undefined;
  }

  /** @returns whether the log has more behind this page */
  async #takePage(): Promise<boolean> {
    this.#isMore = false;
    const { rows, goOnAfter } = await userEventsAfter(
      this.#deps.db.kysely,
      this.#request.user.id,
      this.#position,
      PAGE,
    );
    // Both checks follow the reading of the page, so they hold for all of it.
    if (!(await this.#mayGoOn()) || this.#isClosed) return false;
    this.#giveAll(rows);
    if (this.#isFull) {
      this.#isMore = true;
    } else if (goOnAfter !== undefined) {
      this.#isMore = true;
      this.#position = goOnAfter;
    }
    return goOnAfter !== undefined;
  }

  #giveAll(rows: readonly EventRow[]): void {
    for (const row of rows) {
      // The rest of the page is read again later: it must not wait in memory for a client that does not read.
      if (this.#isFull) break;
      this.#give(toLiveEvent(row));
    }
  }

  async #mayGoOn(): Promise<boolean> {
    if (!(await this.#isKeyValid())) return false;
    if (await isStillKept(this.#deps.db, this.#position)) return true;
    this.end(END.tryAgain, 'Events that come next were deleted meanwhile; connect again.');
    return false;
  }

  async #isKeyValid(): Promise<boolean> {
    const version = await this.#deps.db.accessVersion();
    const isExpired = this.#isKeyExpired();
    if (version === this.#keyVersion && !isExpired) return true;
    if (!isExpired && (await this.#request.isKeyValid())) {
      this.#keyVersion = version;
      return true;
    }
    this.end(END.unauthorized, 'The API key is not valid any more.');
    return false;
  }

  #isKeyExpired(): boolean {
    return this.#request.isKeyExpired?.() ?? false;
  }

  async #beat(): Promise<void> {
    if (this.#wasFullAtHeartbeat) {
      this.end(END.tooSlow, 'The client does not read.');
    } else if (this.#isFull) {
      this.#wasFullAtHeartbeat = true;
    } else if ((await this.#isKeyValid()) && !this.#isClosed) {
      this.#sink.heartbeat();
    }
  }

  #safely(work: () => Promise<void>): void {
    work().catch((err) => {
      if (this.#isClosed) return;
      this.#deps.log.warn({ err, user_id: this.#request.user.id }, 'Live stream cannot go on');
      this.end(END.failed, 'The events cannot be read at the moment.');
    });
  }
}
