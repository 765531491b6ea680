import { mintApiKey } from '@mahilo/shared/accounts/api-key';
import {
  deleteExpiredKeys,
  deleteKey,
  findKey,
  insertKey,
  type KeyRow,
  type KeyTerms,
  keyRow,
} from '@mahilo/shared/accounts/keys';
import { type AuditAction, appendAudit, userActor } from '@mahilo/shared/audit/append';
import type { Schema } from '@mahilo/shared/db/schema';
import { invalidField, MahiloError } from '@mahilo/shared/errors';
import type { Transaction } from 'kysely';
import { type Caller, keyNoLongerValid } from '../access/caller.ts';
import { findOwnAgent } from '../agents/connections.ts';
import { assertRoom } from '../bounds/quota.ts';
import type { ApiDeps } from '../deps.ts';
import { parseTime } from '../http/since.ts';
import type { NewKey } from './schemas.ts';

export interface CreatedKey {
  row: KeyRow;
  /** Shown only once. */
  apiKey: string;
}

/** Creates another key for the caller. @throws MahiloError INVALID_REQUEST, CONNECTION_NOT_FOUND, QUOTA_EXCEEDED */
export async function createKey(deps: ApiDeps, caller: Caller, requested: NewKey): Promise<CreatedKey> {
  const { db, clock, random, keys } = deps;
  const now = clock.now();
  const terms = termsOf(requested, now);
  const minted = mintApiKey(random);
  const row = keyRow(keys, minted, caller.id, terms, now);
  await db.write(caller, async (trx) => {
    if (terms.connection_id !== null && !(await findOwnAgent(trx, caller.id, terms.connection_id))) {
      throw new MahiloError('CONNECTION_NOT_FOUND', 'connection_id is not one of your connections.');
    }
    await deleteExpiredKeys(trx, caller.id, now);
    await assertRoom(deps, trx, 'keys_per_user', caller.id);
    await insertKey(trx, row);
    await audit(trx, caller, 'key.create', row, now);
  });
  return { row, apiKey: minted.key };
}

function termsOf({ name, scope, expires_at, ...requested }: NewKey, now: number): KeyTerms {
  const connection_id = requested.connection_id ?? null;
  if ((scope === 'agent') !== (connection_id !== null)) {
    throw invalidField(
      'connection_id',
      scope === 'agent' ? 'is required for scope agent' : 'is for scope agent',
    );
  }
  if (expires_at === undefined) return { name, scope, connection_id, expires_at: null };
  const expiresAt = parseTime(expires_at);
  if (expiresAt === undefined)
    throw invalidField('expires_at', 'must be an ISO 8601 time before the year 10000');
  if (expiresAt <= now) throw invalidField('expires_at', 'must be in the future');
  return { name, scope, connection_id, expires_at: expiresAt };
}

/** Revokes one of the caller's keys at once, even the one of this request. @throws MahiloError NOT_FOUND */
export async function revokeKey({ db, clock }: ApiDeps, caller: Caller, id: string): Promise<void> {
  await db.write(caller, async (trx) => {
    const key = await findKey(trx, caller.id, id);
    if (key === undefined) throw new MahiloError('NOT_FOUND', 'You have no API key with this id.');
    await deleteKey(trx, id, caller.session?.id);
    await audit(trx, caller, 'key.revoke', key, clock.now());
  });
}

/**
 * Replaces the key of this request by another one with its name, scope and expiry. @returns the new key.
 * @throws MahiloError INSUFFICIENT_SCOPE: it came with no key, but with a browser session.
 */
export async function rotateKey({ db, clock, random, keys }: ApiDeps, caller: Caller): Promise<string> {
  const { keyId, session } = caller;
  if (keyId === null || session !== null) {
    const sentence = 'A browser session has no key to replace: make another one, and revoke the old one.';
    throw new MahiloError('INSUFFICIENT_SCOPE', sentence);
  }
  const minted = mintApiKey(random);
  await db.write(caller, async (trx) => {
    const replaced = await findKey(trx, caller.id, keyId);
    if (replaced === undefined || !(await deleteKey(trx, replaced.id))) throw keyNoLongerValid();
    const now = clock.now();
    await insertKey(trx, keyRow(keys, minted, caller.id, replaced, now));
    await audit(trx, caller, 'key.rotate', replaced, now, { new_id: minted.id });
  });
  return minted.key;
}

async function audit(
  trx: Transaction<Schema>,
  caller: Caller,
  action: AuditAction,
  { id, name, scope }: KeyRow,
  now: number,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const by = caller.session === null ? { by_key: caller.keyId ?? '' } : { by_session: caller.session.id };
  const details = { name, scope, ...by, ...more };
  await appendAudit(trx, { actor: userActor(caller.id), action, subject: id, details }, now);
}
