import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Receiver } from '../bare/receiver-client.ts';
import type { Case, Result } from '../case.ts';
import { SPREAD_MS } from '../fill/archive.ts';
import { type ArchivedProduct, startArchivedProduct } from '../fill/archived-product.ts';
import { throughApi } from '../load/callback-latency.ts';
import { flood } from '../load/flood.ts';
import { pace } from '../load/pace.ts';
import type { BenchDatabase } from '../rig/database.ts';
import type { Lab } from '../rig/lab.ts';
import type { Pair } from '../rig/people.ts';
import { Product } from '../rig/product.ts';
import { read } from '../rig/stored.ts';
import { median, percentile } from '../statistics.ts';

const ROOT = join(import.meta.dirname, '../..');
const LATER = new URL('../rig/ten-minutes-later.ts', import.meta.url).href;
/** The archive reaches back 25 days, so most of it is older than this. */
const RETENTION_DAYS = '5';
const CLIENTS = 64;
const DELETING_WITHIN_MS = 120_000;

export const large: Case = {
  name: 'large',
  about:
    'A file with --messages settled ones: its size, starts, a backup, and accepting at half speed while old messages are deleted.',
  needs: 'file',
  run: measure,
};

async function measure(lab: Lab): Promise<Result[]> {
  await using receiver = await Receiver.start();
  const sizes = { settled: lab.settled(2000), waiting: 0, agents: lab.agents };
  const archived = await startArchivedProduct(lab, { ...sizes, url: (n) => receiver.url(n) });
  await using product = archived.product;
  const bytes = statSync(product.database.url).size;
  const starts = await startTimes(lab, product);
  return [
    plain('large, size of the file', 'bytes a message', bytes / sizes.settled),
    {
      case: 'large, start of the API',
      unit: 'ms',
      measured: median(starts.large),
      baseline: { name: 'on an empty file', value: median(starts.empty) },
      rounds: starts.large.map((ms, n) => ms / (starts.empty[n] ?? Number.NaN)),
      judgedAs: 'ratio',
    },
    await backup(product, bytes),
    ...(await whileDeleting(lab, archived, sizes.settled)),
  ];
}

function plain(name: string, unit: string, measured: number, note?: string): Result {
  return { case: name, unit, measured, rounds: [measured], judgedAs: 'plain', ...(note && { note }) };
}

/** Time (ms) from the start of the process to its first answer. The other API goes on. */
async function startTimes(lab: Lab, product: Product) {
  const times = { large: [] as number[], empty: [] as number[] };
  await using first = new Product(lab);
  await (await first.startApi())[Symbol.asyncDispose]();
  const time = async (database: BenchDatabase) => {
    await using another = new Product(lab, {}, database);
    const begin = performance.now();
    await another.startApi();
    return performance.now() - begin;
  };
  for (let n = 0; n < lab.size(5, 1); n++) {
    times.large.push(await time(product.database));
    times.empty.push(await time(first.database));
  }
  return times;
}

async function backup(product: Product, bytes: number): Promise<Result> {
  const begin = performance.now();
  const options = ['backup', '--database', product.database.url, '--to', `${product.database.url}-backups`];
  await promisify(execFile)(process.execPath, ['scripts/admin.ts', ...options], { cwd: ROOT });
  const seconds = (performance.now() - begin) / 1000;
  return plain(
    'large, backup',
    's',
    seconds,
    `${(bytes / 1e6 / seconds).toFixed(0)} MB/s, copied and checked.`,
  );
}

/** Answers to sends at half of what is accepted beside a worker: while that deletes old messages, and while it does not. */
async function whileDeleting(
  lab: Lab,
  { product, agents }: ArchivedProduct,
  messages: number,
): Promise<Result[]> {
  const request = throughApi(agents);
  const half = await halfSpeed(lab, product, agents);
  const load = { port: product.port, perSecond: half, seconds: lab.size(20, 1), request };
  const keeping = await (async () => {
    await using _worker = product.startWorker({ RETENTION_DAYS: '0' });
    return (await pace(load)).answeredIn;
  })();
  await using _worker = product.startWorker({ RETENTION_DAYS }, { nodeOptions: ['--import', LATER] });
  lab.progress('large: waiting until old messages are deleted');
  const before = await deletingBegun(product);
  const begin = performance.now();
  const deleting = (await pace(load)).answeredIn;
  const seconds = (performance.now() - begin) / 1000;
  const deleted = ((oldestAt(product) - before) / SPREAD_MS) * messages;
  const line = (name: string, share: number): Result => ({
    case: `large, deleting beside ${half}/s: ${name}`,
    unit: 'ms to the answer',
    measured: percentile(deleting, share),
    baseline: { name: 'the same without deleting', value: percentile(keeping, share) },
    rounds: [percentile(deleting, share) / percentile(keeping, share)],
    judgedAs: 'ratio',
  });
  return [
    line('p50', 0.5),
    line('p99', 0.99),
    plain('large, deleted meanwhile', 'messages/s', deleted / seconds),
  ];
}

/** Half of the highest accept rate beside a worker that delivers. */
async function halfSpeed(lab: Lab, product: Product, agents: readonly Pair[]): Promise<number> {
  const request = throughApi(agents);
  await using _worker = product.startWorker({ RETENTION_DAYS: '0' });
  let n = 0;
  const options = { port: product.port, connections: CLIENTS, seconds: lab.size(5, 1) };
  const { perSecond } = await flood({ ...options, request: () => request(n++) });
  await product.database.settled(agents.map(({ connectionId }) => connectionId));
  return Math.max(10, Math.round(perSecond / 2));
}

/** Waits until the worker has begun to delete old messages. @returns when the oldest one left was sent. */
async function deletingBegun(product: Product): Promise<number> {
  const before = oldestAt(product);
  const deadline = performance.now() + DELETING_WITHIN_MS;
  for (;;) {
    const now = oldestAt(product);
    if (now > before) return now;
    if (performance.now() > deadline) throw new Error('Nothing was deleted.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function oldestAt({ database }: Product): number {
  return read(database.url, (db) =>
    Number(db.prepare('select created_at from messages order by id limit 1').pluck().get()),
  );
}
