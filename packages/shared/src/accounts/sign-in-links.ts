import type { Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { MahiloError } from '../errors.ts';
import { tokenHash } from './session-token.ts';

/** How long (ms) a link can be used. */
export const LINK_MS = 900_000;

/** A link that somebody can use once. */
export interface NewLink {
  token: string;
  userId: string;
  /** In ms. */
  now: number;
  /** Whether it signs in as the operator; see `operators.ts`. */
  isOperator?: boolean;
}

/** Writes a link of a user; only the latest one can be used. Uses sign_in_links_by_user. */
export async function insertSignInLink(
  trx: Transaction<Schema>,
  { token, userId, now, isOperator = false }: NewLink,
): Promise<void> {
  await trx.deleteFrom('sign_in_links').where('user_id', '=', userId).execute();
  await trx
    .insertInto('sign_in_links')
    .values({
      token_hash: tokenHash(token),
      user_id: userId,
      created_at: now,
      expires_at: now + LINK_MS,
      is_operator: isOperator ? 1 : 0,
    })
    .execute();
}

/** Whom a link lets in, and as what. */
export interface RedeemedLink {
  userId: string;
  isOperator: boolean;
}

/**
 * Uses a link up. Uses the primary key.
 * @throws MahiloError INVALID_SIGN_IN_LINK: it is none, was used, or is too old.
 */
export async function redeemSignInLink(
  trx: Transaction<Schema>,
  token: string,
  now: number,
): Promise<RedeemedLink> {
  const link = await trx
    .deleteFrom('sign_in_links')
    .where('token_hash', '=', tokenHash(token))
    .returning(['user_id', 'expires_at', 'is_operator'])
    .executeTakeFirst();
  if (link !== undefined && link.expires_at > now) {
    return { userId: link.user_id, isOperator: link.is_operator === 1 };
  }
  throw new MahiloError(
    'INVALID_SIGN_IN_LINK',
    'This link was used, is older than 15 minutes, or never was one: ask the operator for a new one.',
  );
}
