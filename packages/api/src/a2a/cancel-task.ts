import { TaskNotCancelableError } from '@a2a-js/sdk/errors';
import { MahiloError } from '@mahilo/shared/errors';
import { cancelUntaken } from '@mahilo/shared/outbox/cancel';
import type { Session } from './session.ts';
import { stateOf } from './task.ts';
import { findTask, type TaskRow } from './task-rows.ts';

/**
 * Takes a message back that the agent does not have: it is never delivered then.
 * @throws TaskNotCancelableError when the agent has it, or may have it.
 */
export async function cancelTask(session: Session, task: TaskRow): Promise<void> {
  const { deps, caller } = session;
  if (task.review?.state === 'open') return withdraw(session, task.id);
  const now = deps.clock.now();
  const isCancelled = await deps.db.write(caller, (trx) => cancelUntaken(trx, task.id, now));
  if (isCancelled) return;
  const known = await findTask(deps.db.kysely, caller, session.agent, task.id, now);
  const state = known === undefined ? 'gone' : stateOf(known);
  throw new TaskNotCancelableError(
    `The agent has it, or may have it, or nothing is owed any more (state ${state}).`,
  );
}

/** Of what is held nothing has gone out. */
async function withdraw({ deps, caller }: Session, id: string): Promise<void> {
  try {
    await deps.decideReview(caller, id, 'reject');
  } catch (error) {
    const isOver = error instanceof MahiloError && ['REVIEW_CLOSED', 'NOT_FOUND'].includes(error.code);
    throw isOver ? new TaskNotCancelableError('It has just been decided about.') : error;
  }
}
