import { mintToken, tokenHash } from '@mahilo/shared/accounts/session-token';
import {
  deleteSession,
  insertSession,
  OPERATOR_SESSION_MS,
  SESSION_MS,
  type SessionRow,
} from '@mahilo/shared/accounts/sessions';
import { findProfile, type Profile } from '@mahilo/shared/accounts/users';
import { appendAudit, userActor } from '@mahilo/shared/audit/append';
import { isoTime } from '@mahilo/shared/clock';
import type { Schema, SignInWay } from '@mahilo/shared/db/schema';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Transaction } from 'kysely';
import { sessionCookie } from '../auth/session-cookie.ts';
import type { ApiDeps } from '../deps.ts';
import { browserName } from './browser-name.ts';

type Deps = Pick<ApiDeps, 'clock' | 'newId' | 'random' | 'settings'>;

/** How somebody has proven who they are. */
export interface SignIn {
  userId: string;
  way: SignInWay;
  /** The API key behind it. */
  keyId: string | null;
  /** When that ends (ms), and the session with it; null: never. */
  keyExpiresAt: number | null;
  /** With a link for operators. */
  isOperator?: boolean;
}

export interface StartedSession {
  row: SessionRow;
  user: Profile;
  /** Nowhere else but in the browser's cookie. */
  token: string;
}

/** Signs somebody in, in the transaction that has checked the proof. Whoever was signed in at that browser is no more. */
export async function startSession(
  trx: Transaction<Schema>,
  { clock, newId, random }: Deps,
  request: FastifyRequest,
  { userId, way, keyId, keyExpiresAt, isOperator = false }: SignIn,
): Promise<StartedSession> {
  const now = clock.now();
  const token = mintToken(random);
  const row = {
    id: newId('ses'),
    token_hash: tokenHash(token),
    user_id: userId,
    key_id: keyId,
    way,
    browser: browserName(request.headers['user-agent']),
    created_at: now,
    last_used_at: now,
    expires_at: Math.min(
      now + (isOperator ? OPERATOR_SESSION_MS : SESSION_MS),
      keyExpiresAt ?? Number.POSITIVE_INFINITY,
    ),
    is_operator: isOperator ? 1 : 0,
  };
  const before = request.user?.session;
  if (before) await deleteSession(trx, before.id);
  await insertSession(trx, row);
  const details = { way, browser: row.browser, ...(isOperator && { operator: 1 }) };
  await appendAudit(
    trx,
    { actor: userActor(userId), action: 'session.create', subject: row.id, details },
    now,
  );
  return { row, user: await findProfile(trx, userId), token };
}

/** Gives the browser its session. @returns what the answer says of it. */
export function answerSession(
  { settings, clock }: Deps,
  request: FastifyRequest,
  reply: FastifyReply,
  { row, user, token }: StartedSession,
) {
  reply.headers({
    'set-cookie': sessionCookie(settings, request, token, row.expires_at - clock.now()),
    'cache-control': 'no-store',
  });
  return {
    authenticated: true as const,
    session_id: row.id,
    user_id: user.id,
    username: user.username,
    display_name: user.display_name,
    session_expires_at: isoTime(row.expires_at),
  };
}
