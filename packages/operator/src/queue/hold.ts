import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { reviveLane } from '@mahilo/shared/outbox/lanes';
import type { Transaction } from 'kysely';

/** Waiting deliveries of one agent that are made due at once; the others follow on their own time. */
const TRIED_AT_ONCE = 500;

/** Holds an agent's deliveries back until {@link releaseAgent}. What is on its way goes on. Uses the primary key. */
export async function holdAgent(
  trx: Transaction<Schema>,
  connectionId: string,
  reason: string,
  now: number,
): Promise<void> {
  await trx
    .updateTable('connections')
    .set({ held_at: now, held_reason: reason })
    .where('id', '=', connectionId)
    .execute();
}

/** Ends a hold: what has waited goes out. Uses the primary keys. @returns false when there was none. */
export async function releaseAgent(
  trx: Transaction<Schema>,
  connectionId: string,
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('connections')
    .set({ held_at: null, held_reason: null })
    .where('id', '=', connectionId)
    .where('held_at', 'is not', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await reviveLane(trx, connectionId, now, { seen: false, moved: false, restored: false });
  return true;
}

/**
 * Has an agent's waiting deliveries tried now, whatever pause they are in: the first {@link TRIED_AT_ONCE}. One of them
 * probes an agent that fails; a hold stays. Uses outbox_pending.
 */
export async function tryAgentNow(
  trx: Transaction<Schema>,
  connectionId: string,
  now: number,
): Promise<void> {
  for (const bulk of [0, 1] as const) await makeDue(trx, now, connectionId, bulk, now, TRIED_AT_ONCE);
  await reviveLane(trx, connectionId, now, { seen: false, moved: false, restored: false });
}

const makeDue = statement<[now: number, connectionId: string, bulk: 0 | 1, nowAgain: number, limit: number]>(`
  update outbox set due_at = ? where id in (
    select id from outbox where connection_id = ? and state = 'pending' and bulk = ? and due_at > ?
    order by due_at limit ?)`);
