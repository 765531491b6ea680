import { hash } from 'node:crypto';
import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { invalidField, MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';
import type { Send } from './schemas.ts';

/** 48 bits, a safe integer in JavaScript. */
const KEY_HASH_DIGITS = 12;

/** An idempotency key of a sender; those of different senders are different keys. */
export interface SendersKey {
  senderId: string;
  key: string;
  /** Keeps the keys of different senders apart. */
  scoped: string;
  /** Finds the message that has this key, but for a coincidence in 48 bits. */
  keyHash: number;
}

export interface IdempotencyKey extends SendersKey {
  /** Tells a repetition from another request under the same key. */
  requestHash: Buffer;
}

/**
 * The idempotency key of a send, from its header or its body.
 * @throws MahiloError INVALID_REQUEST when both are given and differ.
 */
export function idempotencyKeyOf(
  senderId: string,
  header: string | undefined,
  body: Send,
): IdempotencyKey | undefined {
  const key = header ?? body.idempotency_key;
  if (key === undefined) return undefined;
  if (body.idempotency_key !== undefined && body.idempotency_key !== key) {
    throw invalidField('idempotency_key', 'is not the same as the Idempotency-Key header');
  }
  return { ...sendersKey(senderId, key), requestHash: requestHashOf(body) };
}

/** The hash is a cryptographic one, so that nobody can make many keys that are found together. */
export function sendersKey(senderId: string, key: string): SendersKey {
  const scoped = `${senderId} ${key}`;
  const hashed = hash('sha256', scoped, 'hex');
  return { senderId, key, scoped, keyHash: Number.parseInt(hashed.slice(0, KEY_HASH_DIGITS), 16) };
}

/** SHA-256 of a request, wherever its idempotency key stood. */
export function requestHashOf(body: Send): Buffer {
  // Cheaper than to ask for a buffer, which gets memory of its own.
  return Buffer.from(hash('sha256', canonical(body), 'hex'), 'hex');
}

/**
 * The request as a text that does not depend on the order of the fields or the place of the key. Hashes outlive an
 * upgrade, so the text of a request never changes: a new field comes last, as its name and value, and undefined when
 * it is absent.
 */
function canonical(body: Send): string {
  const { encryption, sender_signature: signature, routing_hints: hints } = body;
  const asked = {
    recipient: body.recipient.toLowerCase(),
    recipient_type: body.recipient_type ?? 'user',
    recipient_connection_id: body.recipient_connection_id ?? null,
    sender_connection_id: body.sender_connection_id ?? null,
    routing_hints: [hints?.labels ?? [], hints?.tags ?? []],
    message: body.message,
    context: body.context ?? null,
    payload_type: body.payload_type ?? 'text/plain',
    encryption: encryption ? [encryption.alg, encryption.key_id] : null,
    sender_signature: signature ? [signature.alg, signature.key_id, signature.signature] : null,
    correlation_id: body.correlation_id ?? null,
    in_response_to: body.in_response_to ?? null,
    resolution_id: named('resolution_id', body.resolution_id),
    direction: named('direction', body.direction),
    resource: named('resource', body.resource),
    action: named('action', body.action),
    declared_selectors: named('declared_selectors', selectorsAsText(body.declared_selectors)),
  } satisfies Record<Exclude<keyof Send, 'idempotency_key'>, unknown>;
  return JSON.stringify(Object.values(asked).filter((value) => value !== undefined));
}

/** A field that came after the first version. */
function named(name: string, value: string | undefined): [string, string] | undefined {
  return value === undefined ? undefined : [name, value];
}

function selectorsAsText(selectors: Send['declared_selectors']): string | undefined {
  return selectors && JSON.stringify([selectors.direction, selectors.resource, selectors.action]);
}

/** An earlier accepted message. */
export interface Earlier {
  message_id: string;
  delivery_id: string | null;
  rejection_reason: string | null;
  request_hash: Buffer | null;
}

/**
 * The messages accepted earlier under these keys, by `scoped`. Uses messages_by_key_hash, and messages_by_idempotency_key
 * for those from before the hash.
 */
export async function earlierMessages(
  db: Kysely<Schema>,
  keys: readonly SendersKey[],
): Promise<Map<string, Earlier>> {
  const found = await Promise.all(
    keys.map(({ senderId, key, keyHash }) => messageByKey(db, keyHash, senderId, key, senderId, key)),
  );
  const earlierByKey = new Map<string, Earlier>();
  for (const [index, one] of keys.entries()) {
    const earlier = found[index]?.[0];
    if (earlier !== undefined) earlierByKey.set(one.scoped, earlier);
  }
  return earlierByKey;
}

const EARLIER = `
  messages.id as message_id, request_hash, rejection_reason,
  (select outbox.id from outbox where outbox.message_id = messages.id limit 1) as delivery_id`;

const messageByKey = statement<
  [keyHash: number, senderId: string, key: string, senderId: string, key: string],
  Earlier
>(
  ({ indexedBy }) => `
  select ${EARLIER} from messages ${indexedBy('messages_by_key_hash')}
  where key_hash = ? and sender_id = ? and idempotency_key = ?
  union all
  select ${EARLIER} from messages ${indexedBy('messages_by_idempotency_key')}
  where sender_id = ? and idempotency_key = ? and key_hash is null`,
);

/**
 * The earlier message that a request repeats.
 * @throws MahiloError IDEMPOTENCY_CONFLICT when the earlier message was another request.
 */
export function repeatedOf(
  earlierByKey: ReadonlyMap<string, Earlier>,
  idempotency: IdempotencyKey | undefined,
): Earlier | undefined {
  const earlier = idempotency && earlierByKey.get(idempotency.scoped);
  if (earlier && !earlier.request_hash?.equals(idempotency.requestHash)) {
    throw new MahiloError('IDEMPOTENCY_CONFLICT', 'This idempotency key was used for another request.');
  }
  return earlier;
}

/** How many deliveries a message owed. Uses outbox_by_message alone and reads no delivery. */
export async function countDeliveriesOf(db: Kysely<Schema>, messageId: string): Promise<number> {
  const { count } = await db
    .selectFrom('outbox')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('message_id', '=', messageId)
    .executeTakeFirstOrThrow();
  return count;
}
