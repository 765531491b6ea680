import { signedCallback } from '../bare/callback.ts';
import { Receiver } from '../bare/receiver-client.ts';
import type { Case, Result } from '../case.ts';
import { callbackLatencies, throughApi } from '../load/callback-latency.ts';
import type { Lab } from '../rig/lab.ts';
import { registerPairs } from '../rig/people.ts';
import { Product } from '../rig/product.ts';
import { requestBytes } from '../rig/request-bytes.ts';
import { median, percentile } from '../statistics.ts';

const PER_SECOND = 100;
/** At this rate each message finds an idle worker. */
const RARELY_PER_SECOND = 10;
const AGENTS = 50;

export const latency: Case = {
  name: 'latency',
  about: `From a send to its callback at ${PER_SECOND} messages a second, above a direct signed POST to the receiver.`,
  run: measure,
};

/** Latencies (ms) of one round. */
interface Round {
  ours: number[];
  direct: number[];
}

async function measure(lab: Lab): Promise<Result[]> {
  await using receiver = await Receiver.start();
  await using product = new Product(lab);
  await product.startApi();
  const pairs = await registerPairs(product, { senders: AGENTS, recipients: AGENTS }, (n) => receiver.url(n));
  product.startWorker();
  const round = async (perSecond: number, seconds: number): Promise<Round> => {
    const load = { receiver, perSecond, seconds };
    return {
      ours: await callbackLatencies({ ...load, port: product.port, request: throughApi(pairs) }),
      direct: await callbackLatencies({ ...load, port: receiver.port, request: directCallback }),
    };
  };

  lab.progress('latency: warming up');
  await round(PER_SECOND, lab.size(8, 1));
  const rounds: Round[] = [];
  const rarely: Round[] = [];
  for (let n = 1; n <= lab.size(3, 1); n++) {
    const figure = await round(PER_SECOND, lab.size(10, 1));
    rounds.push(figure);
    rarely.push(await round(RARELY_PER_SECOND, lab.size(10, 1)));
    const [p50, p99] = [percentile(figure.ours, 0.5), percentile(figure.ours, 0.99)];
    lab.progress(`latency: round ${n}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
  }
  return [
    { ...added('latency, p50', rounds, 0.5), target: { atMost: 4 } },
    { ...added('latency, p99', rounds, 0.99), target: { atMost: 20 } },
    added(`latency at ${RARELY_PER_SECOND} a second, p50`, rarely, 0.5),
  ];
}

function added(name: string, rounds: readonly Round[], share: number): Result {
  const ours = rounds.map((round) => percentile(round.ours, share));
  const direct = rounds.map((round) => percentile(round.direct, share));
  return {
    case: name,
    unit: 'ms',
    measured: median(ours),
    baseline: { name: 'a direct signed POST to the receiver', value: median(direct) },
    rounds: ours.map((figure, n) => figure - (direct[n] ?? Number.NaN)),
    judgedAs: 'ms more',
  };
}

function directCallback(n: number): string {
  const { headers, body } = signedCallback(n);
  const { 'Content-Type': _contentType, ...others } = headers;
  return requestBytes('POST', '/ok/0', others, body.toString());
}
