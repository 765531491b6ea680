import type { PostLoopQuestion } from '../bare/post-loop.ts';
import { type PostLoop, startPostLoop } from '../bare/post-loop-client.ts';
import { Receiver } from '../bare/receiver-client.ts';
import type { Case, Result } from '../case.ts';
import { withCost } from '../rig/cost.ts';
import type { Lab } from '../rig/lab.ts';
import { registerPairs } from '../rig/people.ts';
import { Product } from '../rig/product.ts';
import { median } from '../statistics.ts';
import { drain } from './drain.ts';

const AGENTS = 50;
const CONCURRENCY = 50;

export const deliver: Case = {
  name: 'deliver',
  about: `Deliveries a second of one worker with ${CONCURRENCY} callbacks in flight, to ${AGENTS} agents at one fast receiver.`,
  run: measure,
};

async function measure(lab: Lab): Promise<Result[]> {
  await using receiver = await Receiver.start();
  await using product = new Product(lab, { WORKER_CONCURRENCY: String(CONCURRENCY) });
  await using loop = startPostLoop();
  await product.startApi();
  const pairs = await registerPairs(product, { senders: AGENTS, recipients: AGENTS }, (n) => receiver.url(n));
  const worker = product.startWorker();
  const urls = pairs.map((_pair, n) => receiver.url(n));
  const round = async (count: number) => ({
    promises: await postRate(loop, { urls, count, concurrency: CONCURRENCY, through: 'promises' }),
    ours: await withCost([worker, ...lab.serving], async () => ({
      perSecond: (count / (await drain(product, receiver, pairs, count))) * 1000,
      messages: count,
    })),
    streams: await postRate(loop, { urls, count, concurrency: CONCURRENCY, through: 'streams' }),
  });

  lab.progress('deliver: warming up');
  await round(lab.size(5000, 100));
  const figures: Awaited<ReturnType<typeof round>>[] = [];
  for (let n = 1; n <= lab.size(5, 1); n++) {
    const figure = await round(lab.size(20_000, 300));
    figures.push(figure);
    const [ours, promises, streams] = [figure.ours, figure.promises, figure.streams].map(({ perSecond }) =>
      Math.round(perSecond),
    );
    lab.progress(`deliver: round ${n}: ${ours}/s; bare ${promises}/s, with streams ${streams}/s`);
  }
  const against = (through: 'promises' | 'streams', name: string): Result => ({
    case: `deliver, against got's ${through}`,
    unit: 'deliveries/s',
    measured: median(figures.map(({ ours }) => ours.perSecond)),
    baseline: { name, value: median(figures.map((figure) => figure[through].perSecond)) },
    rounds: figures.map((figure) => figure.ours.perSecond / figure[through].perSecond),
    judgedAs: 'ratio',
    cost: {
      ours: median(figures.map(({ ours }) => ours.cpuUs)),
      baseline: median(figures.map((figure) => figure[through].cpuUs)),
    },
  });
  return [
    { ...against('promises', 'a loop of signed got.post, no database'), target: { atLeast: 0.85 } },
    against('streams', 'the same with got.stream.post, which costs less'),
  ];
}

function postRate(loop: PostLoop, question: PostLoopQuestion) {
  return withCost([loop.started], async () => ({
    perSecond: (question.count / (await loop.post(question))) * 1000,
    messages: question.count,
  }));
}
