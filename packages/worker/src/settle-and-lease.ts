import type { Schema } from '@mahilo/shared/db/schema';
import {
  type BreakerPolicy,
  type LaneLimits,
  type LaneResult,
  recordLaneResults,
  refreshLanes,
} from '@mahilo/shared/outbox/lanes';
import { type LeasedDelivery, type LeaseRequest, lease } from '@mahilo/shared/outbox/lease';
import { settleIfLeased } from '@mahilo/shared/outbox/settle';
import type { Transaction } from 'kysely';
import type { Finished } from './decide.ts';
import { deactivateGone } from './gone.ts';
import { suspendFailing } from './suspend.ts';

export interface SettleAndLeasePlan {
  finished: readonly Finished[];
  /** Undefined when no more is wanted. */
  request: LeaseRequest | undefined;
  limits: LaneLimits;
  breaker: BreakerPolicy;
  now: number;
}

export interface SettleAndLeaseResult {
  leased: LeasedDelivery[];
  /** Finished attempts whose delivery had gone to another worker: nothing was recorded of them. */
  lost: Finished[];
  /** Connections that are sent nothing more: suspended after failing for days, or gone by their own word. */
  failing: string[];
  gone: string[];
}

/** The worker's one kind of transaction: records what is finished, and takes new work into the slots that it frees. */
export async function settleAndLease(
  trx: Transaction<Schema>,
  plan: SettleAndLeasePlan,
): Promise<SettleAndLeaseResult> {
  const { finished, request, limits, breaker, now } = plan;
  const ours = await settleIfLeased(trx, finished, now);
  const settled = [...ours];
  const results = laneResults(settled);
  await recordLaneResults(trx, results, breaker, now);
  const failing = await suspendFailing(
    trx,
    results.filter(({ succeeded }) => !succeeded).map(({ connectionId }) => connectionId),
    now,
  );
  const gone = await deactivateGone(trx, settled);
  if (settled.length > 0) {
    await refreshLanes(trx, new Set(settled.map(({ delivery }) => delivery.connection_id)), limits, now);
  }
  return {
    leased: request === undefined ? [] : await lease(trx, request),
    lost: finished.filter((settlement) => !ours.has(settlement)),
    failing,
    gone,
  };
}

function laneResults(settled: readonly Finished[]): LaneResult[] {
  const results = new Map<string, LaneResult>();
  for (const { delivery, attempt } of settled) {
    // It says nothing about the agent.
    if (attempt === undefined) continue;
    const succeeded = attempt.outcome === 'delivered';
    const connectionId = delivery.connection_id;
    const before = results.get(connectionId) ?? { connectionId, succeeded: false, failures: 0 };
    results.set(connectionId, {
      connectionId,
      succeeded: before.succeeded || succeeded,
      failures: succeeded ? 0 : before.failures + 1,
    });
  }
  return [...results.values()];
}
