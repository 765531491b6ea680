import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { MahiloError } from '../errors.ts';
import type { Random } from '../random.ts';
import { tokenHash } from './session-token.ts';

/** 192 random bits: too many to guess, so a fast hash without a key is enough. */
const TOKEN_BYTES = 24;

export type InviteRow = Selectable<Schema['invites']>;

/** A new invite token `mhi_<base64url>`; shown only once. */
export function mintInviteToken(random: Random): string {
  return `mhi_${random.bytes(TOKEN_BYTES).toString('base64url')}`;
}

export interface NewInvite {
  id: string;
  token: string;
  note: string | null;
  /** How many people may register with it. */
  uses: number;
  /** Times in ms. */
  now: number;
  expiresAt: number;
}

export async function insertInvite(trx: Transaction<Schema>, invite: NewInvite): Promise<void> {
  const { id, token, note, uses, now, expiresAt } = invite;
  const token_hash = tokenHash(token);
  await trx
    .insertInto('invites')
    .values({ id, token_hash, note, uses, created_at: now, expires_at: expiresAt, revoked_at: null, used: 0 })
    .execute();
}

/** Invites after `after`, newest first. Uses the primary key. */
export async function listInvites(
  db: Kysely<Schema>,
  { limit, after }: { limit: number; after: string | undefined },
): Promise<InviteRow[]> {
  return db
    .selectFrom('invites')
    .selectAll()
    .$if(after !== undefined, (query) => query.where('id', '<', after ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** Revokes an invite; users who registered with it stay. @returns false when no usable invite has this id. */
export async function revokeInvite(trx: Transaction<Schema>, id: string, now: number): Promise<boolean> {
  const result = await trx
    .updateTable('invites')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Takes one use of an invite, for a registration in the same transaction. Uses the unique index on token_hash.
 * @throws MahiloError INVALID_INVITE_TOKEN, also when there is no token; INVITE_TOKEN_EXHAUSTED
 */
export async function redeemInvite(
  trx: Transaction<Schema>,
  token: string | undefined,
  now: number,
): Promise<void> {
  const invite =
    token === undefined
      ? undefined
      : await trx
          .selectFrom('invites')
          .select(['id', 'uses', 'used', 'expires_at', 'revoked_at'])
          .where('token_hash', '=', tokenHash(token))
          .executeTakeFirst();
  if (invite === undefined || invite.revoked_at !== null || invite.expires_at <= now) {
    throw new MahiloError(
      'INVALID_INVITE_TOKEN',
      'To register here takes a valid invite_token from the operator.',
    );
  }
  if (invite.used >= invite.uses) {
    throw new MahiloError('INVITE_TOKEN_EXHAUSTED', 'This invite_token has been used up.');
  }
  await trx
    .updateTable('invites')
    .set({ used: invite.used + 1 })
    .where('id', '=', invite.id)
    .execute();
}
