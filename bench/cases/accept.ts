import { bareName, startBareServer } from '../bare/bare-server.ts';
import type { Case, Result } from '../case.ts';
import { NOWHERE } from '../fill/archived-product.ts';
import { flood } from '../load/flood.ts';
import { withCost } from '../rig/cost.ts';
import { assertAccepted } from '../rig/database.ts';
import type { Lab } from '../rig/lab.ts';
import { type Pair, registerPairs, sendRequest } from '../rig/people.ts';
import { Product } from '../rig/product.ts';
import type { StartedProcess } from '../rig/started-process.ts';
import { median } from '../statistics.ts';

export const CONNECTIONS = 64;

export const accept: Case = {
  name: 'accept',
  about: `Messages a second that one API accepts durably from ${CONNECTIONS} clients.`,
  run: measure,
};

async function measure(lab: Lab): Promise<Result[]> {
  await using product = new Product(lab);
  await using full = await startBareServer(lab, { database: lab.database(), synchronous: 'full' });
  await using off = await startBareServer(lab, { database: lab.database(), synchronous: 'off' });
  const api = await product.startApi();
  const pairs = await registerPairs(
    product,
    { senders: CONNECTIONS, recipients: CONNECTIONS },
    () => NOWHERE,
  );

  const figures = { product: [] as Flooded[], full: [] as Flooded[], off: [] as Flooded[] };
  let accepted = 0;
  const round = async (seconds: number) => {
    const ours = await floodOf([api, ...lab.serving], product.port, pairs, seconds);
    accepted += ours.messages;
    const withFull = await floodOf([full.started, ...lab.serving], full.port, pairs, seconds);
    const withOff = await floodOf([off.started, ...lab.serving], off.port, pairs, seconds);
    return [ours, withFull, withOff] as const;
  };
  lab.progress('accept: warming up');
  await round(lab.size(3, 0.2));
  for (let n = 1; n <= lab.size(7, 1); n++) {
    const [ours, withFull, withOff] = await round(lab.size(4, 0.2));
    figures.product.push(ours);
    figures.full.push(withFull);
    figures.off.push(withOff);
    lab.progress(
      `accept: round ${n}: ${ours.perSecond.toFixed(0)}/s; A ${withFull.perSecond.toFixed(0)}/s, B ${withOff.perSecond.toFixed(0)}/s`,
    );
  }
  await assertAccepted(product.database, accepted);

  const against = (letter: string, name: string, values: Flooded[], atLeast: number): Result => ({
    case: `accept, against ${letter}`,
    unit: 'messages/s',
    measured: median(figures.product.map(({ perSecond }) => perSecond)),
    baseline: { name, value: median(values.map(({ perSecond }) => perSecond)) },
    rounds: figures.product.map((ours, n) => ours.perSecond / (values[n]?.perSecond ?? Number.NaN)),
    cost: {
      ours: median(figures.product.map(({ cpuUs }) => cpuUs)),
      baseline: median(values.map(({ cpuUs }) => cpuUs)),
    },
    judgedAs: 'ratio',
    target: { atLeast },
  });
  return [
    against('A', bareName(lab, { synchronous: 'full' }), figures.full, 1.5),
    against('B', bareName(lab, { synchronous: 'off' }), figures.off, 0.4),
  ];
}

/** The result of a flood, and what the accepting processes used. */
export interface Flooded {
  perSecond: number;
  messages: number;
  cpuUs: number;
  cpuPercent: number;
}

export function floodOf(
  processes: readonly StartedProcess[],
  port: number,
  pairs: readonly Pair[],
  seconds: number,
  connections: number = CONNECTIONS,
): Promise<Flooded> {
  return withCost(processes, async () => {
    const { perSecond, accepted } = await floodWith(port, pairs, seconds, connections);
    return { perSecond, messages: accepted };
  });
}

/** All clients, each another user, send to the port as fast as it answers. */
export function floodWith(
  port: number,
  pairs: readonly Pair[],
  seconds: number,
  connections: number = CONNECTIONS,
) {
  let n = 0;
  return flood({
    port,
    connections,
    seconds,
    request(connection) {
      const pair = pairs[connection % pairs.length];
      if (pair === undefined) throw new Error('There must be somebody who sends.');
      n += 1;
      return sendRequest(pair, n);
    },
  });
}
