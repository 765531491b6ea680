/**
 * A process of a peer. Arguments: which peer, `front` or `worker`, its place as JSON, callbacks in flight, port of
 * the front. The front is bare Fastify: one validated route that adds a job. It takes messages: `{ fill }` adds jobs in
 * bulk, `{ recorded }` returns how many attempts are recorded.
 */
import { fastify } from 'fastify';
import { messageText } from '../rig/message-text.ts';
import { deliver } from './callback.ts';
import { bullmq } from './queues/bullmq.ts';
import { graphileWorker } from './queues/graphile-worker.ts';
import { pgBoss } from './queues/pg-boss.ts';
import { plainjob } from './queues/plainjob.ts';
import type { OpenQueue, Queue } from './queues/queue.ts';

export type FrontQuestion = { fill: { count: number; urls: string[] } } | { recorded: true };

const QUEUES = {
  bullmq,
  'graphile-worker': graphileWorker,
  'pg-boss': pgBoss,
  plainjob,
} as const satisfies Record<string, OpenQueue>;

const SCHEMA = {
  body: {
    type: 'object',
    required: ['recipient', 'message'],
    properties: {
      recipient: { type: 'string', minLength: 1, maxLength: 100 },
      message: { type: 'string', minLength: 1 },
    },
  },
  response: { 200: { type: 'object', properties: { status: { type: 'string' } } } },
} as const;

const [name = '', role, place = '{}', concurrency, port] = process.argv.slice(2);
const open: OpenQueue | undefined = Object.entries(QUEUES).find(([key]) => key === name)?.[1];
if (open === undefined) throw new Error(`There is no peer ${name}.`);
const queue = await open(JSON.parse(place));
process.once('disconnect', () => process.exit());
process.once('SIGTERM', () => process.exit());
if (role === 'front') {
  process.on('message', (question: FrontQuestion) => answer(queue, question));
  await serve(queue, Number(port));
} else {
  await queue.work(deliver, Number(concurrency));
  process.send?.('ready');
}

async function answer(queue: Queue, question: FrontQuestion): Promise<void> {
  if ('fill' in question) {
    const { count, urls } = question.fill;
    const jobs = Array.from({ length: count }, (_, n) => ({
      n,
      url: urls[n % urls.length] ?? '',
      message: messageText(n),
    }));
    await queue.addAll(jobs);
    process.send?.('filled');
  } else process.send?.(await queue.recorded());
}

async function serve(queue: Queue, port: number): Promise<void> {
  let n = 0;
  const app = fastify();
  app.get('/health', () => ({ status: 'ok' }));
  app.post<{ Body: { recipient: string; message: string } }>(
    '/api/v1/messages/send',
    { schema: SCHEMA },
    async ({ body }) => {
      n += 1;
      await queue.add({ n, url: body.recipient, message: body.message });
      return { status: 'pending' };
    },
  );
  await app.listen({ host: '127.0.0.1', port });
}
