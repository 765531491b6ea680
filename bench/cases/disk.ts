import { type BareServer, startBareServer } from '../bare/bare-server.ts';
import type { Case, Result } from '../case.ts';
import { NOWHERE } from '../fill/archived-product.ts';
import { assertAccepted } from '../rig/database.ts';
import type { Lab } from '../rig/lab.ts';
import { registerPairs } from '../rig/people.ts';
import { Product } from '../rig/product.ts';
import { type SetDisk, setDisk } from '../rig/set-disk.ts';
import { median } from '../statistics.ts';
import { CONNECTIONS, type Flooded, floodOf } from './accept.ts';

/** Sync times (ms), from a disk with its own cache to a rented one. */
const SYNC_MS = [0.05, 1, 5] as const;
const CLIENTS = [CONNECTIONS, 1] as const;
/** A process that is busy for more than this (% of a core) waits for the processor, not for the disk. */
const PROCESSOR_BOUND_PERCENT = 85;

export const disk: Case = {
  name: 'disk',
  about: `Accepting from ${CONNECTIONS} clients and from one, when a sync is set to ${SYNC_MS.join(', ')} ms.`,
  needs: 'file',
  run: measure,
};

interface Round {
  ours: Flooded;
  bare: Flooded;
}

async function measure(lab: Lab): Promise<Result[]> {
  const disks = setDisk(lab);
  if (typeof disks === 'string') {
    lab.progress(`disk: skipped: ${disks}`);
    return [];
  }
  const results: Result[] = [];
  for (const syncMs of SYNC_MS) results.push(...(await withSync(lab, disks, syncMs)));
  return results.toSorted((one, other) => (one.bound ?? '').localeCompare(other.bound ?? ''));
}

async function withSync(lab: Lab, disks: SetDisk, syncMs: number): Promise<Result[]> {
  const environment = disks(syncMs);
  await using product = new Product(lab, environment);
  const bareStore = { database: lab.database(), synchronous: 'full' as const, environment };
  await using bare = await startBareServer(lab, bareStore);
  const api = await product.startApi();
  const pairs = await registerPairs(
    product,
    { senders: CONNECTIONS, recipients: CONNECTIONS },
    () => NOWHERE,
  );
  let accepted = 0;
  const round = async (clients: number, seconds: number): Promise<Round> => {
    const of = (started: BareServer['started'], port: number) =>
      floodOf([started], port, pairs.slice(0, clients), seconds, clients);
    const ours = await of(api, product.port);
    accepted += ours.messages;
    return { ours, bare: await of(bare.started, bare.port) };
  };
  await round(CONNECTIONS, lab.size(3, 0.2));
  const results: Result[] = [];
  for (const clients of CLIENTS) {
    const rounds: Round[] = [];
    for (let n = 1; n <= lab.size(3, 1); n++) rounds.push(await round(clients, lab.size(3, 0.2)));
    const result = resultOf(syncMs, clients, rounds);
    lab.progress(`${result.case}: ${result.measured.toFixed(0)}/s, bound by the ${result.bound}`);
    results.push(result);
  }
  await assertAccepted(product.database, accepted);
  return results;
}

function resultOf(syncMs: number, clients: number, rounds: readonly Round[]): Result {
  const middle = (of: (round: Round) => number) => median(rounds.map(of));
  const percent = middle(({ ours }) => ours.cpuPercent);
  return {
    case: `accept, ${clients === 1 ? 'one client' : `${clients} clients`}, a sync takes ${syncMs} ms`,
    unit: 'messages/s',
    measured: middle(({ ours }) => ours.perSecond),
    baseline: {
      name: 'Fastify and one INSERT each, synchronous=FULL',
      value: middle(({ bare }) => bare.perSecond),
    },
    rounds: rounds.map(({ ours, bare }) => ours.perSecond / bare.perSecond),
    judgedAs: 'ratio',
    cost: { ours: middle(({ ours }) => ours.cpuUs), baseline: middle(({ bare }) => bare.cpuUs) },
    bound: percent >= PROCESSOR_BOUND_PERCENT ? 'processor' : 'disk',
  };
}
