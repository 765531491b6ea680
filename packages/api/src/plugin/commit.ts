import { storedBytesOf } from '@mahilo/shared/bounds/stored-bytes';
import type { Schema } from '@mahilo/shared/db/schema';
import { deleteDecision } from '@mahilo/shared/decisions/delete';
import { MahiloError } from '@mahilo/shared/errors';
import { appendEvents } from '@mahilo/shared/events/append';
import { reviewRequired } from '@mahilo/shared/events/review';
import type { Transaction } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { assertRoom } from '../bounds/quota.ts';
import { nothingTaken, type SendQuota } from '../bounds/send-quota.ts';
import {
  ALLOWED_FOR_MS,
  type DecisionRow,
  findDecision,
  findDecisionByKey,
  hasLapsed,
  insertDecision,
} from '../decisions/decisions.ts';
import { requestHash } from '../decisions/request-hash.ts';
import { heldUntil, isReview } from '../decisions/review.ts';
import type { ApiDeps } from '../deps.ts';
import { assertSize } from '../messages/send.ts';
import { takeUse } from '../policies/policies.ts';
import { type Selectors, sendSelectors } from '../policies/selectors.ts';
import { auditOf } from './audit.ts';
import { assertToUser } from './bundles.ts';
import { commitRecipient } from './commit-recipient.ts';
import type { CommitRequest, LocalDecision } from './commit-schemas.ts';
import { assertAgreement, assertPairing, reasonCodeOf, winnerOf } from './local-decision.ts';
import { senderConnection } from './sender-connection.ts';

/** A decision that was committed, now or by an earlier request. */
export interface Committed {
  decision: DecisionRow;
  isEarlier: boolean;
}

type CommitDeps = ApiDeps & { quota: SendQuota };

const STATE = {
  full_send: 'allowed',
  review_required: 'review_required',
  hold_for_approval: 'approval_pending',
  blocked: 'denied',
} as const satisfies Record<LocalDecision['delivery_mode'], DecisionRow['state']>;

/**
 * Stores what an agent has decided about a message. One to allow it is sent with the same `resolution_id`; one to ask
 * waits for a person; one to deny is kept for its sender to see.
 * @throws MahiloError PAYLOAD_TOO_LARGE, INVALID_SELECTOR, SENDER_CONNECTION_NOT_FOUND, USER_NOT_FOUND, NOT_FRIENDS,
 *   GROUP_NOT_FOUND, NOT_MEMBER, LOCAL_DECISION_STALE, INVALID_LOCAL_DECISION, LOCAL_DECISION_CONFLICT, QUOTA_EXCEEDED
 */
export async function commitDecision(
  deps: CommitDeps,
  caller: Caller,
  request: CommitRequest,
  idempotencyHeader: string | undefined,
): Promise<Committed> {
  assertToUser(request);
  assertSize(request.message, deps.settings.MAX_PAYLOAD_SIZE);
  const selectors = sendSelectors(request);
  const key = request.idempotency_key ?? idempotencyHeader;
  const hash = requestHash(request, selectors);
  const taken = nothingTaken();
  return deps.db.write(caller, async (trx) => {
    const now = deps.clock.now();
    const { framework } = await senderConnection(trx, caller.id, request.sender_connection_id);
    const recipient = await commitRecipient(trx, caller, request);
    assertPairing(request.local_decision);
    const earlier = await earlierDecision(trx, caller, request, key, now);
    if (earlier !== undefined) {
      assertSame(earlier, request, hash);
      return { decision: earlier, isEarlier: true };
    }
    const { local_decision } = request;
    const parties = { ownerId: caller.id, recipientId: recipient.id, groupId: request.group_id };
    const winner = await winnerOf(
      trx,
      parties,
      local_decision,
      { selectors, now },
      deps.settings.TRUSTED_MODE,
    );
    assertAgreement(request.resolution_id, local_decision);
    const decision = {
      message_id: deps.newId('msg'),
      sender_id: caller.id,
      sender_agent: framework,
      recipient_id: recipient.id,
      recipient: recipient.username,
      idempotency_key: key ?? null,
      request_hash: hash,
      winning_policy_id: winner?.id ?? null,
      ...contentOf(deps, request, selectors, now),
    };
    await assertRoom(deps, trx, 'decisions_per_user', caller.id);
    deps.quota.take(taken, caller.id, { bytes: decision.stored_bytes, deliveries: 0 });
    if (winner !== undefined && winner.max_uses !== null) await takeUse(trx, winner.id, now);
    await insertDecision(trx, decision);
    if (isReview(decision)) await appendEvents(trx, [reviewRequired(decision)], now);
    return { decision, isEarlier: false };
  });
}

/**
 * What was committed under the same resolution id, or with the same idempotency key.
 * @throws MahiloError LOCAL_DECISION_CONFLICT when these are two.
 */
async function earlierDecision(
  trx: Transaction<Schema>,
  { id: senderId }: Caller,
  { resolution_id }: CommitRequest,
  key: string | undefined,
  now: number,
): Promise<DecisionRow | undefined> {
  const standing: DecisionRow[] = [];
  for (const found of [
    await findDecision(trx, senderId, resolution_id),
    key === undefined ? undefined : await findDecisionByKey(trx, senderId, 'agent', key),
  ]) {
    if (found === undefined) continue;
    if (hasLapsed(found, now)) await deleteDecision(trx, found.message_id);
    else standing.push(found);
  }
  const [one, other = one] = standing;
  if (one?.message_id !== other?.message_id)
    throw conflict('resolution_id and idempotency_key name two decisions');
  return one;
}

/** @throws MahiloError LOCAL_DECISION_CONFLICT */
function assertSame(earlier: DecisionRow, request: CommitRequest, hash: Buffer): void {
  const { decision, delivery_mode } = request.local_decision;
  const isSame =
    earlier.origin === 'agent' &&
    earlier.resolution_id === request.resolution_id &&
    earlier.group_id === (request.group_id ?? null) &&
    earlier.decision === decision &&
    earlier.delivery_mode === delivery_mode &&
    earlier.request_hash.equals(hash);
  if (!isSame) throw conflict('Another decision was committed under this resolution_id or idempotency key');
}

function conflict(what: string): MahiloError {
  return new MahiloError('LOCAL_DECISION_CONFLICT', `${what}.`);
}

/** When what waits is given up. */
const EXPIRY = {
  allowed: (_settings, now) => now + ALLOWED_FOR_MS,
  review_required: heldUntil,
  approval_pending: heldUntil,
  denied: () => null,
} as const satisfies Record<(typeof STATE)[LocalDecision['delivery_mode']], typeof heldUntil | (() => null)>;

/** What the request says, as it is stored. */
function contentOf({ settings }: CommitDeps, request: CommitRequest, selectors: Selectors, now: number) {
  const { message, context, local_decision, sender_connection_id, resolution_id } = request;
  const { payload_type, correlation_id, in_response_to } = request;
  const { decision, delivery_mode, summary } = local_decision;
  const send_json = JSON.stringify({ payload_type, correlation_id, in_response_to });
  const audit_json = auditOf(local_decision);
  const state = STATE[delivery_mode];
  return {
    sender_connection_id,
    recipient_type: 'user' as const,
    group_id: request.group_id ?? null,
    origin: 'agent' as const,
    resolution_id,
    ...selectors,
    decision,
    delivery_mode,
    state,
    body: message,
    context: context ?? null,
    send_json,
    reason_code: reasonCodeOf(local_decision),
    summary: summary ?? null,
    audit_json,
    stored_bytes: storedBytesOf({ message, context }, 0) + Buffer.byteLength(audit_json),
    created_at: now,
    expires_at: EXPIRY[state](settings, now),
    settled_at: null,
  };
}
