import type { Clock } from '@mahilo/shared/clock';
import { MahiloError } from '@mahilo/shared/errors';
import type { App } from '../deps.ts';

/** How long (ms) after a sign-in a browser may do what is dangerous. */
const RECENT_MS = 600_000;

const TO_PEOPLE = 'Sign in again first: your sign-in is older than ten minutes.';
const TO_OPERATORS =
  'Your sign-in is older than ten minutes: sign in again first, with a new link of `npm run admin -- users operator-link`.';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A browser session must be of a sign-in just now: whoever finds a browser open cannot take the account over. */
    stepUp?: boolean;
  }
}

/** Refuses what is dangerous (`stepUp`) to sessions of an earlier sign-in, before the body is read. Keys may do it. */
export function registerStepUp(app: App, clock: Pick<Clock, 'now'>): void {
  app.addHook('preParsing', (request, _reply, _payload, done) => {
    const session = request.user?.session ?? null;
    const isRefused =
      session !== null &&
      request.routeOptions.config.stepUp === true &&
      clock.now() - session.signedInAt > RECENT_MS;
    done(
      isRefused ? new MahiloError('STEP_UP_REQUIRED', session.isOperator ? TO_OPERATORS : TO_PEOPLE) : null,
    );
  });
}
