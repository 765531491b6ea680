import type { ErrorCode } from '@mahilo/shared/errors';
import { requireUser, userOf } from '../auth/authenticate.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams, Success } from '../http/fields.ts';
import type { Page } from '../http/pagination.ts';
import { Type } from '../http/type.ts';
import { sendWhole } from '../http/whole-list.ts';
import { changePolicy, createPolicy, policyOf, removePolicy } from './manage.ts';
import { CreatedOverride, NewOverrideBody } from './override-schemas.ts';
import { createOverride } from './overrides.ts';
import { listPolicies } from './policies.ts';
import { CreatedPolicy, NewPolicyBody, PoliciesQuery, PolicyAnswer, PolicyChangesBody } from './schemas.ts';
import { targetsNamed } from './targets.ts';
import { toPolicy } from './to-policy.ts';

const NEW_POLICY_ERRORS = [
  'INVALID_POLICY',
  'INVALID_POLICY_CONTENT',
  'INVALID_ROLE',
  'INVALID_SELECTOR',
  'FORBIDDEN',
  'NOT_MEMBER',
  'USER_NOT_FOUND',
  'GROUP_NOT_FOUND',
  'SOURCE_MESSAGE_NOT_FOUND',
] as const satisfies readonly ErrorCode[];

export function registerPolicies(app: App, deps: ApiDeps): void {
  app.post(
    '/policies',
    {
      ...requireUser,
      schema: {
        tags: ['Policies'],
        summary: 'Set rules for what my agents, or the members of a group that I run, may send',
        operationId: 'createPolicy',
        description:
          'What it denies, asks about or allows is judged by your agents, and with `TRUSTED_MODE` by the registry.',
        errors: NEW_POLICY_ERRORS,
        body: NewPolicyBody,
        response: answers({ 201: CreatedPolicy }),
      },
    },
    async (request, reply) => {
      const policy_id = await createPolicy(deps, userOf(request), request.body);
      return reply.status(201).send({ policy_id });
    },
  );

  app.get(
    '/policies',
    {
      ...requireUser,
      schema: {
        tags: ['Policies'],
        summary: 'The policies that bind my agents: mine, and those of my groups',
        operationId: 'listPolicies',
        description: 'Newest first. Those whose time or uses are over are among them until they are deleted.',
        querystring: PoliciesQuery,
        response: answers({ 200: Type.Array(PolicyAnswer) }),
      },
    },
    async (request, reply) => {
      const userId = userOf(request).id;
      const { scope, target_id: target } = request.query;
      const targetIds = target === undefined ? undefined : await targetsNamed(deps.db.kysely, target);
      const read = (piece: Page) => listPolicies(deps.db.kysely, userId, { scope, targetIds }, piece);
      return (await sendWhole(request, reply, request.query, read)).map(toPolicy);
    },
  );

  app.get(
    '/policies/:id',
    {
      ...requireUser,
      schema: {
        tags: ['Policies'],
        summary: 'One of the policies that bind my agents',
        operationId: 'getPolicy',
        params: IdParams,
        errors: ['NOT_FOUND'],
        response: answers({ 200: PolicyAnswer }),
      },
    },
    async (request) => toPolicy(await policyOf(deps.db.kysely, userOf(request).id, request.params.id)),
  );

  app.patch(
    '/policies/:id',
    {
      ...requireUser,
      schema: {
        tags: ['Policies'],
        summary: 'Change a policy, switch it off or on',
        operationId: 'changePolicy',
        description: 'What is left out stays as it is.',
        errors: ['INVALID_POLICY', 'INVALID_POLICY_CONTENT', 'INVALID_SELECTOR', 'FORBIDDEN', 'NOT_FOUND'],
        params: IdParams,
        body: PolicyChangesBody,
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      await changePolicy(deps, userOf(request), request.params.id, request.body);
      return { success: true as const };
    },
  );

  app.delete(
    '/policies/:id',
    {
      ...requireUser,
      schema: {
        tags: ['Policies'],
        summary: 'Delete a policy',
        operationId: 'deletePolicy',
        description: 'One of a group: by its owner or an admin.',
        errors: ['FORBIDDEN', 'NOT_FOUND'],
        params: IdParams,
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      await removePolicy(deps, userOf(request), request.params.id);
      return { success: true as const };
    },
  );

  app.post(
    '/plugin/overrides',
    {
      ...requireUser,
      schema: {
        tags: ['Plugin'],
        summary: 'Allow, hold back or forbid something once, for a while, or for good',
        operationId: 'createOverride',
        description:
          'It makes a policy with `source: "override"`. It says nothing about what is held already.',
        errors: ['INVALID_OVERRIDE', 'SENDER_CONNECTION_NOT_FOUND', ...NEW_POLICY_ERRORS],
        body: NewOverrideBody,
        response: answers({ 201: CreatedOverride }),
      },
    },
    async (request, reply) => {
      const policy_id = await createOverride(deps, userOf(request), request.body);
      return reply.status(201).send({ policy_id, kind: request.body.kind, created: true as const });
    },
  );
}
