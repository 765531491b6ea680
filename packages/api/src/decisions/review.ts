import type { Settings } from '@mahilo/shared/config/settings';
import { isHeldState } from '@mahilo/shared/decisions/held';
import type { DecisionRow } from './decisions.ts';

const DAY_MS = 86_400_000;

/** Until when (ms) a message is held that is held from now on. */
export function heldUntil({ REVIEW_DAYS }: Settings, now: number): number {
  return now + REVIEW_DAYS * DAY_MS;
}

/** Whether a message waits for its sender to decide. What nobody decided in time is over before a worker closes it. */
export function isHeld({ state, expires_at }: DecisionRow, now: number): boolean {
  return isHeldState(state) && (expires_at === null || now < expires_at);
}

/** Whether it is a message that is held, or was. */
export function isReview({ decision }: DecisionRow): boolean {
  return decision === 'ask';
}
