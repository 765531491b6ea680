import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { storedDecisions, storedPart } from '@mahilo/shared/bounds/stored-bytes';
import { idAtTime } from '@mahilo/shared/ids';
import pLimit from 'p-limit';
import type { ApiDeps } from '../deps.ts';

/** Senders remembered at once; those whose last send is longest ago are forgotten first. */
const MAX_SENDERS = 20_000;
/** Messages summed up at once. It takes about a millisecond, in which the process does nothing else. */
const PART = 5000;
/** An id is created a moment before or after `created_at` is read. */
const ID_TOLERANCE_MS = 1;
/** How long (ms) a count waits for a message to be committed: without a commit it was not accepted. */
const LONGEST_WAIT_MS = 1000;

interface Sender {
  bytes: number;
  /** When (monotonic ms) a count began; undefined: never. */
  countedAt: number | undefined;
}

/**
 * Bytes that each sender's messages take. The database counts them at a sender's first send, and again from time to
 * time; in between this adds what it accepts. So it costs a send nothing, and lags a little.
 */
export class StoredBytes {
  readonly #deps: Pick<ApiDeps, 'db' | 'clock' | 'log'>;
  readonly #senders = new Map<string, Sender>();
  readonly #inTurn = pLimit(1);
  readonly #commits: Disposable;
  /** Those of whom a message is being accepted: a count might miss it, or not. */
  readonly #accepting = new Set<Sender>();
  #nextCommit = Promise.withResolvers<void>();
  #isClosed = false;

  constructor(deps: Pick<ApiDeps, 'db' | 'clock' | 'log'>) {
    this.#deps = deps;
    this.#commits = deps.db.onCommit(() => {
      this.#accepting.clear();
      this.#nextCommit.resolve();
      this.#nextCommit = Promise.withResolvers();
    });
  }

  /** The count as far as it is known. Starts a new one when it is older than `maxAgeMs`. */
  of(userId: string, maxAgeMs: number): number {
    const sender = this.#remembered(userId);
    const now = this.#deps.clock.monotonicMs();
    if (sender.countedAt === undefined || sender.countedAt + maxAgeMs <= now) {
      sender.countedAt = now;
      void this.#inTurn(() => this.#count(userId, sender));
    }
    return sender.bytes;
  }

  /** Adds a message that is being accepted. */
  add(userId: string, bytes: number): void {
    const sender = this.#senders.get(userId) ?? this.#remembered(userId);
    sender.bytes += bytes;
    this.#accepting.add(sender);
  }

  /** The count of the database, for callers that can wait. */
  async look(userId: string): Promise<number> {
    const sender = this.#remembered(userId);
    await this.#inTurn(() => this.#count(userId, sender));
    return sender.bytes;
  }

  /** Starts no further count, and waits for the current one. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#commits[Symbol.dispose]();
    this.#nextCommit.resolve();
    await this.#inTurn(async () => undefined);
  }

  #remembered(userId: string): Sender {
    const sender = this.#senders.get(userId) ?? { bytes: 0, countedAt: undefined };
    // The sender used last comes last.
    this.#senders.delete(userId);
    this.#senders.set(userId, sender);
    const oldest = this.#senders.size > MAX_SENDERS ? this.#senders.keys().next().value : undefined;
    if (oldest !== undefined) this.#senders.delete(oldest);
    return sender;
  }

  async #committed(): Promise<void> {
    await Promise.race([this.#nextCommit.promise, sleep(LONGEST_WAIT_MS, undefined, { ref: false })]);
  }

  async #count(userId: string, sender: Sender): Promise<void> {
    const { db, clock, log } = this.#deps;
    if (this.#accepting.has(sender)) await this.#committed();
    const before = idAtTime('msg', clock.now() + ID_TOLERANCE_MS);
    const previousBytes = sender.bytes;
    let after = '';
    try {
      const [decided] = await storedDecisions(db.kysely, userId);
      let bytes = decided?.bytes ?? 0;
      for (;;) {
        if (this.#isClosed) return;
        const [part] = await storedPart(db.kysely, userId, after, before, PART);
        bytes += part?.bytes ?? 0;
        if (part?.last == null || part.messages < PART) break;
        after = part.last;
        await turn();
      }
      // The sum does not contain what was accepted meanwhile.
      sender.bytes += bytes - previousBytes;
    } catch (err) {
      log.warn({ err, user_id: userId }, 'What a user has stored could not be counted');
    }
  }
}
