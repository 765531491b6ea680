import { requireUser, userOf } from '../auth/authenticate.ts';
import { chargeForGroup, chargeRequests } from '../bounds/charge-for-group.ts';
import type { SendQuota } from '../bounds/send-quota.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers } from '../http/fields.ts';
import { ROUTING_ERRORS, SendBody } from '../messages/schemas.ts';
import type { PolicyEnforcer } from '../policies/policy-enforcer.ts';
import { DirectSendBody, DirectSendBundle, GroupFanoutBody, GroupFanoutBundle } from './bundle-schemas.ts';
import { type Charge, directSendBundle, groupFanoutBundle } from './bundles.ts';
import { commitDecision } from './commit.ts';
import { CommitBody, CommitHeaders, Committed } from './commit-schemas.ts';
import { toCommitted } from './committed.ts';
import { promptContext } from './context.ts';
import { ContextAnswer, ContextBody } from './context-schemas.ts';
import { registerPluginLists } from './list-routes.ts';
import { previewSend } from './resolve.ts';
import { ResolveAnswer } from './resolve-schemas.ts';

const tags = ['Plugin'];

/** What every route refuses that takes a recipient and a sender. */
const REFUSALS = ['UNSUPPORTED_RECIPIENT_TYPE', 'INVALID_SELECTOR', 'SENDER_CONNECTION_NOT_FOUND'] as const;

/** What decides about sends: users' policies and their quota. */
export interface Judges {
  enforcer: PolicyEnforcer;
  quota: SendQuota;
}

/** What agents need that decide for themselves about each message, as the OpenClaw plugin does. */
export function registerPlugin(app: App, deps: ApiDeps, { enforcer, quota }: Judges): void {
  registerPreviews(app, deps, enforcer);
  registerBundles(app, deps);
  registerCommit(app, deps, quota);
  registerPluginLists(app, deps);
}

/** What is asked for before a message is written or sent; none of it changes anything. */
function registerPreviews(app: App, deps: ApiDeps, enforcer: PolicyEnforcer): void {
  const chargeGroup = (senderId: string, members: number) =>
    chargeForGroup(app.userRequests, deps, senderId, members);

  app.post(
    '/plugin/context',
    {
      ...requireUser,
      schema: {
        tags,
        operationId: 'getPromptContext',
        summary: 'What my agent should know before it writes to a friend',
        description: 'For prompts: the friend, the policies in a sentence, and the last messages.',
        body: ContextBody,
        errors: [...REFUSALS, 'USER_NOT_FOUND', 'NOT_FRIENDS'],
        response: answers({ 200: ContextAnswer }),
      },
    },
    (request) => promptContext(deps, userOf(request), request.body),
  );

  app.post(
    '/plugin/resolve',
    {
      ...requireUser,
      schema: {
        tags,
        operationId: 'previewSend',
        summary: 'What would become of a message if I sent it now',
        description:
          'Nothing is sent, stored or allowed. Without `TRUSTED_MODE` the registry does not judge.',
        body: SendBody,
        errors: ['INVALID_SELECTOR', 'SENDER_CONNECTION_NOT_FOUND', 'PAYLOAD_TOO_LARGE', ...ROUTING_ERRORS],
        response: answers({ 200: ResolveAnswer }),
      },
    },
    (request) => previewSend({ ...deps, enforcer, chargeGroup }, userOf(request), request.body),
  );
}

function registerBundles(app: App, deps: ApiDeps): void {
  const chargeOf =
    (userId: string): Charge =>
    (requests, what) =>
      chargeRequests(app.userRequests, deps, userId, requests, what);

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
    (request) => {
      const user = userOf(request);
      return directSendBundle(deps, user, request.body, chargeOf(user.id));
    },
  );

  app.post(
    '/plugin/bundles/group-fanout',
    {
      ...requireUser,
      schema: {
        tags,
        operationId: 'getGroupFanoutBundle',
        summary: 'What my agent needs to decide about a message to each member of a group',
        description:
          'It counts as one request for each 50 members, and one more for each 32 KiB of policies.',
        body: GroupFanoutBody,
        errors: [...REFUSALS, 'GROUP_NOT_FOUND', 'NOT_MEMBER', 'QUOTA_EXCEEDED'],
        response: answers({ 200: GroupFanoutBundle }),
      },
    },
    (request) => {
      const user = userOf(request);
      return groupFanoutBundle(deps, user, request.body, chargeOf(user.id));
    },
  );
}

function registerCommit(app: App, deps: ApiDeps, quota: SendQuota): void {
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
