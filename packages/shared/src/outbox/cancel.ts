import { sql, type Transaction } from 'kysely';
import { NEVER_CONNECTED } from '../attempt-outcomes.ts';
import type { Clock } from '../clock.ts';
import type { Schema } from '../db/schema.ts';
import { statement } from '../db/statement.ts';
import type { GroupCommit } from '../db/write.ts';
import { wakeLanes } from './lanes.ts';
import { reportEnded, type SettledRow } from './settle.ts';

/** Deliveries cancelled in one transaction, so that other writes need not wait long. */
const BATCH = 500;

/**
 * Cancels the pending deliveries of deleted connections in batches. If the process dies meanwhile, workers cancel the
 * rest when its turn comes.
 */
export async function cancelAllDeliveries(
  write: GroupCommit['write'],
  connectionIds: readonly string[],
  clock: Clock,
): Promise<void> {
  for (const id of connectionIds) {
    let cancelled = BATCH;
    while (cancelled === BATCH)
      cancelled = await write((trx) => cancelDeliveries(trx, id, BATCH, clock.now()));
  }
}

/**
 * Cancels up to `limit` pending deliveries of a deleted connection; leased ones finish but are not retried (see
 * `settleIfLeased`). The row of an ended subscription may serve the next one meanwhile: that keeps what it is owed. Uses
 * outbox_pending.
 * @returns how many were cancelled; fewer than `limit`: no more are left.
 */
export async function cancelDeliveries(
  trx: Transaction<Schema>,
  connectionId: string,
  limit: number,
  now: number,
): Promise<number> {
  const { rows } = await sql<SettledRow>`
    update outbox set state = 'cancelled', settled_at = ${now}, last_error = 'The connection was deleted.'
    where id in (select id from outbox where connection_id = ${connectionId} and state = 'pending' limit ${limit})
      and exists (select 1 from connections where id = ${connectionId} and status = 'deleted')
    returning id, message_id, state, attempts
  `.execute(trx);
  if (rows.length > 0) await reportEnded(trx, rows, now);
  // Nothing holds this lane back any more, and a worker may die with what is in flight. Who never got anything has none.
  const [lane] = await laneOf(trx, connectionId);
  if (lane !== undefined) await wakeLanes(trx, new Set([connectionId]), now);
  return rows.length;
}

/** Uses the primary key. */
const laneOf = statement<[connectionId: string], { connection_id: string }>(
  'select connection_id from lanes where connection_id = ?',
);

/** Outcomes of attempts after which an agent cannot have a message: it was not reached, or has refused it. */
const UNTAKEN = `(
  outcome in ('dns', 'tls', 'refused_address', 'redirect')
  or outcome = 'http_status' and (status_code between 400 and 499 or status_code = 503)
  or outcome = 'connection' and error in ('${NEVER_CONNECTED.refused}', '${NEVER_CONNECTED.unreachable}'))`;

/**
 * Cancels the delivery of a message to one user for its sender, unless the agent has it, or may have it: somebody holds
 * it at this moment, or an attempt ended without a clear answer. Uses outbox_by_message and the primary keys.
 * @returns whether it was cancelled.
 */
export async function cancelUntaken(
  trx: Transaction<Schema>,
  messageId: string,
  now: number,
): Promise<boolean> {
  const { rows } = await sql<SettledRow & { connection_id: string }>`
    update outbox set state = 'cancelled', settled_at = ${now}, last_error = 'Its sender has cancelled it.'
    where message_id = ${messageId} and state = 'pending' and first_delivered_at is null
      and not exists (
        select 1 from delivery_attempts where delivery_id = outbox.id and not ${sql.raw(UNTAKEN)})
    returning id, message_id, state, attempts, connection_id
  `.execute(trx);
  if (rows.length === 0) return false;
  await reportEnded(trx, rows, now);
  await wakeLanes(trx, new Set(rows.map((row) => row.connection_id)), now);
  return true;
}
