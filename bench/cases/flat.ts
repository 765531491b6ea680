import { Receiver } from '../bare/receiver-client.ts';
import type { Case, Result } from '../case.ts';
import { NOWHERE, startArchivedProduct } from '../fill/archived-product.ts';
import type { Lab } from '../rig/lab.ts';
import { registerPairs } from '../rig/people.ts';
import { Product } from '../rig/product.ts';
import { median } from '../statistics.ts';
import { floodWith } from './accept.ts';
import { drain } from './drain.ts';

const CLIENTS = 64;
const SETTINGS = { WORKER_CONCURRENCY: '50' };

export const flat: Case = {
  name: 'flat',
  about:
    'Accepting and delivering with --messages settled ones and 100,000 that wait for one dead agent, against an empty file.',
  needs: 'file',
  run: measure,
};

async function measure(lab: Lab): Promise<Result[]> {
  await using receiver = await Receiver.start();
  await using empty = new Product(lab, SETTINGS);
  await empty.startApi();
  const sizes = { settled: lab.settled(2000), waiting: lab.size(100_000, 500), agents: lab.agents };
  const archived = await startArchivedProduct(lab, sizes, SETTINGS);
  await using full = archived.product;
  return [await delivering(lab, receiver, empty, full), await accepting(lab, empty, full)];
}

async function delivering(lab: Lab, receiver: Receiver, empty: Product, full: Product): Promise<Result> {
  const prepare = async (product: Product) => {
    const people = { senders: lab.agents, recipients: lab.agents };
    const pairs = await registerPairs(product, people, (n) => receiver.url(n));
    const worker = product.startWorker();
    return {
      rate: async (count: number) => (count / (await drain(product, receiver, pairs, count))) * 1000,
      // Otherwise a worker would deliver what the next case accepts.
      [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
    };
  };
  await using onEmpty = await prepare(empty);
  await using onFull = await prepare(full);
  const result = await compare(lab, 'flat, deliver', {
    empty: (share) => onEmpty.rate(lab.size(10_000, 200) * share),
    full: (share) => onFull.rate(lab.size(10_000, 200) * share),
  });
  return { ...result, unit: 'deliveries/s' };
}

async function accepting(lab: Lab, empty: Product, full: Product): Promise<Result> {
  const prepare = async (product: Product) => {
    const pairs = await registerPairs(product, { senders: CLIENTS, recipients: CLIENTS }, () => NOWHERE);
    return async (share: number) =>
      (await floodWith(product.port, pairs, lab.size(4, 0.2) * share)).perSecond;
  };
  const result = await compare(lab, 'flat, accept', {
    empty: await prepare(empty),
    full: await prepare(full),
  });
  return { ...result, unit: 'messages/s' };
}

/** The size of a round of each. */
interface Sides {
  empty(share: number): Promise<number>;
  full(share: number): Promise<number>;
}

async function compare(lab: Lab, name: string, sides: Sides): Promise<Omit<Result, 'unit'>> {
  await sides.empty(0.5);
  await sides.full(0.5);
  const empty: number[] = [];
  const full: number[] = [];
  for (let n = 1; n <= lab.size(5, 1); n++) {
    empty.push(await sides.empty(1));
    full.push(await sides.full(1));
    lab.progress(
      `${name}: round ${n}: ${full.at(-1)?.toFixed(0)}/s; on an empty file ${empty.at(-1)?.toFixed(0)}/s`,
    );
  }
  return {
    case: name,
    measured: median(full),
    baseline: { name: 'on an empty file', value: median(empty) },
    rounds: full.map((figure, n) => figure / (empty[n] ?? Number.NaN)),
    judgedAs: 'ratio',
    target: { atLeast: 0.9 },
  };
}
