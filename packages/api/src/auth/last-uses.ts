import type { Statement } from '@mahilo/shared/db/statement';
import type { ApiDatabase } from '../access/api-database.ts';
import type { Caller } from '../access/caller.ts';

/** The last use is recorded to the hour (ms), since each record is a write. */
const NOTED_EVERY_MS = 3_600_000;
const WRITTEN_EVERY_MS = 60_000;
/** Most that wait to be written; further ones are recorded at their next use. */
const MAX_WAITING = 10_000;
/** Written in one transaction, so that other writes need not wait long. */
const BATCH = 500;

/** Records when keys, or sessions, were used, in the background: no request waits for it. */
export class LastUses {
  readonly #db: Pick<ApiDatabase, 'write'>;
  readonly #record: Statement<[usedAt: number, id: string], never>;
  readonly #timer: NodeJS.Timeout;
  /** When each was used (ms), by its id. */
  readonly #waiting = new Map<string, number>();

  constructor(db: Pick<ApiDatabase, 'write'>, record: Statement<[usedAt: number, id: string], never>) {
    this.#db = db;
    this.#record = record;
    this.#timer = setInterval(() => void this.flush(), WRITTEN_EVERY_MS);
  }

  /** Notes that `caller` used the key or session with this id. */
  note(id: string, caller: Pick<Caller, 'lastUsedAt'>, now: number): void {
    if (caller.lastUsedAt !== null && now < caller.lastUsedAt + NOTED_EVERY_MS) return;
    if (this.#waiting.size >= MAX_WAITING) return;
    caller.lastUsedAt = now;
    this.#waiting.set(id, now);
  }

  /** Writes what waits, and drops what cannot be written: it is only information for their owner. */
  async flush(): Promise<void> {
    const uses = [...this.#waiting];
    this.#waiting.clear();
    for (let from = 0; from < uses.length; from += BATCH) {
      await this.#db
        .write('registry', async (trx) => {
          for (const [id, usedAt] of uses.slice(from, from + BATCH)) await this.#record(trx, usedAt, id);
        })
        .catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}
