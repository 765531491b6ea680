import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Receiver } from '../bare/receiver-client.ts';
import type { Case, Result } from '../case.ts';
import { startArchivedProduct } from '../fill/archived-product.ts';
import type { Lab } from '../rig/lab.ts';
import { type Pair, registerPairs } from '../rig/people.ts';
import { Product } from '../rig/product.ts';
import { median } from '../statistics.ts';
import { drain } from './drain.ts';

const CONCURRENCY = 50;
const MANY = 4;
/** What a worker logs once for each attempt. */
const ATTEMPT_LINE = /"msg":"Delivery attempted"/g;

export const workers: Case = {
  name: 'workers',
  about: `Deliveries a second of two workers against one, and whether ${MANY} share the work and deliver nothing twice.`,
  run: measure,
};

async function measure(lab: Lab): Promise<Result[]> {
  await using receiver = await Receiver.start();
  const { product, pairs } = await filled(lab, (n) => receiver.url(n));
  await using _product = product;
  return [
    await twoAgainstOne(lab, product, receiver, pairs),
    ...(await manyAtOnce(lab, product, receiver, pairs)),
  ];
}

/** On an empty file, or on a large one if `--messages` says how large. */
async function filled(lab: Lab, url: (n: number) => string): Promise<{ product: Product; pairs: Pair[] }> {
  const settings = { WORKER_CONCURRENCY: String(CONCURRENCY) };
  const count = lab.agents;
  if (lab.messages !== undefined) {
    const sizes = { settled: lab.settled(2000), waiting: 0, agents: count, url };
    const { product, agents } = await startArchivedProduct(lab, sizes, settings);
    return { product, pairs: [...agents] };
  }
  const product = new Product(lab, settings);
  await product.startApi();
  return { product, pairs: await registerPairs(product, { senders: count, recipients: count }, url) };
}

async function twoAgainstOne(lab: Lab, product: Product, receiver: Receiver, pairs: Pair[]): Promise<Result> {
  const count = lab.size(10_000, 200);
  const rate = async () => (count / (await drain(product, receiver, pairs, count))) * 1000;
  const one: number[] = [];
  const two: number[] = [];
  await using first = product.startWorker();
  await drain(product, receiver, pairs, lab.size(5000, 100));
  for (let n = 1; n <= lab.size(4, 1); n++) {
    one.push(await rate());
    await using second = product.startWorker();
    await drain(product, receiver, pairs, lab.size(5000, 100));
    two.push(await rate());
    second.assertRuns();
    lab.progress(`workers: round ${n}: two ${two.at(-1)?.toFixed(0)}/s; one ${one.at(-1)?.toFixed(0)}/s`);
  }
  first.assertRuns();
  return {
    case: 'workers, two',
    unit: 'deliveries/s',
    measured: median(two),
    baseline: { name: 'one worker', value: median(one) },
    rounds: two.map((figure, n) => figure / (one[n] ?? Number.NaN)),
    judgedAs: 'ratio',
    note: 'On two cores the receiver and the second worker share what the first leaves.',
  };
}

async function manyAtOnce(lab: Lab, product: Product, receiver: Receiver, pairs: Pair[]): Promise<Result[]> {
  await using stack = new AsyncDisposableStack();
  const logs = Array.from({ length: MANY }, (_, n) => join(lab.directory, `worker-${n}.log`));
  for (const log of logs) {
    const stdout = openSync(log, 'a');
    stack.use(product.startWorker({}, { stdout }));
    closeSync(stdout);
  }
  await drain(product, receiver, pairs, lab.size(5000, 200));
  const before = logs.map(attemptsIn);
  const count = lab.size(20_000, 400);
  await drain(product, receiver, pairs, count);
  const shares = logs.map((log, n) => (attemptsIn(log) - (before[n] ?? 0)) / count);
  const twice = (await receiver.arrivals()).filter(([, , times]) => times > 1).length;
  lab.progress(
    `workers: of ${MANY} each had ${shares.map((share) => `${(share * 100).toFixed(0)} %`).join(', ')}`,
  );
  return [
    {
      case: `workers, ${MANY}: delivered twice`,
      unit: `of ${count}`,
      measured: twice,
      rounds: [twice],
      judgedAs: 'plain',
      target: { atMost: 0 },
    },
    {
      case: `workers, ${MANY}: smallest share`,
      unit: '%',
      measured: Math.min(...shares) * 100,
      baseline: { name: 'a fair share', value: 100 / MANY },
      rounds: [Math.min(...shares) * MANY],
      judgedAs: 'ratio',
      note: `All shares: ${shares.map((share) => `${(share * 100).toFixed(0)} %`).join(', ')}.`,
    },
  ];
}

function attemptsIn(log: string): number {
  return readFileSync(log, 'utf8').match(ATTEMPT_LINE)?.length ?? 0;
}
