import BetterSqlite3 from 'better-sqlite3';
import { type Job, type Place, packageOf, type Queue } from './queue.ts';

interface Jobs {
  add(type: string, job: Job): unknown;
  addMany(type: string, jobs: readonly Job[]): unknown;
}

interface PlainJob {
  better(db: BetterSqlite3.Database): object;
  defineQueue(options: object): Jobs;
  defineWorker(
    type: string,
    work: (job: { id: number; data: string }) => Promise<void>,
    options: object,
  ): { start(): Promise<void> };
}

const TYPE = 'callback';
/** Each of its workers has one job at a time, and polls this often (ms) while there is none. */
const POLL_MS = 100;
const silent = () => undefined;
const LOGGER = { error: silent, warn: silent, info: silent, debug: silent };

/** plainjob on SQLite. It keeps jobs but no results, so attempts have a table of their own. */
export async function plainjob(place: Place): Promise<Queue> {
  const { better, defineQueue, defineWorker } = await packageOf<PlainJob>(place, 'plainjob');
  const db = new BetterSqlite3(place.store, { timeout: 10_000 });
  db.pragma('journal_mode = wal');
  db.pragma('synchronous = full');
  db.exec(`create table if not exists attempts (job_id integer not null, status integer not null,
    duration_ms real not null, ended_at integer not null)`);
  const queue = defineQueue({ connection: better(db), logger: LOGGER });
  // It sets synchronous itself; what is accepted must be on the disk.
  db.pragma('synchronous = full');
  const attempt = db.prepare('insert into attempts values (?, ?, ?, ?)');
  return {
    add: async (job) => queue.add(TYPE, job),
    addAll: async (jobs) => queue.addMany(TYPE, jobs),
    async work(deliver, concurrency) {
      for (let n = 0; n < concurrency; n++) {
        const worker = defineWorker(
          TYPE,
          async ({ id, data }) => {
            const { status, durationMs } = await deliver(JSON.parse(data) as Job);
            attempt.run(id, status, durationMs, Date.now());
          },
          { queue, logger: LOGGER, pollIntervall: POLL_MS },
        );
        void worker.start();
      }
    },
    recorded: async () => Number(db.prepare('select count(*) from attempts').pluck().get()),
  };
}
