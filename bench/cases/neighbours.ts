import { Receiver } from '../bare/receiver-client.ts';
import type { Case, Result } from '../case.ts';
import { owe } from '../fill/owe.ts';
import { callbackLatencies, throughApi } from '../load/callback-latency.ts';
import type { Lab } from '../rig/lab.ts';
import { registerPairs } from '../rig/people.ts';
import { Product } from '../rig/product.ts';
import { median, percentile } from '../statistics.ts';

const PER_SECOND = 100;
const HANGING = 20;
const ROWS_EACH = 500;

export const neighbours: Case = {
  name: 'neighbours',
  about: `From a send to its callback for a healthy agent, beside ${HANGING} that never answer and have ${ROWS_EACH} messages waiting each.`,
  run: measure,
};

async function measure(lab: Lab): Promise<Result[]> {
  await using receiver = await Receiver.start();
  await using quiet = await startProduct(lab, receiver);
  await using loud = await startProduct(lab, receiver);
  const hanging = await registerPairs(loud.product, { senders: HANGING, recipients: HANGING }, (n) =>
    receiver.url(n, 'hang'),
  );
  const load = { receiver, perSecond: PER_SECOND };
  const round = async (seconds: number) => ({
    alone: await callbackLatencies({ ...load, seconds, port: quiet.product.port, request: quiet.request }),
    beside: await callbackLatencies({ ...load, seconds, port: loud.product.port, request: loud.request }),
  });

  lab.progress('neighbours: warming up');
  await round(lab.size(8, 1));
  await owe(loud.product.database.url, hanging, HANGING * lab.size(ROWS_EACH, 10));
  const alone: number[] = [];
  const beside: number[] = [];
  // Long enough for the first callbacks to the hanging ones to time out meanwhile.
  for (let n = 1; n <= lab.size(4, 1); n++) {
    const figure = await round(lab.size(10, 1));
    alone.push(percentile(figure.alone, 0.99));
    beside.push(percentile(figure.beside, 0.99));
    lab.progress(
      `neighbours: round ${n}: p99 ${beside.at(-1)?.toFixed(1)} ms; without them ${alone.at(-1)?.toFixed(1)} ms`,
    );
  }
  return [
    {
      case: 'neighbours, p99',
      unit: 'ms',
      measured: median(beside),
      baseline: { name: 'without the hanging ones', value: median(alone) },
      rounds: beside.map((figure, n) => figure / (alone[n] ?? Number.NaN)),
      judgedAs: 'ratio',
      target: { atMost: 2 },
    },
  ];
}

async function startProduct(lab: Lab, receiver: Receiver) {
  const product = new Product(lab);
  await product.startApi();
  const pairs = await registerPairs(product, { senders: 1, recipients: 1 }, (n) => receiver.url(n));
  product.startWorker();
  return { product, request: throughApi(pairs), [Symbol.asyncDispose]: () => product[Symbol.asyncDispose]() };
}
