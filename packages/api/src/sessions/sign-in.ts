import { parseApiKey } from '@mahilo/shared/accounts/api-key';
import { redeemSignInLink } from '@mahilo/shared/accounts/sign-in-links';
import { invalidField, MahiloError } from '@mahilo/shared/errors';
import type { FastifyRequest } from 'fastify';
import type { KeyCache } from '../auth/key-cache.ts';
import type { ApiDeps } from '../deps.ts';
import type { NewSession } from './schemas.ts';
import { type StartedSession, startSession } from './start-session.ts';

/**
 * Signs in by an API key, or by a link that the operator made.
 * @throws MahiloError INVALID_REQUEST, UNAUTHORIZED, RATE_LIMITED, INSUFFICIENT_SCOPE, INVALID_SIGN_IN_LINK
 */
export async function signIn(
  deps: ApiDeps,
  keyCache: KeyCache,
  request: FastifyRequest,
  { api_key, link_token }: NewSession,
): Promise<StartedSession> {
  if (api_key !== undefined && link_token === undefined) {
    return signInByKey(deps, keyCache, request, api_key);
  }
  if (link_token !== undefined && api_key === undefined) return signInByLink(deps, request, link_token);
  throw invalidField('api_key', 'or link_token is required, and not both');
}

async function signInByKey(
  deps: ApiDeps,
  keyCache: KeyCache,
  request: FastifyRequest,
  apiKey: string,
): Promise<StartedSession> {
  const key = parseApiKey(apiKey);
  const caller = key && (await keyCache.findCaller(key));
  if (caller === undefined) throw request.server.failedLogins.refusal(request.client.network, apiKey);
  if (caller.scope !== 'all') {
    throw new MahiloError('INSUFFICIENT_SCOPE', 'Only a key of scope `all` signs in at a browser.');
  }
  const { id: userId, keyId, expiresAt: keyExpiresAt } = caller;
  return deps.db.write(caller, (trx) =>
    startSession(trx, deps, request, { userId, way: 'api_key', keyId, keyExpiresAt }),
  );
}

async function signInByLink(deps: ApiDeps, request: FastifyRequest, token: string): Promise<StartedSession> {
  return deps.db.write('registry', async (trx) => {
    const link = await redeemSignInLink(trx, token, deps.clock.now());
    return startSession(trx, deps, request, { ...link, way: 'link', keyId: null, keyExpiresAt: null });
  });
}
