import { setImmediate as turn } from 'node:timers/promises';
import { storedPart } from '@mahilo/shared/bounds/stored-bytes';
import { idAtTime } from '@mahilo/shared/ids';
import pLimit from 'p-limit';
import type { ApiDeps } from '../deps.ts';

/** Senders remembered at once; who has not sent for longest is forgotten first. */
const MAX_SENDERS = 20_000;
/** Messages summed up at once: that takes about a millisecond, in which the process does nothing else. */
const PART = 5000;
/** Ids are made a moment before or after `created_at` is read. */
const ID_TOLERANCE_MS = 1;

interface Sender {
  bytes: number;
  /** When (monotonic ms) a count began; undefined: never. */
  countedAt: number | undefined;
}

/**
 * Bytes that each sender's messages take. Counted in the database when somebody sends for the first time, and again from
 * time to time; in between what is accepted here is added. So it costs a send nothing, and lags a little.
 */
export class StoredBytes {
  readonly #deps: Pick<ApiDeps, 'db' | 'clock' | 'log'>;
  readonly #senders = new Map<string, Sender>();
  readonly #inTurn = pLimit(1);
  #isClosed = false;

  constructor(deps: Pick<ApiDeps, 'db' | 'clock' | 'log'>) {
    this.#deps = deps;
  }

  /** As far as it is known; the count that makes it known begins now if it is older than `maxAgeMs`. */
  of(userId: string, maxAgeMs: number): number {
    const sender = this.#remembered(userId);
    const now = this.#deps.clock.monotonicMs();
    if (sender.countedAt === undefined || sender.countedAt + maxAgeMs <= now) {
      sender.countedAt = now;
      void this.#inTurn(() => this.#count(userId, sender));
    }
    return sender.bytes;
  }

  /** Counts what was accepted now. */
  add(userId: string, bytes: number): void {
    this.#remembered(userId).bytes += bytes;
  }

  /** What the database says, for whom it is worth the wait. */
  async look(userId: string): Promise<number> {
    const sender = this.#remembered(userId);
    await this.#inTurn(() => this.#count(userId, sender));
    return sender.bytes;
  }

  /** Begins no further count, and waits for the present one. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#inTurn(async () => undefined);
  }

  #remembered(userId: string): Sender {
    const sender = this.#senders.get(userId) ?? { bytes: 0, countedAt: undefined };
    // The one that was used last comes last.
    this.#senders.delete(userId);
    this.#senders.set(userId, sender);
    const oldest = this.#senders.size > MAX_SENDERS ? this.#senders.keys().next().value : undefined;
    if (oldest !== undefined) this.#senders.delete(oldest);
    return sender;
  }

  async #count(userId: string, sender: Sender): Promise<void> {
    const { db, clock, log } = this.#deps;
    const before = idAtTime('msg', clock.now() + ID_TOLERANCE_MS);
    const previousBytes = sender.bytes;
    let bytes = 0;
    let after = '';
    try {
      for (;;) {
        if (this.#isClosed) return;
        const [part] = await storedPart(db.kysely, userId, after, before, PART);
        bytes += part?.bytes ?? 0;
        if (part?.last == null || part.messages < PART) break;
        after = part.last;
        await turn();
      }
      // What was accepted while this went on is not in the sum.
      sender.bytes += bytes - previousBytes;
    } catch (err) {
      log.warn({ err, user_id: userId }, 'What a user has stored could not be counted');
    }
  }
}
