import type { Transaction } from 'kysely';
import { type AuditActor, appendAudit, userActor } from '../audit/append.ts';
import type { Schema } from '../db/schema.ts';
import type { NewId } from '../ids.ts';
import type { Random } from '../random.ts';
import type { KeyRing } from '../sealing/key-ring.ts';
import { mintApiKey } from './api-key.ts';
import { DEFAULT_TERMS, deleteKeysOfUser, insertKey, keyRow } from './keys.ts';
import { insertUser } from './users.ts';

/** What registering a user needs. */
export interface AccountSource {
  newId: NewId;
  random: Pick<Random, 'bytes'>;
  keys: KeyRing;
}

export interface NewAccount {
  /** In its stored form. */
  username: string;
  display_name: string | null;
}

/** A new user and the API key, which exists nowhere else. */
export interface RegisteredUser {
  user_id: string;
  username: string;
  api_key: string;
}

/**
 * Writes a new user with a first API key. `by` names who registers them when it is not the user.
 * @returns undefined when the username is taken.
 */
export async function registerUser(
  trx: Transaction<Schema>,
  source: AccountSource,
  account: NewAccount,
  now: number,
  by?: AuditActor,
): Promise<RegisteredUser | undefined> {
  const id = source.newId('usr');
  if (!(await insertUser(trx, { id, ...account, created_at: now }))) return undefined;
  const details = { username: account.username };
  const entry = { actor: by ?? userActor(id), action: 'user.register', subject: id, details } as const;
  await appendAudit(trx, entry, now);
  return { user_id: id, username: account.username, api_key: await giveNewKey(trx, source, id, now) };
}

/** Replaces all API keys of a user by a new one. @returns the key. */
export async function giveNewKey(
  trx: Transaction<Schema>,
  { random, keys }: Pick<AccountSource, 'random' | 'keys'>,
  userId: string,
  now: number,
): Promise<string> {
  const minted = mintApiKey(random);
  await deleteKeysOfUser(trx, userId);
  await insertKey(trx, keyRow(keys, minted, userId, DEFAULT_TERMS, now));
  return minted.key;
}
