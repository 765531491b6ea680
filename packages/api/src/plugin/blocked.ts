import { hash } from 'node:crypto';
import type { User } from '@mahilo/shared/accounts/users';
import { isoTime } from '@mahilo/shared/clock';
import type { MessageStatus, Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { eachOf } from '@mahilo/shared/db/words/rows';
import { JOIN_IN_ORDER, worded } from '@mahilo/shared/db/words/words';
import { isCiphertext } from '@mahilo/shared/messages/ciphertext';
import { type Kysely, sql } from 'kysely';
import { countFitting } from '../http/page-bytes.ts';
import type { Page } from '../http/pagination.ts';
import type { Send } from '../messages/schemas.ts';
import { DEFAULT_SELECTORS } from '../policies/selectors.ts';
import { ENCRYPTED } from './fields.ts';
import { listUnsent, type Unsent } from './held.ts';
import { auditOf, recipientOf } from './reviews.ts';

/** Characters of a message that an event shows where it is asked for. */
const EXCERPT = 120;
const LAST_MESSAGE = 'msg_~';

/** A message that a policy or a person has refused, before the text of it is read. */
interface Refused {
  id: string;
  bytes: number;
  event: object;
}

/** Messages that the registry itself refused, and what was decided before. Uses messages_rejected and the primary key. */
const rejectedBy = statement<
  [senderId: string, before: string, limit: number],
  {
    id: string;
    bytes: number;
    recipient_id: string;
    recipient_type: 'user' | 'group';
    recipient: string;
    rejection_reason: string | null;
    correlation_id: string | null;
    in_response_to: string | null;
    created_at: number;
    resolution_id: string | null;
    direction: string | null;
    resource: string | null;
    action: string | null;
  }
>(`
  select id, octet_length(messages.body) as bytes, messages.recipient_id, messages.recipient_type, messages.recipient,
    rejection_reason, correlation_id, in_response_to, messages.created_at, resolution_id, direction, resource, action
  from messages left join decisions on message_id = id
  where messages.sender_id = ? and status = '${'rejected' satisfies MessageStatus}' and id < ?
  order by id desc limit ?`);

/** What of a user's was refused, newest first, by whoever decided. `withExcerpt` shows the beginning of each message. */
export async function listBlocked(
  db: Kysely<Schema>,
  user: User,
  page: Page,
  { withExcerpt, now }: { withExcerpt: boolean; now: number },
): Promise<{ rows: Refused[]; stoppedAt: string | undefined }> {
  const decided = await listUnsent(db, user.id, ['denied', 'rejected'], page, now);
  const judged = await rejectedBy(db, user.id, page.after ?? LAST_MESSAGE, page.limit + 1);
  const found: Refused[] = [
    ...decided.rows.map((row) => ({
      id: row.message_id,
      bytes: row.body_bytes,
      event: ofDecision(user, row),
    })),
    ...judged.map((row) => ({ id: row.id, bytes: row.bytes, event: ofMessage(user, row) })),
  ].sort((one, other) => (one.id < other.id ? 1 : -1));
  const { stoppedAt } = decided;
  const before = found.filter(({ id }) => stoppedAt === undefined || id >= stoppedAt);
  const wanted = before.slice(0, page.limit + 1);
  const fitting = countFitting(wanted, ({ bytes }) => 1000 + bytes);
  const rows = wanted.slice(0, fitting);
  const texts = await textsOf(
    db,
    rows.map(({ id }) => id),
  );
  return {
    rows: rows.map((row) => ({
      ...row,
      event: { ...row.event, ...payloadOf(texts.get(row.id), withExcerpt) },
    })),
    stoppedAt: fitting < wanted.length ? rows.at(-1)?.id : stoppedAt,
  };
}

const SEND = worded(({ json }) => json('send_json'));

/** Uses the primary keys. */
async function textsOf(db: Kysely<Schema>, ids: readonly string[]): Promise<Map<string, Payload>> {
  const { rows } = await sql<Payload & { id: string }>`
    select messages.id, body, payload_type, encryption_json
      from ${eachOf(ids)} ${JOIN_IN_ORDER} messages on messages.id = value
    union all select message_id, body, ${SEND} ->> 'payload_type', ${SEND} ->> 'encryption'
      from ${eachOf(ids)} ${JOIN_IN_ORDER} decisions on message_id = value
    where body is not null
  `.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

interface Payload {
  body: string;
  payload_type: string | null;
  encryption_json: string | null;
}

const NOTHING: Payload = { body: '', payload_type: null, encryption_json: null };

function payloadOf(payload = NOTHING, withExcerpt = false) {
  return {
    stored_payload_excerpt: withExcerpt ? excerptOf(payload) : null,
    payload_hash: `sha256:${hash('sha256', payload.body)}`,
  };
}

function excerptOf(payload: Payload): string {
  if (isCiphertext(payload)) return ENCRYPTED;
  return [...payload.body.slice(0, 2 * EXCERPT)].slice(0, EXCERPT).join('');
}

function ofDecision(user: User, row: Unsent) {
  const { correlation_id, in_response_to }: Partial<Send> = JSON.parse(row.send_json ?? '{}');
  const audit = auditOf(row);
  const { direction, resource, action } = row;
  const byPerson = row.state === 'rejected';
  return {
    ...common(user, row.message_id, row.created_at),
    resolution_id: row.resolution_id,
    reason_code: byPerson ? 'review.rejected' : row.reason_code,
    reason: byPerson ? 'Rejected by you.' : (audit.reason ?? row.summary ?? 'The message is not sent.'),
    correlation_id: correlation_id ?? null,
    in_response_to: in_response_to ?? null,
    direction,
    resource,
    action,
    recipient: recipientOf(row),
    audit,
  };
}

function ofMessage(user: User, row: Awaited<ReturnType<typeof rejectedBy>>[number]) {
  const { recipient_type: type, resolution_id } = row;
  // Only of what an agent had decided about is it known what kind of message it was.
  const { direction, resource, action } = DEFAULT_SELECTORS;
  return {
    ...common(user, row.id, row.created_at),
    ...(resolution_id !== null && { resolution_id }),
    reason_code: 'policy.deny.resolved',
    reason: row.rejection_reason ?? 'The message is not sent.',
    correlation_id: row.correlation_id,
    in_response_to: row.in_response_to,
    direction: row.direction ?? direction,
    resource: row.resource ?? resource,
    action: row.action ?? action,
    recipient: { id: row.recipient_id, type, username: type === 'user' ? row.recipient : null },
    audit: {},
  };
}

function common({ username }: User, messageId: string, at: number) {
  return {
    id: `blocked_${messageId}`,
    message_id: messageId,
    queue_direction: 'outbound' as const,
    sender: username,
    timestamp: isoTime(at),
    status: 'rejected' as const,
  };
}
