import type { DecisionState, Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { Kysely } from 'kysely';
import type { DecisionRow } from '../decisions/decisions.ts';
import { countFitting } from '../http/page-bytes.ts';
import type { Page } from '../http/pagination.ts';

/** Characters of a message, and of its context, that a list of held messages shows. */
export const PREVIEW = { message: 240, context: 200 };

/** A message that was not sent, as lists show it to its sender. */
export interface Unsent
  extends Pick<
    DecisionRow,
    | 'message_id'
    | 'sender_connection_id'
    | 'sender_agent'
    | 'recipient_type'
    | 'recipient_id'
    | 'recipient'
    | 'resolution_id'
    | 'direction'
    | 'resource'
    | 'action'
    | 'decision'
    | 'delivery_mode'
    | 'state'
    | 'winning_policy_id'
    | 'reason_code'
    | 'summary'
    | 'send_json'
    | 'audit_json'
    | 'created_at'
  > {
  message_preview: string;
  context_preview: string | null;
  body_bytes: number;
}

/** Uses decisions_unsent. */
const unsentIn = statement<
  [senderId: string, state: DecisionState, before: string, now: number, limit: number],
  Unsent
>(`
  select message_id, sender_connection_id, sender_agent, recipient_type, recipient_id, recipient, resolution_id, direction,
    resource, action, decision, delivery_mode, state, winning_policy_id, reason_code, summary, send_json, audit_json,
    created_at, substr(body, 1, ${PREVIEW.message}) as message_preview,
    substr(context, 1, ${PREVIEW.context}) as context_preview, octet_length(body) as body_bytes
  from decisions
  where sender_id = ? and state = ? and state <> 'sent' and message_id < ? and (expires_at is null or expires_at > ?)
  order by message_id desc limit ?`);

/** Sorts behind every id of a message. */
const LAST_MESSAGE = 'msg_~';

/**
 * What a user's decisions in these states are about, newest first, but not what has expired: up to one more than a page has,
 * or fewer where it would be too large.
 * @returns `stoppedAt`: where a page ends that was too large.
 */
export async function listUnsent(
  db: Kysely<Schema>,
  senderId: string,
  states: readonly DecisionState[],
  { after = LAST_MESSAGE, limit }: Page,
  now: number,
): Promise<{ rows: Unsent[]; stoppedAt: string | undefined }> {
  const found: Unsent[] = [];
  for (const state of new Set(states)) {
    found.push(...(await unsentIn(db, senderId, state, after, now, limit + 1)));
  }
  found.sort((one, other) => (one.message_id < other.message_id ? 1 : -1));
  const wanted = found.slice(0, limit + 1);
  const fitting = countFitting(wanted, bytesOf);
  const rows = wanted.slice(0, fitting);
  return { rows, stoppedAt: fitting < wanted.length ? rows.at(-1)?.message_id : undefined };
}

function bytesOf({ audit_json, send_json, message_preview, context_preview }: Unsent): number {
  const texts = [audit_json, send_json, message_preview, context_preview];
  return texts.reduce((bytes, text) => bytes + 3 * (text?.length ?? 0), 500);
}
