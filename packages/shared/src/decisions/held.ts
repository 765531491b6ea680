import type { DecisionState } from '../db/schema.ts';

/** The states of a message that waits for its sender to decide. */
export const HELD_STATES = [
  'review_required',
  'approval_pending',
] as const satisfies readonly DecisionState[];

/** One of them. */
export type HeldState = (typeof HELD_STATES)[number];

/** Whether a state is one of {@link HELD_STATES}. */
export function isHeldState(state: DecisionState): state is HeldState {
  return HELD_STATES.some((held) => held === state);
}
