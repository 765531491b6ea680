import { setTimeout as sleep } from 'node:timers/promises';
import { OwnConnection } from './connection.ts';
import type { Servers } from './servers.ts';

/** How often (ms) to look without a notification: a pooler passes on none. */
const FALLBACK_MS = 500;
const RECONNECT_AFTER_MS = 1000;
/**
 * After so many looks that find the one before without its answer the server is gone. They are counted, and time is not
 * measured: a process that stood still itself must hear what has come meanwhile.
 */
const MOST_UNANSWERED = 10;
const ANSWER_MS = 10_000;

/** A channel for each schema; those of other databases are others anyway. */
const CHANNEL = "select 'mahilo_' || md5(current_schema()) as channel";
/** Another text than before when a transaction that wrote has ended meanwhile. */
const SNAPSHOT = 'select pg_current_snapshot()::text as snapshot';

/** The part of a connection pool that is asked. */
type Ask = (text: string) => Promise<readonly unknown[]>;

/**
 * Tells other processes of commits, and hears of theirs. The notification is sent after the commit, and never in its
 * transaction: there it takes a lock of the whole server until the commit is durable. One is under way at most, and one to
 * come. Its connection is the one that listens, so that this process knows which are its own.
 */
export class ChangeWatch implements Disposable {
  readonly #servers: Servers;
  readonly #ask: Ask;
  readonly #gone: (url: string) => void;
  readonly #listeners = new Set<() => void>();
  #listening: { own: OwnConnection; channel: string } | undefined;
  #fallback: NodeJS.Timeout | undefined;
  readonly #stop = new AbortController();
  #isAsking = false;
  #unanswered = 0;
  #snapshot: unknown;
  #version = 0;
  #isNotifying = false;
  #isOwed = false;

  /**
   * `ask` asks on another connection; `gone` is called with the URL of a server that does not answer any more, though nothing
   * has ended its connections. Nothing is asked before somebody wants to know.
   */
  constructor(servers: Servers, ask: Ask, gone: (url: string) => void) {
    this.#servers = servers;
    this.#ask = ask;
    this.#gone = gone;
  }

  /** Grows when another process may have committed. */
  get version(): number {
    this.#start();
    return this.#version;
  }

  /** Calls `listener`, which must not throw, soon after other processes have committed. */
  onChange(listener: () => void): Disposable {
    this.#start();
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** To be called after each commit of this process. */
  committed(): void {
    this.#isOwed = true;
    if (!this.#isNotifying) void this.#notify();
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    clearInterval(this.#fallback);
    this.#listening?.own.close();
  }

  #start(): void {
    if (this.#fallback !== undefined || this.#stop.signal.aborted) return;
    this.#fallback = setInterval(() => void this.#look(), FALLBACK_MS);
    void this.#follow();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#listen().catch(() => undefined);
      await sleep(RECONNECT_AFTER_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Listens until the connection ends. */
  async #listen(): Promise<void> {
    const own = await OwnConnection.open(this.#servers, ANSWER_MS);
    own.onNotification(() => this.#changed());
    try {
      const [row] = (await own.connection.run(CHANNEL)).rows as { channel: string }[];
      const channel = String(row?.channel);
      await own.connection.command(`listen ${channel}`);
      this.#listening = { own, channel };
      // Nobody knows what was missed before.
      this.#changed();
      if (!this.#stop.signal.aborted) await own.ended;
    } finally {
      this.#listening = undefined;
      own.close();
    }
  }

  async #look(): Promise<void> {
    const own = this.#listening?.own;
    if (this.#isAsking) {
      // On other connections there is something to wait for; this one is never busy.
      if (own === undefined) return;
      this.#unanswered += 1;
      if (this.#unanswered === MOST_UNANSWERED) this.#gone(own.url);
      return;
    }
    this.#isAsking = true;
    this.#unanswered = 0;
    try {
      const rows = own === undefined ? await this.#ask(SNAPSHOT) : (await own.connection.run(SNAPSHOT)).rows;
      const [row] = rows as { snapshot: string }[];
      if (row?.snapshot !== this.#snapshot) this.#changed();
      this.#snapshot = row?.snapshot;
    } catch {
      // While the database cannot be asked, there is nothing to see.
    }
    this.#isAsking = false;
  }

  #changed(): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }

  async #notify(): Promise<void> {
    this.#isNotifying = true;
    while (this.#isOwed) {
      this.#isOwed = false;
      const { own, channel } = this.#listening ?? {};
      // Without it the others look by themselves.
      await own?.connection.command(`notify ${channel}`).catch(() => own.close());
    }
    this.#isNotifying = false;
  }
}
