import { isAlone } from '@mahilo/shared/db/beside';
import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { type BreakerPolicy, recordLaneResults } from '@mahilo/shared/outbox/lane-results';
import { type LaneLimits, refreshSettledLanes } from '@mahilo/shared/outbox/lanes';
import { type LeasedDelivery, type LeaseRequest, lease, lockLanesOf } from '@mahilo/shared/outbox/lease';
import { type AttemptedRow, settleIfLeased } from '@mahilo/shared/outbox/settle';
import type { Transaction } from 'kysely';
import type { Finished } from './decide.ts';
import { deactivateGone } from './gone.ts';
import { laneResults } from './lane-news.ts';
import { proveUrls } from './prove.ts';
import { suspendFailing, WARN_AFTER_MS } from './suspend.ts';

export interface SettleAndLeasePlan {
  finished: readonly Finished[];
  /** Undefined when the worker wants no more. */
  request: LeaseRequest | undefined;
  limits: LaneLimits;
  breaker: BreakerPolicy;
  now: number;
  /** By a clock that is in doubt nobody is suspended. */
  isClockBelieved: boolean;
}

export interface SettleAndLeaseResult {
  leased: LeasedDelivery[];
  /** Finished attempts whose delivery another worker had taken over: nothing was recorded of them. */
  lost: Finished[];
  /** Connections that get nothing more: suspended after failing for days, or deactivated by 410 Gone. */
  failing: string[];
  gone: string[];
}

/**
 * Whether outcomes may change connections: after 410 Gone, a URL's first success, or a day of failures. Others decide by
 * connections, and rely on them: such a transaction must be alone.
 */
export function mayChangeConnections(finished: readonly Finished[], now: number): boolean {
  return finished.some(({ delivery, attempt, news }) => {
    const { proven_at, failing_since } = delivery;
    if (news.kind === 'succeeded') return proven_at === null;
    const isLong = failing_since !== null && failing_since <= now - WARN_AFTER_MS;
    return attempt?.outcome === 'gone' || (news.kind === 'failed' && isLong);
  });
}

/** The worker's one kind of transaction: records finished attempts, and leases new work into the slots they free. */
export async function settleAndLease(
  trx: Transaction<Schema>,
  plan: SettleAndLeasePlan,
): Promise<SettleAndLeaseResult> {
  const { request, limits, breaker, now } = plan;
  await lockLanesOf(
    trx,
    plan.finished.map(({ delivery }) => delivery),
    request,
  );
  const finished = await spareNewRegistrations(trx, plan.finished, now);
  const ours = await settleIfLeased(trx, finished, now);
  const { current, outdated } = byRegistration(ours);
  for (const { id } of outdated) await forgetError(trx, id);
  const results = laneResults(current);
  await recordLaneResults(trx, results, breaker, now);
  await proveUrls(trx, current, now);
  const failed = results.filter(({ failures }) => failures > 0).map(({ connectionId }) => connectionId);
  const maySuspend = plan.isClockBelieved && isAlone(trx);
  const failing = maySuspend ? await suspendFailing(trx, failed, now) : [];
  const gone = await deactivateGone(trx, current);
  if (ours.size > 0) {
    const connectionIds = [...ours.keys()].map(({ delivery }) => delivery.connection_id);
    await refreshSettledLanes(trx, new Set(connectionIds), limits, now);
  }
  return {
    leased: request === undefined ? [] : await lease(trx, request),
    lost: finished.filter((settlement) => !ours.has(settlement)),
    failing,
    gone,
  };
}

/**
 * An attempt that began before a new registration says nothing about it: not about its lane, and not as the last error
 * of what is tried again.
 */
function byRegistration(ours: ReadonlyMap<Finished, AttemptedRow>) {
  const isCurrent = ([{ delivery }, row]: readonly [Finished, AttemptedRow]) =>
    row.registration === delivery.registration;
  const all = [...ours];
  return {
    current: all.filter(isCurrent).map(([settlement]) => settlement),
    outdated: all.filter((one) => !isCurrent(one)).map(([, row]) => row),
  };
}

/** Its attempts keep it. Uses the primary key. */
const forgetError = statement<[id: string]>(
  "update outbox set last_error = null where id = ? and state = 'pending'",
);

/**
 * A delivery that ended for good under an earlier registration is tried once more under the current one. Uses the
 * primary key.
 */
async function spareNewRegistrations(
  trx: Transaction<Schema>,
  finished: readonly Finished[],
  now: number,
): Promise<readonly Finished[]> {
  const failed = finished.filter(({ state }) => state === 'failed');
  if (failed.length === 0) return finished;
  const present = await trx
    .selectFrom('connections')
    .select(['id', 'registration'])
    .where(
      'id',
      'in',
      failed.map(({ delivery }) => delivery.connection_id),
    )
    .execute();
  const registrations = new Map(present.map(({ id, registration }) => [id, registration]));
  return finished.map((one) =>
    one.state === 'failed' && registrations.get(one.delivery.connection_id) !== one.delivery.registration
      ? { ...one, state: 'pending', dueAt: now }
      : one,
  );
}
