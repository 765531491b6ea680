import { isoTime } from '@mahilo/shared/clock';
import { Type } from 'typebox';
import { requireUser, userOf } from '../auth/authenticate.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams, Success } from '../http/fields.ts';
import type { Page } from '../http/pagination.ts';
import { sendWhole } from '../http/whole-list.ts';
import { changePolicy, createPolicy, removePolicy } from './manage.ts';
import { listPolicies, type PolicyRow } from './policies.ts';
import { CreatedPolicy, NewPolicyBody, PoliciesQuery, PolicyAnswer, PolicyChangesBody } from './schemas.ts';
import { targetsNamed } from './targets.ts';

export function registerPolicies(app: App, deps: ApiDeps): void {
  app.post(
    '/policies',
    {
      ...requireUser,
      schema: {
        tags: ['Policies'],
        summary: 'Set rules for what my agents, or the members of a group that I run, may send',
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

  app.patch(
    '/policies/:id',
    {
      ...requireUser,
      schema: {
        tags: ['Policies'],
        summary: 'Change a policy, switch it off or on',
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
        params: IdParams,
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      await removePolicy(deps, userOf(request), request.params.id);
      return { success: true as const };
    },
  );
}

function toPolicy(row: PolicyRow) {
  return {
    id: row.id,
    scope: row.scope,
    target_id: row.target_id ?? undefined,
    policy_type: row.policy_type,
    policy_content: row.content,
    priority: row.priority,
    enabled: row.enabled === 1,
    created_at: isoTime(row.created_at),
  };
}
