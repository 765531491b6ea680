import assert from 'node:assert/strict';
import type { Kysely, Selectable } from 'kysely';
import type { Schema } from '../src/db/schema.ts';
import type { LaneLimits } from '../src/outbox/lanes.ts';

type Delivery = Pick<Selectable<Schema['outbox']>, 'state' | 'due_at' | 'lease_expires_at'>;

interface Lane {
  slots: number;
  paused_until: number;
  deliveries: readonly Delivery[];
}

/**
 * When a delivery of a lane can first be leased, found by trying every moment at which anything changes: slow, but
 * too simple to be wrong.
 */
function firstMoment({ slots, paused_until, deliveries }: Lane, now: number): number | undefined {
  const expiryOf = ({ lease_expires_at }: Delivery) => lease_expires_at ?? 0;
  const moments = deliveries.flatMap((delivery) => [delivery.due_at, expiryOf(delivery)]);
  const isPossibleAt = (moment: number) => {
    const leased = deliveries.filter(({ state }) => state === 'leased');
    const inFlight = leased.filter((delivery) => expiryOf(delivery) > moment).length;
    const isDue = deliveries.some(({ state, due_at }) => state === 'pending' && due_at <= moment);
    return moment >= paused_until && inFlight < slots && (isDue || inFlight < leased.length);
  };
  return [now, paused_until, ...moments]
    .filter((moment) => moment >= now)
    .sort((a, b) => a - b)
    .find(isPossibleAt);
}

function earlier(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

/** Asserts that nothing is stuck: each lane is due no later than its first leasable delivery. */
export async function assertLanesAreSeenInTime(
  db: Kysely<Schema>,
  limits: LaneLimits,
  now: number,
): Promise<void> {
  const lanes = await db
    .selectFrom('lanes')
    .innerJoin('connections', 'connections.id', 'lanes.connection_id')
    .select(['lanes.connection_id', 'ready_at', 'bulk_ready_at', 'paused_until', 'failures'])
    .where('connections.status', '<>', 'suspended')
    .where((or) => or.or([or('mode', '=', 'callback'), or('connections.status', '=', 'deleted')]))
    .execute();
  const deliveries = await db
    .selectFrom('outbox')
    .select(['connection_id', 'state', 'due_at', 'lease_expires_at'])
    .where('state', 'in', ['pending', 'leased'])
    .execute();
  const byLane = Map.groupBy(deliveries, ({ connection_id }) => connection_id);
  for (const { connection_id, paused_until, failures, ...lane } of lanes) {
    const ready_at = earlier(lane.ready_at, lane.bulk_ready_at);
    const slots = failures >= limits.breakerFailures ? 1 : limits.slots;
    const first = firstMoment({ slots, paused_until, deliveries: byLane.get(connection_id) ?? [] }, now);
    if (first === undefined) continue;
    assert.ok(
      ready_at !== null && ready_at <= first,
      `${connection_id} could be served at ${first - now}, and is looked at at ${ready_at === null ? 'no time' : ready_at - now}`,
    );
  }
}
