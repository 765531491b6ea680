import { sql, type Transaction } from 'kysely';
import type { AttemptOutcome, MessageStatus, OutboxState, Schema } from '../db/schema.ts';
import { jsonEach } from '../db/sqlite/json-rows.ts';
import { statement } from '../db/statement.ts';
import { appendEvents } from '../events/append.ts';

/** What is recorded of one attempt. */
export interface AttemptRecord {
  startedAt: number;
  durationMs: number;
  outcome: AttemptOutcome;
  statusCode: number | null;
  error: string | null;
  responseExcerpt: string | null;
}

/** What becomes of a leased delivery. `pending` is a retry, or, without an attempt, a release. */
export interface Settlement {
  deliveryId: string;
  leaseToken: string;
  state: Exclude<OutboxState, 'leased'>;
  /** When it is due again (ms), for `pending`. */
  dueAt: number;
  lastError: string | null;
  /** Absent when the receiver was not to blame and no attempt is used up. */
  attempt: AttemptRecord | undefined;
}

export interface SettledRow {
  id: string;
  message_id: string;
  state: OutboxState;
  attempts: number;
}

/**
 * Records outcomes. Each write names the lease token: a worker that lost its lease, however late it comes, changes
 * nothing; not even when it holds the same delivery again under another token.
 * @returns the settlements whose deliveries were still ours.
 */
export async function settleIfLeased(
  trx: Transaction<Schema>,
  settlements: readonly Settlement[],
  now: number,
): Promise<Set<Settlement>> {
  const settled = new Map<Settlement, SettledRow>();
  for (const settlement of settlements) {
    const [row] = await settleRow(trx, ...settleParameters(settlement, now));
    if (row !== undefined) settled.set(settlement, row);
  }
  const attempts = [...settled].flatMap(([{ attempt }, row]) =>
    attempt ? [{ ...attempt, deliveryId: row.id, attempt: row.attempts }] : [],
  );
  if (attempts.length > 0) await insertAttempts(trx, attempts);
  const ended = [...settled.values()].filter((row) => row.state !== 'pending');
  if (ended.length > 0) await reportEnded(trx, ended, now);
  return new Set(settled.keys());
}

type SettleParameters = [
  stateIfDeleted: OutboxState,
  state: OutboxState,
  settledAtIfDeleted: number,
  settledAt: number | null,
  attemptsMade: number,
  dueAt: number,
  lastError: string | null,
  deliveryId: string,
  leaseToken: string,
];

/** A subselect and no join: for a single row that is several times cheaper in SQLite. */
const IS_DELETED = "(select status from connections where id = outbox.connection_id) = 'deleted'";

/** Uses the primary keys. A deleted connection is sent nothing again. */
const settleRow = statement<SettleParameters, SettledRow>(`
  update outbox set
    state = iif(${IS_DELETED}, ?, ?), settled_at = iif(${IS_DELETED}, ?, ?),
    attempts = attempts + ?, due_at = ?, last_error = ?,
    lease_token = null, lease_owner = null, lease_expires_at = null
  where outbox.id = ? and outbox.lease_token = ?
  returning id, message_id, state, attempts`);

function settleParameters(settlement: Settlement, now: number): SettleParameters {
  const { deliveryId, leaseToken, state, dueAt, lastError, attempt } = settlement;
  const isRetry = state === 'pending';
  return [
    isRetry ? 'cancelled' : state,
    state,
    now,
    isRetry ? null : now,
    attempt ? 1 : 0,
    dueAt,
    lastError,
    deliveryId,
    leaseToken,
  ];
}

async function insertAttempts(
  trx: Transaction<Schema>,
  attempts: readonly (Omit<AttemptRecord, 'attempt'> & { deliveryId: string; attempt: number })[],
): Promise<void> {
  await sql`
    insert into delivery_attempts
      (delivery_id, attempt, started_at, duration_ms, outcome, status_code, error, response_excerpt)
    select value ->> 'deliveryId', value ->> 'attempt', value ->> 'startedAt', value ->> 'durationMs',
      value ->> 'outcome', value ->> 'statusCode', value ->> 'error', value ->> 'responseExcerpt'
    from ${jsonEach(attempts)}
  `.execute(trx);
}

/** Brings the messages' summary status up to date and tells their senders. */
export async function reportEnded(
  trx: Transaction<Schema>,
  ended: readonly SettledRow[],
  now: number,
): Promise<void> {
  const messages = await summarize(
    trx,
    ended.map((row) => row.message_id),
    now,
  );
  const byId = new Map(messages.map((message) => [message.id, message]));
  await appendEvents(
    trx,
    ended.flatMap((row) => {
      const message = byId.get(row.message_id);
      if (message === undefined) return [];
      const data = {
        message_id: row.message_id,
        delivery_id: row.id,
        status: row.state,
        message_status: message.status,
        correlation_id: message.correlation_id ?? undefined,
      };
      return [{ userId: message.sender_id, type: 'delivery_status' as const, data }];
    }),
    now,
  );
}

interface Summary {
  id: string;
  sender_id: string;
  status: MessageStatus;
  correlation_id: string | null;
}

/**
 * A message is pending while a delivery is, else delivered if one was, else failed. Uses outbox_by_message.
 */
export async function summarize(
  trx: Transaction<Schema>,
  messageIds: readonly string[],
  now: number,
): Promise<Summary[]> {
  const { rows } = await sql<Summary>`
    update messages set status = summary.status,
      delivered_at = case when summary.status = 'delivered' then coalesce(delivered_at, ${now}) end
    from (
      select value as id,
        case when exists (select 1 from outbox where message_id = value and settled_at is null) then 'pending'
          when exists (select 1 from outbox where message_id = value and state = 'delivered') then 'delivered'
          else 'failed' end as status
      from (select distinct value from ${jsonEach(messageIds)})
    ) as summary
    where messages.id = summary.id
    returning messages.id, messages.sender_id, messages.status, messages.correlation_id
  `.execute(trx);
  return rows;
}
