import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@mahilo/shared/clock';
import type { Database } from '@mahilo/shared/db/database';
import { upcomingLanes } from '@mahilo/shared/outbox/ready';
import { HEARTBEAT_MS, WORKER_GONE_AFTER_MS } from '@mahilo/shared/outbox/workers';
import { count, span } from '../format.ts';
import { destinationIds } from '../queue/queries.ts';
import { type Finding, findingsOf, type Patient } from './finding.ts';
import { type Heartbeat, heartbeats } from './health-queries.ts';

const workers = findingsOf('workers');
const queue = findingsOf('queue');

/** A worker takes what is due within milliseconds; after this long (ms), none is taking it. */
const LATE_MS = 60_000;
/** A heartbeat of a living worker is no older (ms), also where it came a second late. */
export const FRESH_MS = HEARTBEAT_MS + 1000;
/** How often (ms) to look for one. */
const LOOK_EVERY_MS = 100;
const DEAD_COUNTED = 1000;
const TROUBLED_COUNTED = 1000;

/** Whether workers are alive and take what is due. */
export async function examineQueue(db: Database, { patience }: Patient): Promise<Finding[]> {
  const now = systemClock.now();
  const all = await heartbeats(db.kysely);
  const alive = await livingOf(db, all, now, patience.heartbeatMs);
  const findings: Finding[] = [];
  if (alive.length > 0) findings.push(workers.ok(`${count(alive.length, 'worker')} alive.`));
  else {
    const newest = Math.max(...all.map((worker) => worker.heartbeat_at));
    findings.push(
      workers.problem(
        all.length > 0
          ? `No worker has been heard of for ${span(now - newest)}: nothing is delivered.`
          : 'No worker runs: nothing is delivered.',
        'Start one. If one should run, its log says why it does not.',
      ),
    );
  }
  findings.push(...(await lateness(db, now)), ...(await ownTrouble(db, now)));
  const failing = await destinationIds(db.kysely, ['failed'], DEAD_COUNTED);
  if (failing.length > 0) {
    const agents =
      failing.length === DEAD_COUNTED
        ? `At least ${DEAD_COUNTED} agents have`
        : `${count(failing.length, 'agent')} ${failing.length === 1 ? 'has' : 'have'}`;
    findings.push(
      queue.note(
        `${agents} dead letters.`,
        '`queue list` shows whose, `queue show` why; `queue requeue` tries them again.',
      ),
    );
  }
  return findings;
}

/**
 * The workers that are alive. The others still count one that was killed a moment ago, so without a fresh heartbeat
 * this waits for the next one, as long as one may take.
 */
async function livingOf(
  db: Database,
  all: readonly Heartbeat[],
  now: number,
  waitMs: number,
): Promise<readonly Heartbeat[]> {
  const recent = all.filter((worker) => worker.heartbeat_at >= now - WORKER_GONE_AFTER_MS);
  const fresh = recent.filter((worker) => worker.heartbeat_at >= now - FRESH_MS);
  if (fresh.length > 0 || recent.length === 0) return fresh;
  const deadline = systemClock.monotonicMs() + waitMs;
  let alive: readonly Heartbeat[] = [];
  while (alive.length === 0 && systemClock.monotonicMs() < deadline) {
    await sleep(LOOK_EVERY_MS);
    alive = (await heartbeats(db.kysely)).filter((worker) => worker.heartbeat_at > now);
  }
  return alive;
}

async function lateness(db: Database, now: number): Promise<Finding[]> {
  const [first] = await upcomingLanes(db.kysely, 1);
  const lateMs = first === undefined ? 0 : now - first.ready_at;
  if (lateMs < LATE_MS) return [queue.ok('What is due is taken.')];
  return [
    queue.problem(
      `Something has been due for ${span(lateMs)}, and no worker has taken it.`,
      'Is a worker alive, and not overloaded (its log, its CPU)? WORKER_CONCURRENCY bounds what one does at once; more workers share the rest.',
    ),
  ];
}

/** Agents that no worker can even try. Uses lanes_in_trouble. */
async function ownTrouble(db: Database, now: number): Promise<Finding[]> {
  const lanes = await db.kysely
    .selectFrom('lanes')
    .select('trouble_since')
    .where('trouble_since', 'is not', null)
    .orderBy('trouble_since')
    .limit(TROUBLED_COUNTED)
    .execute();
  const since = lanes[0]?.trouble_since ?? null;
  if (since === null) return [];
  const agents =
    lanes.length === TROUBLED_COUNTED ? `At least ${TROUBLED_COUNTED} agents` : count(lanes.length, 'agent');
  return [
    queue.problem(
      `${agents} could not even be tried, for ${span(now - since)}: the registry’s own name resolution or network does not work.`,
      'Does this host resolve names and reach the internet? The worker’s log says which of them fails.',
    ),
  ];
}
