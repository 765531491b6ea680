import { Receiver } from '../bare/receiver-client.ts';
import type { Case, Result } from '../case.ts';
import { NOWHERE } from '../fill/archived-product.ts';
import { Distance, roundTripMs } from '../rig/distance.ts';
import type { Lab } from '../rig/lab.ts';
import { type Pair, registerPairs } from '../rig/people.ts';
import { Product } from '../rig/product.ts';
import { ServerDatabase } from '../rig/server-database.ts';
import { median } from '../statistics.ts';
import { CONNECTIONS, floodWith } from './accept.ts';
import { drain } from './drain.ts';

/** How far (ms there and back) the server is from the processes: on this machine, and on another host. */
const AWAY_MS = [0, 2] as const;
const AGENTS = 50;
const CONCURRENCY = '50';

export const hosts: Case = {
  name: 'hosts',
  about: `Two APIs against one and two workers against one, with the server on this machine, and with ${AWAY_MS[1]} ms between.`,
  needs: 'server',
  run: measure,
};

/** A product whose processes reach the database over a network. */
interface Away {
  lab: Lab;
  database: ServerDatabase;
  product: Product;
  /** What the distance is, in words. */
  where: string;
}

async function measure(lab: Lab): Promise<Result[]> {
  const results: Result[] = [];
  for (const away of AWAY_MS) {
    results.push(await at(lab, away, accepting));
    results.push(await at(lab, away, delivering));
  }
  return results;
}

async function at(lab: Lab, awayMs: number, compare: (away: Away) => Promise<Result>): Promise<Result> {
  const { server } = lab;
  if (server === undefined) throw new Error('It needs a server.');
  await using distance = awayMs === 0 ? undefined : await Distance.of(server.port, awayMs);
  const database = new ServerDatabase(server.port);
  await database.make();
  const url = distance === undefined ? database.url : database.urlThrough(distance.port);
  const where = `the server ${(await roundTripMs(url)).toFixed(1)} ms away`;
  await using product = new Product(lab, { WORKER_CONCURRENCY: CONCURRENCY, DATABASE_URL: url }, database);
  await product.startApi();
  return await compare({ lab, database, product, where });
}

async function accepting({ lab, product, where }: Away): Promise<Result> {
  const pairs = await registerPairs(
    product,
    { senders: CONNECTIONS, recipients: CONNECTIONS },
    () => NOWHERE,
  );
  const other = await product.startOtherApi();
  const half = CONNECTIONS / 2;
  const flooded = async (port: number, own: readonly Pair[], seconds: number) =>
    (await floodWith(port, own, seconds, own.length)).perSecond;
  const rates = async (seconds: number) => {
    const one = await flooded(product.port, pairs, seconds);
    const [first = 0, second = 0] = await Promise.all([
      flooded(product.port, pairs.slice(0, half), seconds),
      flooded(other.port, pairs.slice(half), seconds),
    ]);
    return { one, two: first + second };
  };
  await rates(lab.size(3, 0.2));
  return compared(lab, `hosts, accept, ${where}`, 'messages/s', 'one API', () => rates(lab.size(4, 0.2)));
}

async function delivering({ lab, product, where }: Away): Promise<Result> {
  await using receiver = await Receiver.start();
  const pairs = await registerPairs(product, { senders: AGENTS, recipients: AGENTS }, (n) => receiver.url(n));
  const rate = async (count: number) => (count / (await drain(product, receiver, pairs, count))) * 1000;
  await using _first = product.startWorker();
  await rate(lab.size(3000, 100));
  return await compared(lab, `hosts, deliver, ${where}`, 'deliveries/s', 'one worker', async () => {
    const one = await rate(lab.size(6000, 200));
    await using _second = product.startWorker();
    await rate(lab.size(2000, 100));
    return { one, two: await rate(lab.size(6000, 200)) };
  });
}

/** Medians of rounds. */
async function compared(
  lab: Lab,
  name: string,
  unit: string,
  alone: string,
  round: () => Promise<{ one: number; two: number }>,
): Promise<Result> {
  const rounds: Awaited<ReturnType<typeof round>>[] = [];
  for (let n = 1; n <= lab.size(4, 1); n++) {
    const figure = await round();
    rounds.push(figure);
    lab.progress(`${name}: round ${n}: two ${figure.two.toFixed(0)}/s; ${alone} ${figure.one.toFixed(0)}/s`);
  }
  return {
    case: name,
    unit,
    measured: median(rounds.map(({ two }) => two)),
    baseline: { name: alone, value: median(rounds.map(({ one }) => one)) },
    rounds: rounds.map(({ one, two }) => two / one),
    judgedAs: 'ratio',
  };
}
