import { type LaneResult, recordLaneResults } from '../src/outbox/lane-results.ts';
import { type LaneLimits, refreshSettledLanes } from '../src/outbox/lanes.ts';
import { type LeasedDelivery, type LeaseRequest, lease, type SlotShares } from '../src/outbox/lease.ts';
import { upcomingLanes } from '../src/outbox/ready.ts';
import { type Attempt, type Settlement, settleIfLeased } from '../src/outbox/settle.ts';
import type { TestDatabase } from './database.ts';

export const LEASE_MS = 60_000;
export const LIMITS: LaneLimits = { slots: 4, breakerFailures: 3, unprovenPerMinute: 6 };
export const BREAKER = { failures: LIMITS.breakerFailures, baseMs: 1000, maxMs: 10_000 };

/** A worker that has room for everything. */
export const ROOM: SlotShares = {
  hasRoomFor: () => true,
  heldBy: () => 0,
  reservedForBulk: () => 0,
  take: () => {},
};

/** The default request: everything that is due, under a new token. */
export function leaseRequest(here: TestDatabase, differences: Partial<LeaseRequest> = {}): LeaseRequest {
  return {
    owner: 'wkr_1',
    token: here.random.bytes(16).toString('hex'),
    now: here.clock.ms,
    leaseMs: LEASE_MS,
    capacity: 1000,
    serveAt: (lane) => lane.ready_at,
    limits: LIMITS,
    shares: () => ROOM,
    position: new Map(),
    ...differences,
  };
}

export async function leaseDue(
  here: TestDatabase,
  differences: Partial<LeaseRequest> = {},
): Promise<LeasedDelivery[]> {
  return here.db.write((trx) => lease(trx, leaseRequest(here, differences)));
}

/** The lanes that are due next, and when (ms). */
export async function upcoming(here: TestDatabase, limit: number) {
  const lanes = await upcomingLanes(here.db.kysely, limit);
  return lanes.map(({ connection_id, ready_at }) => ({ connection_id, ready_at }));
}

/** How an attempt ended. A number: when (ms) a failed one is due again. `released`: it was not begun. */
export type Ending = 'delivered' | 'failed' | 'released' | { retryAt: number };

export function settlement(
  here: TestDatabase,
  delivery: LeasedDelivery,
  ending: Ending,
): Settlement<LeasedDelivery> {
  const isSettled = ending === 'delivered' || ending === 'failed';
  return {
    delivery,
    state: isSettled ? ending : 'pending',
    dueAt: typeof ending === 'string' ? here.clock.ms : ending.retryAt,
    error: ending === 'delivered' ? null : 'The agent answered with status 500.',
    attempt: ending === 'released' ? undefined : attempt(here, ending === 'delivered'),
  };
}

function attempt(here: TestDatabase, succeeded: boolean): Attempt {
  return {
    startedAt: here.clock.ms,
    durationMs: 5,
    outcome: succeeded ? 'delivered' : 'http_status',
    statusCode: succeeded ? 200 : 500,
    responseExcerpt: null,
  };
}

/**
 * Records how attempts ended, as a worker does in one transaction.
 * @returns those of the deliveries that were still its own.
 */
export async function finish(
  here: TestDatabase,
  deliveries: readonly LeasedDelivery[],
  ending: Ending,
): Promise<LeasedDelivery[]> {
  const now = here.clock.ms;
  const finished = deliveries.map((delivery) => settlement(here, delivery, ending));
  return here.db.write(async (trx) => {
    const settled = await settleIfLeased(trx, finished, now);
    const ours = [...settled.keys()].map(({ delivery }) => delivery);
    const lanes = Map.groupBy(ours, (delivery) => delivery.connection_id);
    if (ending !== 'released') {
      const results = [...lanes].map(([connectionId, { length }]) =>
        laneResult(connectionId, length, ending),
      );
      await recordLaneResults(trx, results, BREAKER, now);
    }
    await refreshSettledLanes(trx, lanes.keys(), LIMITS, now);
    return ours;
  });
}

function laneResult(connectionId: string, attempts: number, ending: Ending): LaneResult {
  const succeeded = ending === 'delivered';
  return { connectionId, succeeded, failures: succeeded ? 0 : attempts, askedUntil: 0, isTrouble: false };
}
