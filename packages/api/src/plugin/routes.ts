import { requireUser, userOf } from '../auth/authenticate.ts';
import type { SendQuota } from '../bounds/send-quota.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers } from '../http/fields.ts';
import { DirectSendBody, DirectSendBundle } from './bundle-schemas.ts';
import { directSendBundle } from './bundles.ts';
import { commitDecision } from './commit.ts';
import { CommitBody, CommitHeaders, Committed } from './commit-schemas.ts';
import { toCommitted } from './committed.ts';

const tags = ['Plugin'];

/** What every route refuses that takes a recipient and a sender. */
const REFUSALS = ['UNSUPPORTED_RECIPIENT_TYPE', 'INVALID_SELECTOR', 'SENDER_CONNECTION_NOT_FOUND'] as const;

/** What agents need that decide for themselves about each message, as the OpenClaw plugin does. */
export function registerPlugin(app: App, deps: ApiDeps, quota: SendQuota): void {
  app.post(
    '/plugin/bundles/direct-send',
    {
      ...requireUser,
      schema: {
        tags,
        operationId: 'getDirectSendBundle',
        summary: 'What my agent needs to decide about a message to a friend',
        body: DirectSendBody,
        errors: [...REFUSALS, 'USER_NOT_FOUND', 'NOT_FRIENDS'],
        response: answers({ 200: DirectSendBundle }),
      },
    },
    (request) => directSendBundle(deps, userOf(request), request.body),
  );

  app.post(
    '/plugin/local-decisions/commit',
    {
      ...requireUser,
      schema: {
        tags,
        operationId: 'commitLocalDecision',
        summary: 'Commit what my agent has decided about a message, before it is sent',
        headers: CommitHeaders,
        body: CommitBody,
        errors: [
          ...REFUSALS,
          'PAYLOAD_TOO_LARGE',
          'USER_NOT_FOUND',
          'NOT_FRIENDS',
          'GROUP_NOT_FOUND',
          'NOT_MEMBER',
          'INVALID_LOCAL_DECISION',
          'LOCAL_DECISION_CONFLICT',
          'LOCAL_DECISION_STALE',
          'QUOTA_EXCEEDED',
        ],
        response: answers({ 200: Committed }),
      },
    },
    async (request) => {
      const key = request.headers['idempotency-key'];
      const committed = await commitDecision({ ...deps, quota }, userOf(request), request.body, key);
      request.createdIds = { message_id: committed.decision.message_id };
      return toCommitted(deps.db.kysely, committed);
    },
  );
}
