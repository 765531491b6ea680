import { signedCallback } from '../bare/callback.ts';
import { Receiver } from '../bare/receiver-client.ts';
import type { Case, Result } from '../case.ts';
import { callbackLatencies, throughApi } from '../load/callback-latency.ts';
import { requestBytes } from '../load/request-bytes.ts';
import type { Lab } from '../rig/lab.ts';
import { registerPairs } from '../rig/people.ts';
import { Product } from '../rig/product.ts';
import { median, percentile } from '../statistics.ts';

const PER_SECOND = 100;
const AGENTS = 50;

export const latency: Case = {
  name: 'latency',
  about: `From a send to its callback at ${PER_SECOND} messages a second, above a direct signed POST to the receiver.`,
  run: measure,
};

async function measure(lab: Lab): Promise<Result[]> {
  await using receiver = await Receiver.start();
  await using product = new Product(lab);
  await product.startApi();
  const pairs = await registerPairs(product, { senders: AGENTS, recipients: AGENTS }, (n) => receiver.url(n));
  product.startWorker();
  const load = { receiver, perSecond: PER_SECOND };
  const round = async (seconds: number) => ({
    ours: await callbackLatencies({ ...load, seconds, port: product.port, request: throughApi(pairs) }),
    direct: await callbackLatencies({ ...load, seconds, port: receiver.port, request: directCallback }),
  });

  lab.progress('latency: warming up');
  await round(lab.size(8, 1));
  const figures: Awaited<ReturnType<typeof round>>[] = [];
  for (let n = 1; n <= lab.size(3, 1); n++) {
    const figure = await round(lab.size(10, 1));
    figures.push(figure);
    const [p50, p99] = [percentile(figure.ours, 0.5), percentile(figure.ours, 0.99)];
    lab.progress(`latency: round ${n}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
  }
  const at = (name: string, share: number, atMost: number): Result => {
    const ours = figures.map((figure) => percentile(figure.ours, share));
    const direct = figures.map((figure) => percentile(figure.direct, share));
    return {
      case: `latency, ${name}`,
      unit: 'ms',
      measured: median(ours),
      baseline: { name: 'a direct signed POST to the receiver', value: median(direct) },
      rounds: ours.map((figure, n) => figure - (direct[n] ?? Number.NaN)),
      judgedAs: 'ms more',
      target: { atMost },
    };
  };
  return [at('p50', 0.5, 4), at('p99', 0.99, 20)];
}

function directCallback(n: number): string {
  const { headers, body } = signedCallback(n);
  const { 'Content-Type': _contentType, ...others } = headers;
  return requestBytes('POST', '/ok/0', others, body.toString());
}
