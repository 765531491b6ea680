import { hash } from 'node:crypto';
import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { invalidField, MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';
import type { Send } from './schemas.ts';

export interface IdempotencyKey {
  key: string;
  /** Tells a repetition from another request under the same key. */
  requestHash: Buffer;
}

/**
 * The idempotency key of a send, from its header or its body.
 * @throws MahiloError INVALID_REQUEST when both are given and differ.
 */
export function idempotencyKeyOf(header: string | undefined, body: Send): IdempotencyKey | undefined {
  const key = header ?? body.idempotency_key;
  if (key === undefined) return undefined;
  if (body.idempotency_key !== undefined && body.idempotency_key !== key) {
    throw invalidField('idempotency_key', 'is not the same as the Idempotency-Key header');
  }
  return { key, requestHash: hash('sha256', canonical(body), 'buffer') };
}

/** What was asked for, the same text however the fields were ordered and where the key stood. */
function canonical(body: Send): string {
  return JSON.stringify([
    body.recipient.toLowerCase(),
    body.recipient_type ?? 'user',
    body.recipient_connection_id ?? null,
    body.sender_connection_id ?? null,
    [body.routing_hints?.labels ?? [], body.routing_hints?.tags ?? []],
    body.message,
    body.context ?? null,
    body.payload_type ?? 'text/plain',
    body.encryption ? [body.encryption.alg, body.encryption.key_id] : null,
    body.sender_signature
      ? [body.sender_signature.alg, body.sender_signature.key_id, body.sender_signature.signature]
      : null,
    body.correlation_id ?? null,
    body.in_response_to ?? null,
  ]);
}

export interface Earlier {
  message_id: string;
  delivery_id: string;
}

/**
 * The message that was accepted under this key before. Uses messages_by_idempotency_key.
 * @throws MahiloError IDEMPOTENCY_CONFLICT when it was for another request.
 */
export async function findEarlier(
  db: Kysely<Schema>,
  senderId: string,
  idempotency: IdempotencyKey,
): Promise<Earlier | undefined> {
  const [row] = await messageByKey(db, senderId, idempotency.key);
  if (row === undefined) return undefined;
  if (!row.request_hash?.equals(idempotency.requestHash)) {
    throw new MahiloError('IDEMPOTENCY_CONFLICT', 'This idempotency key was used for another request.');
  }
  return { message_id: row.message_id, delivery_id: row.delivery_id };
}

const messageByKey = statement<[senderId: string, key: string], Earlier & { request_hash: Buffer | null }>(`
  select messages.id as message_id, messages.request_hash, outbox.id as delivery_id
  from messages join outbox on outbox.message_id = messages.id
  where messages.sender_id = ? and messages.idempotency_key = ?`);
