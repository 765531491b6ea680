import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openDatabase } from '@mahilo/shared/db/open';
import BetterSqlite3 from 'better-sqlite3';
import { bareName, startBareServer } from '../bare/bare-server.ts';
import type { Case, Result } from '../case.ts';
import { NOWHERE } from '../fill/archived-product.ts';
import { withCost } from '../rig/cost.ts';
import { assertAccepted, type BenchDatabase } from '../rig/database.ts';
import { HttpConnection } from '../rig/http-connection.ts';
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
  const api = await product.startApi();
  const [pair] = await registerPairs(product, { senders: 1, recipients: 1 }, () => NOWHERE);
  if (pair === undefined) throw new Error('There must be somebody who sends.');
  await using one = await startBareServer(lab, { database: lab.database(), synchronous: 'full' });
  const copy = await tablesLike(lab, product);
  await using all = await startBareServer(lab, { database: copy, synchronous: 'full', pair });
  let accepted = 0;
  const round = async (requests: number) => {
    accepted += requests;
    return {
      ours: await withCost([api, ...lab.serving], () => answerTimes(product.port, pair, requests)),
      one: await withCost([one.started, ...lab.serving], () => answerTimes(one.port, pair, requests)),
      all: await withCost([all.started, ...lab.serving], () => answerTimes(all.port, pair, requests)),
    };
  };

  lab.progress('accept-alone: warming up');
  await round(lab.size(2000, 50));
  const figures: Awaited<ReturnType<typeof round>>[] = [];
  for (let n = 1; n <= lab.size(9, 1); n++) figures.push(await round(lab.size(500, 50)));
  for (const database of [product.database, copy]) await assertAccepted(database, accepted);

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
  const A = bareName(lab, { synchronous: 'full' });
  const C = bareName(lab, { synchronous: 'full', pair: true });
  return [
    { case: 'accept alone, p50', ...at(0.5, 'all', C), target: { atMost: 1.5 } },
    { case: 'accept alone, p99', ...at(0.99, 'all', C) },
    { case: 'accept alone, p50 against A', ...at(0.5, 'one', A) },
  ];
}

/** A database with the product's tables: a copy of its file, which may be in use, or an empty one on the server. */
async function tablesLike(lab: Lab, product: Product): Promise<BenchDatabase> {
  const database = lab.database();
  if (lab.server !== undefined) {
    await database.make();
    await (await openDatabase(database.url)).close();
    return database;
  }
  await mkdir(dirname(database.url));
  const db = new BetterSqlite3(product.database.url);
  try {
    await db.backup(database.url);
    return database;
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
