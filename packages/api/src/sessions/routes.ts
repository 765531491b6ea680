import { endOfSession, endSessions, listSessions } from '@mahilo/shared/accounts/sessions';
import { isoTime } from '@mahilo/shared/clock';
import { MahiloError } from '@mahilo/shared/errors';
import type { Caller } from '../access/caller.ts';
import { requireUser, userOf } from '../auth/authenticate.ts';
import type { KeyCache } from '../auth/key-cache.ts';
import { assertNoOtherPage, clearedCookie } from '../auth/session-cookie.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers, Success } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { NewSessionBody, Session, SessionParams, SignedIn } from './schemas.ts';
import { signIn } from './sign-in.ts';
import { answerSession } from './start-session.ts';

/** Sessions of people at a browser. */
export function registerSessions(app: App, deps: ApiDeps, keyCache: KeyCache): void {
  app.post(
    '/auth/sessions',
    {
      preParsing: async (request) => assertNoOtherPage(deps.settings, request),
      schema: {
        operationId: 'signIn',
        tags: ['Sessions'],
        summary: 'Sign in at a browser; the answer sets a cookie',
        security: [],
        body: NewSessionBody,
        errors: ['UNAUTHORIZED', 'FORBIDDEN', 'INSUFFICIENT_SCOPE', 'INVALID_SIGN_IN_LINK'],
        response: answers({ 201: SignedIn }),
      },
    },
    async (request, reply) => {
      const started = await signIn(deps, keyCache, request, request.body);
      return reply.status(201).send(answerSession(deps, request, reply, started));
    },
  );

  app.get(
    '/auth/sessions',
    {
      ...requireUser,
      schema: {
        operationId: 'listSessions',
        tags: ['Sessions'],
        summary: 'Browsers at which I am signed in, the last used one first',
        response: answers({ 200: Type.Array(Session) }),
      },
    },
    async (request) => {
      const caller = userOf(request);
      const sessions = await listSessions(deps.db.kysely, caller.id, deps.clock.now());
      return sessions.map((session) => ({
        id: session.id,
        way: session.way,
        browser: session.browser,
        created_at: isoTime(session.created_at),
        last_used_at: isoTime(session.last_used_at),
        expires_at: isoTime(endOfSession(session)),
        ...(session.id === caller.session?.id && { current: true as const }),
      }));
    },
  );

  app.delete(
    '/auth/sessions/:id',
    {
      ...requireUser,
      schema: {
        operationId: 'endSession',
        tags: ['Sessions'],
        summary: 'Sign out here (`current`), at all other browsers (`others`), or at one',
        params: SessionParams,
        errors: ['NOT_FOUND'],
        response: answers({ 200: Success }),
      },
    },
    async (request, reply) => {
      const caller = userOf(request);
      await end(deps, caller, request.params.id);
      if (request.params.id === 'current') {
        // What the browser keeps of the registry goes, too (W3C Clear Site Data): somebody else may use it next.
        reply.headers({
          'set-cookie': clearedCookie(deps.settings, request),
          'clear-site-data': '"cache", "storage"',
        });
      }
      return { success: true as const };
    },
  );
}

/** @throws MahiloError NOT_FOUND */
async function end({ db }: ApiDeps, caller: Caller, which: string): Promise<void> {
  const own = caller.session?.id ?? '';
  const ended = await db.write(caller, (trx) =>
    endSessions(
      trx,
      caller.id,
      which === 'others' ? { allBut: own } : { only: which === 'current' ? own : which },
    ),
  );
  if (ended === 0 && which !== 'others') {
    throw new MahiloError('NOT_FOUND', 'You are not signed in with such a session.');
  }
}
