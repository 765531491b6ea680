import type { AttemptOutcome } from '../src/db/schema.ts';
import { type LaneLimits, type LaneResult, recordLaneResults, refreshLanes } from '../src/outbox/lanes.ts';
import { type LeasedDelivery, type LeaseRequest, lease } from '../src/outbox/lease.ts';
import { type Settlement, settleIfLeased } from '../src/outbox/settle.ts';
import type { TestDatabase } from './database.ts';

export const LEASE_MS = 60_000;
export const LIMITS: LaneLimits = { places: 4, breakerFailures: 3 };
export const BREAKER = { failures: LIMITS.breakerFailures, baseMs: 1000, maxMs: 10_000 };

/** What is asked for unless a test says otherwise: everything that is due, under a token that was never used. */
export function leaseRequest(here: TestDatabase, differences: Partial<LeaseRequest> = {}): LeaseRequest {
  return {
    owner: 'wkr_1',
    token: here.random.bytes(16).toString('hex'),
    now: here.clock.ms,
    leaseMs: LEASE_MS,
    capacity: 1000,
    serveAt: (lane) => lane.ready_at,
    limits: LIMITS,
    ...differences,
  };
}

export async function leaseDue(
  here: TestDatabase,
  differences: Partial<LeaseRequest> = {},
): Promise<LeasedDelivery[]> {
  return here.db.write((trx) => lease(trx, leaseRequest(here, differences)));
}

/** How an attempt ended; a number is when (ms) a failed one is due again. */
export type Ending = 'delivered' | 'failed' | { retryAt: number };

export function settlement(here: TestDatabase, delivery: LeasedDelivery, ending: Ending): Settlement {
  const delivered = ending === 'delivered';
  return {
    deliveryId: delivery.id,
    leaseToken: delivery.lease_token,
    state: typeof ending === 'string' ? ending : 'pending',
    dueAt: typeof ending === 'string' ? 0 : ending.retryAt,
    lastError: delivered ? null : 'The agent answered with status 500.',
    attempt: {
      startedAt: here.clock.ms,
      durationMs: 5,
      outcome: (delivered ? 'delivered' : 'http_status') satisfies AttemptOutcome,
      statusCode: delivered ? 200 : 500,
      error: delivered ? null : 'The agent answered with status 500.',
      responseExcerpt: null,
    },
  };
}

/** Records how attempts ended, as a worker does in one transaction. @returns the ids that were still its own. */
export async function finish(
  here: TestDatabase,
  deliveries: readonly LeasedDelivery[],
  ending: Ending,
  limits: LaneLimits = LIMITS,
): Promise<Set<string>> {
  const now = here.clock.ms;
  return here.db.write(async (trx) => {
    const ours = await settleIfLeased(
      trx,
      deliveries.map((delivery) => settlement(here, delivery, ending)),
      now,
    );
    const settled = deliveries.filter(({ id }) => ours.has(id));
    const lanes = Map.groupBy(settled, (delivery) => delivery.connection_id);
    await recordLaneResults(
      trx,
      [...lanes].map(([connectionId, group]) => laneResult(connectionId, group.length, ending)),
      BREAKER,
      now,
    );
    await refreshLanes(trx, lanes.keys(), limits, now);
    return ours;
  });
}

function laneResult(connectionId: string, attempts: number, ending: Ending): LaneResult {
  const succeeded = ending === 'delivered';
  return { connectionId, succeeded, failures: succeeded ? 0 : attempts };
}
