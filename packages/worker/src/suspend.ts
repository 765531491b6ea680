import type { EventType, Schema } from '@mahilo/shared/db/schema';
import { appendEvents } from '@mahilo/shared/events/append';
import type { Transaction } from 'kysely';

const DAY_MS = 86_400_000;
/**
 * An agent whose attempts have all failed for so long (ms) is suspended: its messages wait, and no more attempts are
 * made.
 */
export const SUSPEND_AFTER_MS = 5 * DAY_MS;
/** But only if it was tried on this many of these days: silence is no failure. */
const FAILING_DAYS = 3;
/** Its owner gets a warning this long (ms) after the first failure. */
export const WARN_AFTER_MS = DAY_MS;

/**
 * Warns the owners of agents that have only failed for a day, and suspends those that have for five; writes an event
 * for each. `connectionIds` have just failed. Uses the primary keys.
 * @returns the ids of those that are suspended now.
 */
export async function suspendFailing(
  trx: Transaction<Schema>,
  connectionIds: readonly string[],
  now: number,
): Promise<string[]> {
  if (connectionIds.length === 0) return [];
  const suspended: string[] = [];
  const failing = await trx
    .selectFrom('lanes')
    .innerJoin('connections', 'connections.id', 'lanes.connection_id')
    .select(['connections.id', 'user_id', 'framework', 'label', 'failing_since', 'failing_days', 'warned_at'])
    .where('connections.id', 'in', connectionIds)
    .where('connections.status', '=', 'active')
    .where('failing_since', '<=', now - WARN_AFTER_MS)
    .execute();
  for (const agent of failing) {
    const data = { connection_id: agent.id, framework: agent.framework, label: agent.label };
    const tell = (type: EventType) => appendEvents(trx, [{ userId: agent.user_id, type, data }], now);
    const isLong = (agent.failing_since ?? now) <= now - SUSPEND_AFTER_MS;
    const wasWarned = agent.warned_at !== null && agent.warned_at <= now - WARN_AFTER_MS;
    if (isLong && wasWarned && bitsOf(agent.failing_days) >= FAILING_DAYS) {
      await trx.updateTable('connections').set({ status: 'suspended' }).where('id', '=', agent.id).execute();
      await tell('agent_suspended');
      suspended.push(agent.id);
    } else if (agent.warned_at === null) {
      await trx.updateTable('lanes').set({ warned_at: now }).where('connection_id', '=', agent.id).execute();
      await tell('agent_failing');
    }
  }
  return suspended;
}

/** The number of bits that are 1. */
function bitsOf(number: number): number {
  return number.toString(2).replaceAll('0', '').length;
}
