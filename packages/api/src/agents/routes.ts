import { isoTime } from '@mahilo/shared/clock';
import { MahiloError } from '@mahilo/shared/errors';
import { reviveLane } from '@mahilo/shared/outbox/lanes';
import { requireUser, userOf } from '../auth/authenticate.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams, Success } from '../http/fields.ts';
import { pageOf, sendPage } from '../http/pagination.ts';
import { healthOf } from '../waiting/health.ts';
import { findOwn, type ListedConnection, listConnections, unsuspendConnection } from './connections.ts';
import { deleteAgent } from './delete.ts';
import { pingAgent } from './ping.ts';
import { registerAgent } from './register-agent.ts';
import { AgentAnswer, AgentsQuery, NewAgent, Ping, RegisterAgentBody, UpdatedAgent } from './schemas.ts';

/** Pings per minute and user: enough for a person who sets up an agent, too few to scan ports with. */
const PINGS_PER_MINUTE = 10;

export function registerAgents(app: App, deps: ApiDeps): void {
  const { db, clock, settings } = deps;

  app.post(
    '/agents',
    {
      ...requireUser,
      schema: {
        tags: ['Agents'],
        summary: 'Connect an agent, or update the one of the same framework and label',
        body: RegisterAgentBody,
        response: answers({ 200: UpdatedAgent, 201: NewAgent }),
      },
    },
    async (request, reply) => {
      const registered = await registerAgent(deps, userOf(request), request.body);
      const { connectionId: connection_id, callbackSecret: callback_secret, mode } = registered;
      if (registered.created && callback_secret !== undefined) {
        return reply.status(201).send({ connection_id, callback_secret, mode });
      }
      return reply
        .status(200)
        .send({ connection_id, updated: true, ...(callback_secret && { callback_secret }) });
    },
  );

  app.get(
    '/agents',
    {
      ...requireUser,
      schema: {
        tags: ['Agents'],
        summary: 'My agent connections',
        querystring: AgentsQuery,
        response: answers({ 200: { type: 'array', items: AgentAnswer } }),
      },
    },
    async (request, reply) => {
      const page = pageOf(request.query);
      const rows = await listConnections(db.kysely, userOf(request).id, page, [
        'active',
        'inactive',
        'suspended',
      ]);
      const shown = sendPage(request, reply, page, rows, (row) => row.id);
      const ids = shown.map((row) => row.id);
      const health = await healthOf(db.kysely, ids, clock.now());
      return reply.send(shown.map((row) => ({ ...toAgent(row), health: health.get(row.id) })));
    },
  );

  app.delete(
    '/agents/:id',
    {
      ...requireUser,
      schema: {
        tags: ['Agents'],
        summary: 'Disconnect an agent; what is undelivered is cancelled',
        params: IdParams,
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      if (!(await deleteAgent(deps, userOf(request), request.params.id))) throw notFound();
      return { success: true as const };
    },
  );

  app.post(
    '/agents/:id/ping',
    {
      ...requireUser,
      config: { rateLimit: { max: Math.min(PINGS_PER_MINUTE, settings.RATE_LIMIT) } },
      schema: {
        tags: ['Agents'],
        summary: 'Ask the agent’s callback URL for a sign of life',
        params: IdParams,
        response: answers({ 200: Ping }),
      },
    },
    async (request) => {
      const caller = userOf(request);
      const connection = await findOwn(db.kysely, caller.id, request.params.id);
      if (connection === undefined) throw notFound();
      await db.assertStillValid(caller);
      const pinged = await pingAgent(deps, connection.callback_url);
      await db.assertStillValid(caller);
      if (pinged.success) {
        await db.write(caller, async (trx) => {
          const restored = await unsuspendConnection(trx, connection.id);
          await reviveLane(trx, connection.id, clock.now(), { seen: true, moved: false, restored });
        });
      }
      return pinged;
    },
  );
}

function notFound(): MahiloError {
  return new MahiloError('NOT_FOUND', 'You have no agent connection with this id.');
}

function toAgent(row: ListedConnection) {
  return {
    id: row.id,
    framework: row.framework,
    label: row.label,
    description: row.description ?? undefined,
    capabilities: JSON.parse(row.capabilities_json),
    routing_priority: row.routing_priority,
    mode: row.mode,
    callback_url: row.callback_url ?? undefined,
    public_key: row.public_key ?? undefined,
    public_key_alg: row.public_key_alg ?? undefined,
    status: row.status,
    last_seen: row.last_seen === null ? undefined : isoTime(row.last_seen),
    created_at: isoTime(row.created_at),
  };
}
