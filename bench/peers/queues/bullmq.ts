import { type Attempt, type Job, type Place, packageOf, type Queue } from './queue.ts';

interface BullQueue {
  add(name: string, data: Job, options: object): Promise<unknown>;
  addBulk(jobs: { name: string; data: Job; opts: object }[]): Promise<unknown>;
  getCompletedCount(): Promise<number>;
}

interface BullMq {
  Queue: new (name: string, options: object) => BullQueue;
  Worker: new (name: string, work: (job: { data: Job }) => Promise<Attempt>, options: object) => unknown;
}

const NAME = 'callbacks';
const RETRIES = { attempts: 10, backoff: { type: 'exponential', delay: 1000 } };
/** Each is one transaction of Redis. */
const IN_BULK = 1000;

/** BullMQ on Redis. What a worker returns is recorded with its job. */
export async function bullmq(place: Place): Promise<Queue> {
  const { Queue, Worker } = await packageOf<BullMq>(place, 'bullmq');
  const connection = { host: '127.0.0.1', port: Number(place.store), maxRetriesPerRequest: null };
  const queue = new Queue(NAME, { connection });
  return {
    add: (job) => queue.add(NAME, job, RETRIES),
    async addAll(jobs) {
      for (let n = 0; n < jobs.length; n += IN_BULK) {
        const some = jobs.slice(n, n + IN_BULK);
        await queue.addBulk(some.map((data) => ({ name: NAME, data, opts: RETRIES })));
      }
    },
    work: async (deliver, concurrency) =>
      new Worker(NAME, ({ data }) => deliver(data), { connection, concurrency }),
    recorded: () => queue.getCompletedCount(),
  };
}
