import type { Kysely, Selectable, Transaction } from 'kysely';
import type { KeyScope, Schema } from '../db/schema.ts';
import { statement } from '../db/statement.ts';
import type { KeyRing } from '../sealing/key-ring.ts';
import { type NewApiKey, storedHash } from './api-key.ts';
import { deleteSessionsOfKey, deleteSessionsOfUser } from './sessions.ts';
import type { User } from './users.ts';

export type KeyRow = Selectable<Schema['api_keys']>;

/** What a user chooses for a key. */
export interface KeyTerms {
  name: string;
  scope: KeyScope;
  /** The connection that the key is for, with scope `agent`. */
  connection_id: string | null;
  /** In ms; null: never. */
  expires_at: number | null;
}

/** The key that comes with an account: it may do everything, and does not expire. */
export const DEFAULT_TERMS: KeyTerms = {
  name: 'default',
  scope: 'all',
  connection_id: null,
  expires_at: null,
};

/** The row of a new key. */
export function keyRow(
  ring: KeyRing,
  minted: NewApiKey,
  userId: string,
  terms: KeyTerms,
  now: number,
): KeyRow {
  const { name, scope, connection_id, expires_at } = terms;
  const given = { name, scope, connection_id, expires_at };
  const hashed = storedHash(ring, minted.key);
  return { id: minted.id, user_id: userId, ...given, ...hashed, created_at: now, last_used_at: null };
}

export interface KeyOwner extends User {
  hash: Buffer;
  secret_key_id: string | null;
  scope: KeyScope;
  connection_id: string | null;
  last_used_at: number | null;
  expires_at: number | null;
}

/** The owner of an API key's id, unless disabled, with the hash that the whole key must match. Uses the primary keys. */
export const findKeyOwner = statement<[keyId: string], KeyOwner>(`
  select users.id, users.username, hash, secret_key_id, scope, connection_id, last_used_at, expires_at
  from api_keys join users on users.id = api_keys.user_id where api_keys.id = ? and users.disabled_at is null`);

export async function insertKey(trx: Transaction<Schema>, key: KeyRow): Promise<void> {
  await trx.insertInto('api_keys').values(key).execute();
}

/** A user's keys, newest first. Uses api_keys_by_user. */
export async function listKeys(db: Kysely<Schema>, userId: string): Promise<Omit<KeyRow, 'hash'>[]> {
  return db
    .selectFrom('api_keys')
    .select([
      'id',
      'user_id',
      'name',
      'scope',
      'connection_id',
      'secret_key_id',
      'created_at',
      'last_used_at',
      'expires_at',
    ])
    .where('user_id', '=', userId)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
}

/** A user's key. Uses the primary key. */
export async function findKey(db: Kysely<Schema>, userId: string, id: string): Promise<KeyRow | undefined> {
  const key = await db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst();
  return key?.user_id === userId ? key : undefined;
}

/**
 * Ends a key and the browser sessions that came of it, but for the one that asks. Uses the primary key.
 * @returns false when there is no such key.
 */
export async function deleteKey(
  trx: Transaction<Schema>,
  id: string,
  askingSession?: string,
): Promise<boolean> {
  await deleteSessionsOfKey(trx, id, askingSession);
  const { numDeletedRows } = await trx.deleteFrom('api_keys').where('id', '=', id).executeTakeFirst();
  return numDeletedRows === 1n;
}

/** Expired keys can never be used again: deleting them makes room for new ones. Uses api_keys_by_user. */
export async function deleteExpiredKeys(
  trx: Transaction<Schema>,
  userId: string,
  now: number,
): Promise<void> {
  await trx.deleteFrom('api_keys').where('user_id', '=', userId).where('expires_at', '<=', now).execute();
}

/** Ends all keys of a user, and whatever lets them in at a browser. Uses api_keys_by_user. */
export async function deleteKeysOfUser(trx: Transaction<Schema>, userId: string): Promise<void> {
  await deleteSessionsOfUser(trx, userId);
  await trx.deleteFrom('api_keys').where('user_id', '=', userId).execute();
}

/** Uses api_keys_by_connection. */
export async function deleteKeysOfConnection(trx: Transaction<Schema>, connectionId: string): Promise<void> {
  await trx.deleteFrom('api_keys').where('connection_id', '=', connectionId).execute();
}

/** Records when a key was last used (ms). Uses the primary key. */
export const noteKeyUse = statement<[lastUsedAt: number, id: string]>(
  'update api_keys set last_used_at = ? where id = ?',
);

/** Stores a key's hash under another secret, unless the key was replaced meanwhile. Uses the primary key. */
export const rehashKey = statement<[hash: Buffer, secretKeyId: string, id: string, oldHash: Buffer]>(`
  update api_keys set hash = ?, secret_key_id = ? where id = ? and hash = ?`);
