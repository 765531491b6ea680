import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { startBareServer } from '../bare/bare-server.ts';
import type { Case, Result } from '../case.ts';
import { NOWHERE } from '../fill/archived-product.ts';
import { withCost } from '../rig/cost.ts';
import { HttpConnection } from '../rig/http-connection.ts';
import type { Lab } from '../rig/lab.ts';
import { type Pair, registerPairs, sendRequest } from '../rig/people.ts';
import { Product } from '../rig/product.ts';
import { assertAccepted } from '../rig/stored.ts';
import { median, percentile } from '../statistics.ts';

export const acceptAlone: Case = {
  name: 'accept-alone',
  about: 'How long one client that sends one message at a time waits for the answer.',
  run: measure,
};

async function measure(lab: Lab): Promise<Result[]> {
  await using product = new Product(lab);
  const api = await product.startApi();
  const [pair] = await registerPairs(product, { senders: 1, recipients: 1 }, () => NOWHERE);
  if (pair === undefined) throw new Error('There must be somebody who sends.');
  await using one = await startBareServer(lab, { file: lab.databaseFile(), synchronous: 'full' });
  const copy = await copyOf(product.file, lab.databaseFile());
  await using all = await startBareServer(lab, { file: copy, synchronous: 'full', pair });
  let accepted = 0;
  const round = async (requests: number) => {
    accepted += requests;
    return {
      ours: await withCost([api], () => answerTimes(product.port, pair, requests)),
      one: await withCost([one.started], () => answerTimes(one.port, pair, requests)),
      all: await withCost([all.started], () => answerTimes(all.port, pair, requests)),
    };
  };

  lab.progress('accept-alone: warming up');
  await round(lab.size(2000, 50));
  const figures: Awaited<ReturnType<typeof round>>[] = [];
  for (let n = 1; n <= lab.size(9, 1); n++) figures.push(await round(lab.size(500, 50)));
  for (const file of [product.file, copy]) assertAccepted(file, accepted);

  const at = (share: number, against: 'one' | 'all', name: string): Omit<Result, 'case'> => {
    const ours = figures.map((figure) => percentile(figure.ours.times, share));
    const others = figures.map((figure) => percentile(figure[against].times, share));
    return {
      unit: 'ms',
      measured: median(ours),
      baseline: { name, value: median(others) },
      rounds: ours.map((figure, n) => figure / (others[n] ?? Number.NaN)),
      judgedAs: 'ratio',
      cost: {
        ours: median(figures.map((figure) => figure.ours.cpuUs)),
        baseline: median(figures.map((figure) => figure[against].cpuUs)),
      },
    };
  };
  const A = 'Fastify and one INSERT each, synchronous=FULL';
  const C = "Fastify and all of a message's rows, inserted by hand, synchronous=FULL";
  return [
    { case: 'accept alone, p50', ...at(0.5, 'all', C), target: { atMost: 1.5 } },
    { case: 'accept alone, p99', ...at(0.99, 'all', C) },
    { case: 'accept alone, p50 against A', ...at(0.5, 'one', A) },
  ];
}

/** A copy of a database that may be in use. */
async function copyOf(file: string, copy: string): Promise<string> {
  await mkdir(dirname(copy));
  const db = new BetterSqlite3(file);
  try {
    await db.backup(copy);
    return copy;
  } finally {
    db.close();
  }
}

async function answerTimes(
  port: number,
  pair: Pair,
  requests: number,
): Promise<{ times: number[]; messages: number }> {
  using connection = await HttpConnection.open(port);
  const times: number[] = [];
  for (let n = 0; n < requests; n++) {
    const request = sendRequest(pair, n);
    const begin = performance.now();
    const { status, text } = await connection.request(request);
    times.push(performance.now() - begin);
    if (status !== 200) throw new Error(`An answer that is no 200:\n${text}`);
  }
  return { times, messages: requests };
}
