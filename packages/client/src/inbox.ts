import { type Connection, errorOf } from './connection.ts';
import type { Encryption } from './encryption/encryption.ts';
import { bare, mayBeOpenedLater, type Opening } from './encryption/opening.ts';
import type { components } from './openapi.ts';
import { Patience } from './patience.ts';
import { pause } from './pause.ts';

/**
 * A message of the inbox: the body of the callback that would have been sent, and its `receipt`. Where the client has
 * keys, what was encrypted has its text, and `verified` is there.
 */
export type Delivery = components['schemas']['InboxMessage'] & Partial<Opening>;

export interface InboxOptions {
  /** Whose messages; without it those of all your polling connections. */
  connectionId?: string | undefined;
  /** How long the registry waits for a message, at most 30 (the default). 0: the iteration ends when there is none. */
  waitSeconds?: number | undefined;
  /** Messages that are fetched at once, 1–100 (default 10). They are leased together, for a minute. */
  limit?: number | undefined;
  /** Ends the iteration, without an error. */
  signal?: AbortSignal | undefined;
}

/** Receipts in one request at most. */
const MAX_ACKNOWLEDGED = 1000;
/** A registry that does not wait, as one that stops, is not asked more often than this (ms). */
const SHORTEST_ROUND_MS = 1000;

/**
 * The messages of polling agents, oldest first. A message is acknowledged once the next one is asked for; not the one
 * whose loop body ends by `break` or an error, nor one that stays encrypted for now.
 * @throws MahiloError on what no time mends, as a key that was replaced.
 */
export async function* inbox(
  connection: Connection,
  options: InboxOptions,
  encryption?: Encryption,
): AsyncGenerator<Delivery, void, void> {
  const { waitSeconds = 30, signal } = options;
  const patience = new Patience(connection.retries, signal);
  const open = (delivery: Delivery) => encryption?.open(delivery) ?? bare(delivery);
  const acknowledgements = new Acknowledgements(connection, signal, encryption);
  try {
    while (!signal?.aborted) {
      const fetched = await fetchOnce(connection, options, patience);
      for (const delivery of fetched ?? []) {
        if (signal?.aborted) return;
        const opened = await open(delivery);
        yield opened;
        if (!mayBeOpenedLater(opened)) acknowledgements.add(opened);
      }
      await acknowledgements.made();
      if (fetched?.length === 0 && waitSeconds === 0) return;
    }
  } finally {
    await acknowledgements.end();
  }
}

/** @returns undefined after a failure that time may mend, and a pause. */
async function fetchOnce(
  connection: Connection,
  { connectionId, waitSeconds = 30, limit = 10, signal }: InboxOptions,
  patience: Patience,
): Promise<Delivery[] | undefined> {
  const query = new URLSearchParams({ wait: String(waitSeconds), limit: String(limit) });
  if (connectionId !== undefined) query.set('connection_id', connectionId);
  const asked = performance.now();
  try {
    const answer = await connection.call({
      method: 'GET',
      path: `/inbox?${query}`,
      signal,
      waitMs: waitSeconds * 1000,
      retries: 0,
    });
    if (!Array.isArray(answer.json)) throw errorOf(answer);
    patience.worked();
    const left = SHORTEST_ROUND_MS - (performance.now() - asked);
    if (answer.json.length === 0 && waitSeconds > 0 && left > 0)
      await pause(left, signal).catch(() => undefined);
    return answer.json as Delivery[];
  } catch (error) {
    await patience.failed(error);
    return undefined;
  }
}

/** @returns how many this settled. @throws MahiloError */
export async function acknowledge(connection: Connection, receipts: readonly string[]): Promise<number> {
  let acknowledged = 0;
  for (let begin = 0; begin < receipts.length; begin += MAX_ACKNOWLEDGED) {
    const body = { receipts: receipts.slice(begin, begin + MAX_ACKNOWLEDGED) };
    // To repeat it is harmless.
    const call = { method: 'POST', path: '/inbox/ack', body, isRepeatable: true };
    const { json } = await connection.call(call);
    acknowledged += (json as components['schemas']['AcknowledgedMessages']).acknowledged;
  }
  return acknowledged;
}

/** Acknowledges while the loop goes on, with one request at a time: what is done meanwhile goes with the next one. */
class Acknowledgements {
  readonly #connection: Connection;
  readonly #signal: AbortSignal | undefined;
  readonly #patience: Patience;
  readonly #encryption: Encryption | undefined;
  #waiting: Delivery[] = [];
  #running: Promise<void> | undefined;
  #error: unknown;
  #isEnding = false;

  constructor(connection: Connection, signal: AbortSignal | undefined, encryption: Encryption | undefined) {
    this.#connection = connection;
    this.#signal = signal;
    this.#encryption = encryption;
    this.#patience = new Patience(connection.retries, signal);
    // The inbox has answered before there is anything to acknowledge.
    this.#patience.worked();
  }

  add(delivery: Delivery): void {
    this.#waiting.push(delivery);
    this.#running ??= this.#run();
  }

  /** Waits until all are acknowledged, however long the registry is away. @throws MahiloError */
  async made(): Promise<void> {
    await this.#running;
    if (this.#error !== undefined) throw this.#error;
  }

  /** Waits until all are acknowledged, as long as a request of its own would. @throws MahiloError */
  async end(): Promise<void> {
    this.#isEnding = true;
    await this.made();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0 && this.#error === undefined) {
      const deliveries = this.#waiting;
      this.#waiting = [];
      try {
        await this.#encryption?.done(deliveries.filter(({ verified }) => verified));
        await acknowledge(
          this.#connection,
          deliveries.map(({ receipt }) => receipt),
        );
      } catch (error) {
        this.#waiting.unshift(...deliveries);
        await this.#bear(error);
      }
    }
    this.#running = undefined;
  }

  async #bear(error: unknown): Promise<void> {
    try {
      if (this.#isEnding || this.#signal?.aborted) throw error;
      await this.#patience.failed(error);
    } catch (final) {
      this.#error = final;
    }
  }
}
