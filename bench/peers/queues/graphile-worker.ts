import { connectionString, type Job, type Place, packageOf, type Queue } from './queue.ts';

interface Client {
  query(statement: string, values?: unknown[]): Promise<{ rows: { count: string }[] }>;
}

interface Utils {
  migrate(): Promise<void>;
  addJob(task: string, payload: Job, options: object): Promise<unknown>;
  addJobs(jobs: { identifier: string; payload: Job; maxAttempts: number }[]): Promise<unknown>;
  withPgClient<T>(work: (client: Client) => Promise<T>): Promise<T>;
}

interface Helpers {
  job: { id: string; attempts: number };
  query: Client['query'];
}

interface GraphileWorker {
  Logger: new (factory: () => () => void) => object;
  makeWorkerUtils(options: object): Promise<Utils>;
  run(options: {
    preset: { worker: object };
    taskList: Record<string, (job: Job, helpers: Helpers) => Promise<void>>;
  }): Promise<unknown>;
}

const TASK = 'callback';
const IN_BULK = 1000;
const ATTEMPTS_TABLE = `create table if not exists attempts (job_id bigint not null, attempt integer not null,
  status integer not null, duration_ms double precision not null, ended_at timestamptz not null default now(),
  primary key (job_id, attempt))`;

/** graphile-worker on PostgreSQL. It deletes jobs that are done, so attempts have a table of their own. */
export async function graphileWorker(place: Place): Promise<Queue> {
  const { Logger, makeWorkerUtils, run } = await packageOf<GraphileWorker>(place, 'graphile-worker');
  const logger = new Logger(() => () => undefined);
  const utils = await makeWorkerUtils({ connectionString: connectionString(place), logger });
  await utils.migrate();
  await utils.withPgClient((client) => client.query(ATTEMPTS_TABLE));
  return {
    add: (job) => utils.addJob(TASK, job, { maxAttempts: 10 }),
    async addAll(jobs) {
      for (let n = 0; n < jobs.length; n += IN_BULK) {
        const some = jobs.slice(n, n + IN_BULK);
        await utils.addJobs(some.map((payload) => ({ identifier: TASK, payload, maxAttempts: 10 })));
      }
    },
    work: (deliver, concurrency) =>
      run({
        // The setup and sizes that its page on performance recommends.
        preset: {
          worker: {
            connectionString: connectionString(place),
            logger,
            concurrentJobs: concurrency,
            maxPoolSize: concurrency + 2,
            localQueue: { size: concurrency + 1 },
            completeJobBatchDelay: 0,
            failJobBatchDelay: 0,
          },
        },
        taskList: {
          [TASK]: async (job, { job: { id, attempts }, query }) => {
            const { status, durationMs } = await deliver(job);
            await query(
              'insert into attempts (job_id, attempt, status, duration_ms) values ($1, $2, $3, $4)',
              [id, attempts, status, durationMs],
            );
          },
        },
      }),
    async recorded() {
      const { rows } = await utils.withPgClient((client) => client.query('select count(*) from attempts'));
      return Number(rows[0]?.count);
    },
  };
}
