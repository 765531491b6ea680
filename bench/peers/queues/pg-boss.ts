import { type Attempt, connectionString, type Job, type Place, packageOf, type Queue } from './queue.ts';

interface Result {
  id: string;
  status: 'completed' | 'failed';
  output: Attempt | { error: string };
}

interface Boss {
  on(event: 'error', listener: () => void): void;
  start(): Promise<unknown>;
  createQueue(name: string, options: object): Promise<void>;
  send(name: string, job: Job): Promise<unknown>;
  insert(name: string, jobs: { data: Job }[]): Promise<unknown>;
  work(
    name: string,
    options: object,
    handle: (jobs: { id: string; data: Job }[]) => Promise<Result[]>,
  ): Promise<unknown>;
  getDb(): { executeSql(statement: string): Promise<{ rows: { count: string }[] }> };
}

interface PgBoss {
  PgBoss: new (options: object) => Boss;
}

const NAME = 'callbacks';
const IN_BULK = 1000;
/** Jobs that a fetch takes: one that hangs keeps the others of its batch from being settled, so it is small. */
const BATCH = 10;

/** pg-boss on PostgreSQL, woken by NOTIFY. What a worker returns is recorded with its job. */
export async function pgBoss(place: Place): Promise<Queue> {
  const { PgBoss } = await packageOf<PgBoss>(place, 'pg-boss');
  const boss = new PgBoss({ connectionString: connectionString(place), useListenNotify: true });
  boss.on('error', () => undefined);
  await boss.start();
  await boss.createQueue(NAME, { retryLimit: 10, retryBackoff: true, notify: true });
  return {
    add: (job) => boss.send(NAME, job),
    async addAll(jobs) {
      for (let n = 0; n < jobs.length; n += IN_BULK) {
        await boss.insert(
          NAME,
          jobs.slice(n, n + IN_BULK).map((data) => ({ data })),
        );
      }
    },
    work: (deliver, concurrency) =>
      boss.work(
        NAME,
        {
          batchSize: BATCH,
          localConcurrency: Math.ceil(concurrency / BATCH),
          perJobResults: true,
          burstWhenBatchFull: true,
          pollingIntervalSeconds: 0.5,
        },
        (jobs) => Promise.all(jobs.map(({ id, data }) => resultOf(id, deliver(data)))),
      ),
    async recorded() {
      const statement = `select count(*) from pgboss.job where name = '${NAME}' and state = 'completed'`;
      const { rows } = await boss.getDb().executeSql(statement);
      return Number(rows[0]?.count);
    },
  };
}

async function resultOf(id: string, delivery: Promise<Attempt>): Promise<Result> {
  try {
    return { id, status: 'completed', output: await delivery };
  } catch (error) {
    return { id, status: 'failed', output: { error: String(error) } };
  }
}
