import { createHash } from 'node:crypto';
import type { Clock } from '@mahilo/shared/clock';
import type { Database } from '@mahilo/shared/db/database';
import { HEARTBEAT_MS, WORKER_GONE_AFTER_MS } from '@mahilo/shared/outbox/workers';

/** How long (ms) the list of workers stays valid while there is work. */
const REFRESH_MS = 250;
/** Homes remembered at once; forgotten ones are computed again. */
const MAX_REMEMBERED = 100_000;

/**
 * The live workers, and the lanes that are at home with this one. Each lane has one home among them, so that they
 * share the work evenly and reuse an agent's keep-alive sockets. Other workers leave a lane to its home for a moment
 * before they serve it themselves. This only affects which worker is faster: leases alone decide which one owns a
 * delivery.
 */
export class WorkerMembership {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #self: string;
  #workers: readonly string[];
  #homes = new Map<string, boolean>();
  #knownAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(db: Database, clock: Clock, self: string) {
    this.#db = db;
    this.#clock = clock;
    this.#self = self;
    this.#workers = [self];
  }

  /** Registers this worker, and keeps it registered until `leave`. */
  async join(onError: (error: unknown) => void): Promise<void> {
    const beat = () => this.#beat().catch(onError);
    this.#timer = setInterval(beat, HEARTBEAT_MS);
    await beat();
  }

  /** Reads the list of workers again when it is no longer valid. */
  async refresh(): Promise<void> {
    if (this.#clock.monotonicMs() < this.#knownAt + REFRESH_MS) return;
    this.#know(await this.#db.kysely.selectFrom('workers').select('id').orderBy('id').execute());
  }

  /** Leaves the lanes to the others. */
  async leave(): Promise<void> {
    clearInterval(this.#timer);
    await this.#db.write((trx) => trx.deleteFrom('workers').where('id', '=', this.#self).execute());
  }

  get isAlone(): boolean {
    return this.#workers.length === 1;
  }

  /** Whether this worker does what one of them has to do. Others may think so for a moment when a worker comes or goes. */
  get isFirst(): boolean {
    return this.#workers[0] === this.#self;
  }

  /** Whether a lane is at home with this worker: rendezvous hashing, so that few lanes move when a worker comes or goes. */
  isHome(connectionId: string): boolean {
    if (this.isAlone) return true;
    const cached = this.#homes.get(connectionId);
    if (cached !== undefined) return cached;
    if (this.#homes.size >= MAX_REMEMBERED) this.#homes.clear();
    const weights = this.#workers.map((worker) => weight(worker, connectionId));
    const isHome = weight(this.#self, connectionId) === weights.sort().at(-1);
    this.#homes.set(connectionId, isHome);
    return isHome;
  }

  async #beat(): Promise<void> {
    const now = this.#clock.now();
    const workers = await this.#db.write(async (trx) => {
      await trx
        .insertInto('workers')
        .values({ id: this.#self, started_at: now, heartbeat_at: now })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ heartbeat_at: now }))
        .execute();
      await trx
        .deleteFrom('workers')
        .where('heartbeat_at', '<', now - WORKER_GONE_AFTER_MS)
        .execute();
      return trx.selectFrom('workers').select('id').orderBy('id').execute();
    });
    this.#know(workers);
  }

  #know(workers: readonly { id: string }[]): void {
    const ids = workers.map((worker) => worker.id);
    if (ids.join() !== this.#workers.join()) this.#homes.clear();
    this.#workers = ids;
    this.#knownAt = this.#clock.monotonicMs();
  }
}

function weight(worker: string, connectionId: string): string {
  return createHash('sha1').update(worker).update(connectionId).digest('hex');
}
