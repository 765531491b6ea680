import { sql, type Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { jsonEach } from '../db/sqlite/json-rows.ts';
import { wakeLanes } from './lanes.ts';
import { summarize } from './settle.ts';

/**
 * Gives settled deliveries a fresh cycle of attempts, due at once. What is not settled, or cancelled, stays as it is.
 * @returns how many were requeued.
 */
export async function requeueSettled(
  trx: Transaction<Schema>,
  deliveryIds: readonly string[],
  now: number,
): Promise<number> {
  const { rows } = await sql<{ message_id: string; connection_id: string }>`
    update outbox set state = 'pending', due_at = ${now}, attempts_before_cycle = attempts, settled_at = null
    where id in (select value from ${jsonEach(deliveryIds)}) and state in ('failed', 'delivered')
    returning message_id, connection_id
  `.execute(trx);
  if (rows.length === 0) return 0;
  await summarize(
    trx,
    rows.map((row) => row.message_id),
    now,
  );
  await wakeLanes(trx, new Set(rows.map((row) => row.connection_id)), now);
  return rows.length;
}
