import type { ErrorCode } from '@mahilo/shared/errors';
import { requireUser, userOf } from '../auth/authenticate.ts';
import type { ApiDeps, App } from '../deps.ts';
import { clientGone } from '../http/client-gone.ts';
import { answers } from '../http/fields.ts';
import { PatternTester } from '../policies/pattern-tester.ts';
import { PolicyTrial } from './policy-trial.ts';
import { TriedMessage, TriedSample, TryMessageBody, TrySampleBody } from './schemas.ts';

const DRAFT_ERRORS = [
  'INVALID_POLICY',
  'INVALID_POLICY_CONTENT',
  'INVALID_ROLE',
  'INVALID_SELECTOR',
  'FORBIDDEN',
  'NOT_MEMBER',
  'USER_NOT_FOUND',
  'GROUP_NOT_FOUND',
] as const satisfies readonly ErrorCode[];

/** Where policies are tried before they are switched on. */
export function registerTrials(app: App, deps: ApiDeps): void {
  const trial = new PolicyTrial(deps, new PatternTester(deps));
  app.addHook('onClose', () => trial.close());

  app.post(
    '/policies/test',
    {
      ...requireUser,
      schema: {
        tags: ['Policies'],
        operationId: 'testPolicies',
        summary: 'What my policies, and a draft of one, would say about a message',
        description: 'Nothing is sent or stored. What a policy may decide only so often is not used up.',
        body: TryMessageBody,
        errors: DRAFT_ERRORS,
        response: answers({ 200: TriedMessage }),
      },
    },
    (request) => trial.message(userOf(request), request.body),
  );

  app.post(
    '/policies/sample',
    {
      ...requireUser,
      schema: {
        tags: ['Policies'],
        operationId: 'samplePolicy',
        summary: 'Which of my latest messages a policy would have concerned',
        description:
          'Each is judged by this policy alone, as if it were of the kind that is named, to whom it went.',
        body: TrySampleBody,
        errors: DRAFT_ERRORS,
        response: answers({ 200: TriedSample }),
      },
    },
    (request, reply) => trial.sample(userOf(request), request.body, clientGone(reply)),
  );
}
