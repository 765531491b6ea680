import { sql, type Transaction } from 'kysely';
import type { AttemptOutcome } from '../attempt-outcomes.ts';
import { lockFor } from '../db/beside.ts';
import type { MessageStatus, OutboxState, Schema } from '../db/schema.ts';
import { namedStatement, statement } from '../db/statement.ts';
import { eachOf, json, Rows } from '../db/words/rows.ts';
import { appendEvents } from '../events/append.ts';

/** The record of one attempt. Times in ms. */
export interface Attempt {
  startedAt: number;
  durationMs: number;
  outcome: AttemptOutcome;
  statusCode: number | null;
  responseExcerpt: string | null;
}

/** The outcome of a leased delivery. `pending` is a retry, or a release when there is no attempt. */
export interface Settlement<Delivery extends Lease = Lease> {
  delivery: Delivery;
  state: Exclude<OutboxState, 'leased'>;
  /** When it is due again (ms), for `pending`. */
  dueAt: number;
  error: string | null;
  /** Undefined when the receiver was not to blame: this uses up no attempt. */
  attempt: Attempt | undefined;
}

/** Identifies a lease: the delivery, and the token that fences it. */
export interface Lease {
  id: string;
  lease_token: string;
}

export interface SettledRow {
  id: string;
  /** Null for an event. */
  message_id: string | null;
  state: OutboxState;
  attempts: number;
}

/** A row that an attempt has settled. */
export interface AttemptedRow extends SettledRow {
  /**
   * The connection's registration now; it differs from the attempt's when the connection was registered again
   * meanwhile.
   */
  registration: number;
}

/**
 * Records outcomes. Each write names the lease token: a worker that has lost its lease changes nothing, however late
 * it comes, even if it holds the same delivery again under another token.
 * @returns the settlements whose leases still held, and their rows.
 */
export async function settleIfLeased<Settled extends Settlement>(
  trx: Transaction<Schema>,
  settlements: readonly Settled[],
  now: number,
): Promise<Map<Settled, AttemptedRow>> {
  const settled = new Map<Settled, AttemptedRow>();
  const rows = await Promise.all(settlements.map((settlement) => settleRow(trx, settlement, now)));
  for (const [index, settlement] of settlements.entries()) {
    const row = rows[index];
    if (row !== undefined) settled.set(settlement, row);
  }
  const attempts = [...settled].flatMap(([settlement, row]) => attemptRow(settlement, row));
  const ended = [...settled.values()].filter((row) => row.state !== 'pending');
  await Promise.all([
    attempts.length > 0 ? insertAttempts(trx, { attempts: json(attempts) }) : undefined,
    ended.length > 0 ? reportEnded(trx, ended, now) : undefined,
  ]);
  return settled;
}

/** A subselect and not a join: for a single row it is several times cheaper in SQLite. */
const IS_DELETED = "(select status from connections where id = outbox.connection_id) = 'deleted'";

async function settleRow(
  trx: Transaction<Schema>,
  { delivery, state, dueAt, error, attempt }: Settlement,
  now: number,
): Promise<AttemptedRow | undefined> {
  const isRetry = state === 'pending';
  const stateIfDeleted = isRetry ? 'cancelled' : state;
  const settledAt = isRetry ? null : now;
  const attempts = attempt ? 1 : 0;
  const { id, lease_token } = delivery;
  const [row] = await settle(
    trx,
    stateIfDeleted,
    state,
    now,
    settledAt,
    attempts,
    dueAt,
    error,
    id,
    lease_token,
  );
  return row;
}

/** A retry to a deleted connection is cancelled instead. Uses the primary keys. */
const settle = statement<
  [
    stateIfDeleted: OutboxState,
    state: OutboxState,
    settledAtIfDeleted: number,
    settledAt: number | null,
    attempts: number,
    dueAt: number,
    lastError: string | null,
    id: string,
    leaseToken: string,
  ],
  AttemptedRow
>(
  ({ bigint }) => `
  update outbox set
    state = case when ${IS_DELETED} then ? else ? end,
    settled_at = case when ${IS_DELETED} then ${bigint('?')} else ? end,
    attempts = attempts + ?, due_at = ?, last_error = ?,
    lease_token = null, lease_owner = null, lease_expires_at = null
  where outbox.id = ? and outbox.lease_token = ?
  returning id, message_id, state, attempts,
    (select registration from connections where id = outbox.connection_id) as registration`,
);

/** An attempt as it is recorded. */
interface AttemptRow {
  delivery_id: string;
  attempt: number;
  started_at: number;
  duration_ms: number;
  outcome: AttemptOutcome;
  status_code: number | null;
  error: string | null;
  response_excerpt: string | null;
}

const MADE = new Rows<AttemptRow>('made', {
  delivery_id: 'text',
  attempt: 'bigint',
  started_at: 'bigint',
  duration_ms: 'bigint',
  outcome: 'text',
  status_code: 'bigint',
  error: 'text',
  response_excerpt: 'text',
});

const insertAttempts = namedStatement<{ attempts: string }>(
  (value) => sql`
    insert into delivery_attempts
      (delivery_id, attempt, started_at, duration_ms, outcome, status_code, error, response_excerpt)
    select delivery_id, attempt, started_at, duration_ms, outcome, status_code, error, response_excerpt
    from ${MADE.of(value('attempts'))}`,
);

function attemptRow({ attempt, error }: Settlement, row: AttemptedRow): AttemptRow[] {
  if (attempt === undefined) return [];
  const { startedAt, durationMs, outcome, statusCode, responseExcerpt } = attempt;
  return [
    {
      delivery_id: row.id,
      attempt: row.attempts,
      started_at: startedAt,
      duration_ms: durationMs,
      outcome,
      status_code: statusCode,
      error,
      response_excerpt: responseExcerpt,
    },
  ];
}

/**
 * Updates the messages' summary status and appends events for their senders. The end of an event's delivery is no event
 * itself: else one that cannot be delivered would bring about the next.
 */
export async function reportEnded(
  trx: Transaction<Schema>,
  ended: readonly SettledRow[],
  now: number,
): Promise<void> {
  const messageIds = ended.map((row) => row.message_id).filter((id) => id !== null);
  if (messageIds.length === 0) return;
  const messages = await summarize(trx, messageIds, now);
  const byId = new Map(messages.map((message) => [message.id, message]));
  await appendEvents(
    trx,
    ended.flatMap((row) => {
      const message = row.message_id === null ? undefined : byId.get(row.message_id);
      if (message === undefined) return [];
      const data = {
        message_id: row.message_id,
        delivery_id: row.id,
        status: row.state,
        message_status: message.status,
        correlation_id: message.correlation_id ?? undefined,
        sender_connection_id: message.sender_connection_id ?? undefined,
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
  sender_connection_id: string | null;
}

/**
 * A message is pending while one of its deliveries is pending and has never succeeded; else delivered if one
 * succeeded, else failed. Uses outbox_by_message.
 */
export async function summarize(
  trx: Transaction<Schema>,
  messageIds: readonly string[],
  now: number,
): Promise<Summary[]> {
  // Others may settle deliveries of the same message at the same time: whoever has it last sees them all.
  const locked = lockFor(trx, 'messages', messageIds);
  const summarized = updateSummaries(trx, { messageIds: json(messageIds), now });
  const [rows] = await Promise.all([summarized, locked]);
  return rows;
}

/** Not with `exists`: for a list PostgreSQL may prefer to look once through the whole outbox. */
const updateSummaries = namedStatement<{ messageIds: string; now: number }, Summary>(
  (value) => sql`
    update messages set status = summary.status,
      delivered_at = case when summary.status = 'delivered' then coalesce(delivered_at, ${value('now')}) end
    from (
      select value as id,
        case when (
            select 1 from outbox where message_id = value and settled_at is null and first_delivered_at is null limit 1) = 1
            then 'pending'
          when (
            select 1 from outbox where message_id = value and (state = 'delivered' or first_delivered_at is not null) limit 1) = 1
            then 'delivered'
          else 'failed' end as status
      from (select distinct value from ${eachOf(value('messageIds'))}) as ended
    ) as summary
    where messages.id = summary.id
    returning messages.id, messages.sender_id, messages.status, messages.correlation_id, messages.sender_connection_id`,
);
