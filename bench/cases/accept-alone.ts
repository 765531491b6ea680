import { startBareServer } from '../bare/bare-server.ts';
import type { Case, Result } from '../case.ts';
import { NOWHERE } from '../fill/archived-product.ts';
import { HttpConnection } from '../load/http-connection.ts';
import type { Lab } from '../rig/lab.ts';
import { type Pair, registerPairs, sendRequest } from '../rig/people.ts';
import { Product } from '../rig/product.ts';
import { median, percentile } from '../statistics.ts';

export const acceptAlone: Case = {
  name: 'accept-alone',
  about: 'How long one client that sends one message at a time waits for the answer.',
  run: measure,
};

async function measure(lab: Lab): Promise<Result[]> {
  await using product = new Product(lab);
  await using bare = await startBareServer(lab, { file: lab.databaseFile(), synchronous: 'full' });
  await product.startApi();
  const pairs = await registerPairs(product, { senders: 1, recipients: 1 }, () => NOWHERE);
  const round = async (requests: number) => ({
    ours: await answerTimes(product.port, pairs, requests),
    bare: await answerTimes(bare.port, pairs, requests),
  });

  lab.progress('accept-alone: warming up');
  await round(lab.size(2000, 50));
  const figures: Awaited<ReturnType<typeof round>>[] = [];
  for (let n = 1; n <= lab.size(9, 1); n++) figures.push(await round(lab.size(500, 50)));
  const at = (name: string, share: number): Result => {
    const ours = figures.map((figure) => percentile(figure.ours, share));
    const others = figures.map((figure) => percentile(figure.bare, share));
    return {
      case: `accept alone, ${name}`,
      unit: 'ms',
      measured: median(ours),
      baseline: { name: 'Fastify and one INSERT each, synchronous=FULL', value: median(others) },
      rounds: ours.map((figure, n) => figure / (others[n] ?? Number.NaN)),
      judgedAs: 'ratio',
    };
  };
  return [{ ...at('p50', 0.5), target: { atMost: 1.5 } }, at('p99', 0.99)];
}

async function answerTimes(port: number, [pair]: readonly Pair[], requests: number): Promise<number[]> {
  if (pair === undefined) throw new Error('There must be somebody who sends.');
  using connection = await HttpConnection.open(port);
  const times: number[] = [];
  for (let n = 0; n < requests; n++) {
    const request = sendRequest(pair, n);
    const begin = performance.now();
    const { status, text } = await connection.request(request);
    times.push(performance.now() - begin);
    if (status !== 200) throw new Error(`An answer that is no 200:\n${text}`);
  }
  return times;
}
