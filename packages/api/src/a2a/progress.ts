import type { TaskState } from '@a2a-js/sdk';
import { keyNoLongerValid } from '../access/caller.ts';
import type { LiveEvent } from '../live/live-event.ts';
import type { Session } from './session.ts';
import { stateOf } from './task.ts';
import { findTask, type TaskRow } from './task-rows.ts';

/**
 * Waits until a task is further than `known`. Tails the events of the caller, so that any number of waiters hear of the same
 * answer, and reads the task anew each time.
 * @returns undefined when the time was over, the client gone, or the feed closed.
 * @throws MahiloError UNAUTHORIZED when the key has died meanwhile.
 */
export async function awaitProgress(
  { deps, caller, agent, isKeyValid }: Session,
  known: TaskRow,
  isNews: (state: TaskState) => boolean,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<TaskRow | undefined> {
  const concerns = ({ type, data }: LiveEvent) =>
    type === 'message_received' ? data['sender'] === agent.friend.username : data['message_id'] === known.id;
  const look = async () => {
    const task = await findTask(deps.db.kysely, caller, agent, known.id, deps.clock.now());
    if (task === undefined || !isNews(stateOf(task))) return undefined;
    // If the key was replaced during the wait, it gets nothing more.
    if (!(await isKeyValid())) throw keyNoLongerValid();
    return task;
  };
  return deps.feed.until(caller.id, concerns, look, options);
}
