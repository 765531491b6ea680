import { isoTime } from '@mahilo/shared/clock';
import type { FastifyRequest } from 'fastify';
import { requireUser, userOf } from '../auth/authenticate.ts';
import { assertNoOtherPage } from '../auth/session-cookie.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers } from '../http/fields.ts';
import { browserName } from '../sessions/browser-name.ts';
import { answerSession } from '../sessions/start-session.ts';
import { attemptsOfName } from './attempt-rows.ts';
import { toAttempt } from './attempt-state.ts';
import { decideAttempt } from './decide-attempt.ts';
import { attemptOfBrowser, redeemAttempt } from './redeem-attempt.ts';
import {
  ApprovalBody,
  Attempt,
  AttemptParams,
  AttemptWithCode,
  Diagnostics,
  DiagnosticsQuery,
  RedeemedAttempt,
  StartBody,
  StartedAttempt,
  TokenHeaders,
} from './schemas.ts';
import { StartAttempt } from './start-attempt.ts';

const DIAGNOSED = 8;

/** Sign-in at a browser by the approval of an agent, as in the original protocol. */
export function registerBrowserLogin(app: App, deps: ApiDeps): void {
  registerBrowserSide(app, deps);
  registerAgentSide(app, deps);
}

function registerBrowserSide(app: App, deps: ApiDeps): void {
  const { db, clock, settings } = deps;
  const start = new StartAttempt(deps);
  const fromHere = { preParsing: async (request: FastifyRequest) => assertNoOtherPage(settings, request) };
  app.post(
    '/auth/browser-login/attempts',
    {
      ...fromHere,
      schema: {
        operationId: 'startBrowserLogin',
        tags: ['Sessions'],
        summary: 'Begin a sign-in that one of my agents is to approve',
        security: [],
        body: StartBody,
        errors: ['INVALID_USERNAME', 'FORBIDDEN'],
        response: answers({ 201: StartedAttempt }),
      },
    },
    async (request, reply) => {
      const browser = browserName(request.headers['user-agent']);
      const { attempt, token } = await start.begin(request.body.username, request.client, browser);
      const shown = toAttempt(attempt, clock.now());
      return reply
        .status(201)
        .header('cache-control', 'no-store')
        .send({ ...shown, approval_code: attempt.code, browser_token: token });
    },
  );

  app.get(
    '/auth/browser-login/attempts/:id',
    {
      schema: {
        operationId: 'getBrowserLogin',
        tags: ['Sessions'],
        summary: 'Whether my agent has approved the sign-in',
        security: [],
        params: AttemptParams,
        headers: TokenHeaders,
        errors: ['BROWSER_LOGIN_TOKEN_REQUIRED', 'INVALID_BROWSER_LOGIN_TOKEN', 'LOGIN_ATTEMPT_NOT_FOUND'],
        response: answers({ 200: Attempt }),
      },
    },
    async (request, reply) => {
      const token = request.headers['x-browser-login-token'];
      const attempt = await attemptOfBrowser(db.kysely, request.params.id, token);
      reply.header('cache-control', 'no-store');
      return toAttempt(attempt, clock.now());
    },
  );

  app.post(
    '/auth/browser-login/attempts/:id/redeem',
    {
      ...fromHere,
      schema: {
        operationId: 'redeemBrowserLogin',
        tags: ['Sessions'],
        summary: 'Sign in, now that my agent has approved it; the answer sets a cookie',
        security: [],
        params: AttemptParams,
        headers: TokenHeaders,
        errors: [
          'BROWSER_LOGIN_TOKEN_REQUIRED',
          'FORBIDDEN',
          'INVALID_BROWSER_LOGIN_TOKEN',
          'LOGIN_ATTEMPT_ALREADY_REDEEMED',
          'LOGIN_ATTEMPT_DENIED',
          'LOGIN_ATTEMPT_EXPIRED',
          'LOGIN_ATTEMPT_NOT_APPROVED',
          'LOGIN_ATTEMPT_NOT_FOUND',
        ],
        response: answers({ 200: RedeemedAttempt }),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const started = await redeemAttempt(deps, request, id, request.headers['x-browser-login-token']);
      const { session_id: _, ...signedIn } = answerSession(deps, request, reply, started);
      return { ...signedIn, attempt_id: id, status: 'redeemed' as const };
    },
  );
}

function registerAgentSide(app: App, deps: ApiDeps): void {
  const { db, clock } = deps;
  for (const decision of ['approve', 'deny'] as const) {
    app.post(
      `/auth/browser-login/${decision}`,
      {
        ...requireUser,
        config: { stepUp: decision === 'approve' },
        schema: {
          operationId: decision === 'approve' ? 'approveBrowserLogin' : 'denyBrowserLogin',
          tags: ['Sessions'],
          summary:
            decision === 'approve'
              ? 'Let the browser in that shows this code, in my name'
              : 'Keep the browser out that shows this code',
          body: ApprovalBody,
          errors: [
            'INVALID_APPROVAL_CODE',
            'LOGIN_ATTEMPT_ALREADY_APPROVED',
            'LOGIN_ATTEMPT_ALREADY_REDEEMED',
            'LOGIN_ATTEMPT_DENIED',
            'LOGIN_ATTEMPT_EXPIRED',
            'LOGIN_ATTEMPT_NOT_FOUND',
            ...(decision === 'approve' ? (['STEP_UP_REQUIRED'] as const) : []),
          ],
          response: answers({ 200: AttemptWithCode }),
        },
      },
      async (request) => {
        const attempt = await decideAttempt(deps, userOf(request), request.body, decision);
        return { ...toAttempt(attempt, clock.now()), approval_code: attempt.code };
      },
    );
  }

  app.get(
    '/auth/browser-login/diagnostics',
    {
      ...requireUser,
      schema: {
        operationId: 'listBrowserLogins',
        tags: ['Sessions'],
        summary: 'Sign-ins in my name of the last hour',
        querystring: DiagnosticsQuery,
        response: answers({ 200: Diagnostics }),
      },
    },
    async (request) => {
      const { limit = DIAGNOSED } = request.query;
      const now = clock.now();
      const { id, username } = userOf(request);
      const attempts = await attemptsOfName(db.kysely, username, 0, limit);
      return {
        attempts: attempts
          .filter((attempt) => attempt.user_id === id)
          .map((attempt) => ({ ...toAttempt(attempt, now), approval_code: attempt.code })),
        retrieved_at: isoTime(now),
      };
    },
  );
}
