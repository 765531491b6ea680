import type { LaneResult } from '@mahilo/shared/outbox/lane-results';
import type { Finished, LaneNews } from './decide.ts';

/** What a batch of attempts means for each lane. */
export function laneResults(finished: Iterable<Finished>): LaneResult[] {
  const results = new Map<string, LaneResult>();
  for (const { delivery, news } of finished) {
    if (news.kind === 'nothing') continue;
    const connectionId = delivery.connection_id;
    const before = results.get(connectionId) ?? { ...UNKNOWN, connectionId };
    results.set(connectionId, { ...before, ...learnt(before, news) });
  }
  return [...results.values()];
}

const UNKNOWN = { succeeded: false, failures: 0, askedUntil: 0, isTrouble: true };

function learnt(before: LaneResult, news: LaneNews): Partial<LaneResult> {
  if (news.kind === 'succeeded') return { succeeded: true, failures: 0, isTrouble: false };
  if (news.kind !== 'failed') return {};
  const askedUntil = Math.max(before.askedUntil, news.askedUntil);
  return { failures: before.failures + 1, askedUntil, isTrouble: false };
}
