import { tokenHash } from '@mahilo/shared/accounts/session-token';
import {
  endOfSession,
  noteSessionUse,
  type SessionOwner,
  sessionOfToken,
} from '@mahilo/shared/accounts/sessions';
import type { FastifyRequest } from 'fastify';
import { type Caller, isExpired } from '../access/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { LastUses } from './last-uses.ts';
import { isFromOwnPage, tokenInCookie } from './session-cookie.ts';

type Deps = Pick<ApiDeps, 'db' | 'clock' | 'settings'>;

/**
 * Finds out who is signed in at the browser that makes a request. Keeps nothing: people make few requests, and a session
 * that was ended is over at once, whichever process ended it.
 */
export class BrowserSessions {
  readonly #deps: Deps;
  readonly #apiRoot: string;
  readonly #uses: LastUses;

  /** `apiRoot` is the path below which sessions count. */
  constructor(deps: Deps, apiRoot: string) {
    this.#deps = deps;
    this.#apiRoot = `${apiRoot}/`;
    this.#uses = new LastUses(deps.db, noteSessionUse);
  }

  /** The caller by the request's cookie; at once undefined when it has none that counts. */
  callerOf(request: FastifyRequest): Promise<Caller | undefined> | undefined {
    const { settings } = this.#deps;
    const token = tokenInCookie(settings, request);
    if (token === undefined || !request.routeOptions.url?.startsWith(this.#apiRoot)) return undefined;
    return isFromOwnPage(settings, request) ? this.#callerOfToken(token) : undefined;
  }

  /** Records which sessions were used. */
  async close(): Promise<void> {
    await this.#uses.close();
  }

  async #callerOfToken(token: string): Promise<Caller | undefined> {
    const { db, clock } = this.#deps;
    const [owner] = await sessionOfToken(db.kysely, tokenHash(token));
    if (owner === undefined) return undefined;
    const caller = callerOf(owner);
    const now = clock.now();
    if (isExpired(caller, now)) return undefined;
    this.#uses.note(owner.session_id, caller, now);
    return caller;
  }
}

function callerOf(owner: SessionOwner): Caller {
  return {
    id: owner.id,
    username: owner.username,
    keyId: owner.key_id,
    session: {
      id: owner.session_id,
      signedInAt: owner.created_at,
      isOperator: owner.is_operator === 1,
    },
    scope: 'all',
    connectionId: null,
    expiresAt: endOfSession(owner),
    lastUsedAt: owner.last_used_at,
    accessVersion: null,
  };
}
