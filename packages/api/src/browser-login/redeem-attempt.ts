import { timingSafeEqual } from 'node:crypto';
import { findKeyOwner } from '@mahilo/shared/accounts/keys';
import { tokenHash } from '@mahilo/shared/accounts/session-token';
import type { Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import type { FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import { isExpired } from '../access/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { type SignIn, type StartedSession, startSession } from '../sessions/start-session.ts';
import { type AttemptRow, changeAttempt, findAttempt } from './attempt-rows.ts';
import { alreadyRedeemed, attemptDenied, attemptExpired, statusOf } from './attempt-state.ts';

/**
 * The attempt of the browser that has this token.
 * @throws MahiloError BROWSER_LOGIN_TOKEN_REQUIRED, LOGIN_ATTEMPT_NOT_FOUND, INVALID_BROWSER_LOGIN_TOKEN
 */
export async function attemptOfBrowser(
  db: Kysely<Schema>,
  id: string,
  token: string | undefined,
): Promise<AttemptRow> {
  if (token === undefined) {
    throw new MahiloError('BROWSER_LOGIN_TOKEN_REQUIRED', 'The header x-browser-login-token is missing.');
  }
  const attempt = await findAttempt(db, id);
  if (attempt === undefined) {
    throw new MahiloError('LOGIN_ATTEMPT_NOT_FOUND', 'There is no such attempt, or it is long over.');
  }
  if (!timingSafeEqual(attempt.token_hash, tokenHash(token))) {
    throw new MahiloError(
      'INVALID_BROWSER_LOGIN_TOKEN',
      'x-browser-login-token is not that of this attempt.',
    );
  }
  return attempt;
}

/**
 * Signs in with an approved attempt, once.
 * @throws MahiloError what {@link attemptOfBrowser} throws, LOGIN_ATTEMPT_NOT_APPROVED, LOGIN_ATTEMPT_DENIED,
 * LOGIN_ATTEMPT_EXPIRED (also when the key that has approved it is gone), LOGIN_ATTEMPT_ALREADY_REDEEMED
 */
export async function redeemAttempt(
  deps: ApiDeps,
  request: FastifyRequest,
  id: string,
  token: string | undefined,
): Promise<StartedSession> {
  const now = deps.clock.now();
  return deps.db.write('registry', async (trx) => {
    const attempt = await attemptOfBrowser(trx, id, token);
    const status = statusOf(attempt, now);
    if (status === 'expired') throw attemptExpired();
    if (status === 'denied') throw attemptDenied();
    if (status === 'redeemed') throw alreadyRedeemed();
    if (status === 'pending') {
      throw new MahiloError('LOGIN_ATTEMPT_NOT_APPROVED', 'Nobody has approved the code yet.');
    }
    const approved = await signInOf(trx, attempt, now);
    await changeAttempt(trx, attempt.id, { redeemed_at: now });
    return startSession(trx, deps, request, approved);
  });
}

/** What the approval was worth is gone with the key that gave it. */
async function signInOf(
  trx: Kysely<Schema>,
  { user_id, approved_by_key }: AttemptRow,
  now: number,
): Promise<SignIn> {
  if (user_id === null) throw attemptExpired();
  // A browser has approved it that was let in by the operator's link.
  if (approved_by_key === null) return { userId: user_id, way: 'agent', keyId: null, keyExpiresAt: null };
  const [owner] = await findKeyOwner(trx, approved_by_key);
  if (owner?.id !== user_id || isExpired({ expiresAt: owner.expires_at }, now)) throw attemptExpired();
  return { userId: user_id, way: 'agent', keyId: approved_by_key, keyExpiresAt: owner.expires_at };
}
