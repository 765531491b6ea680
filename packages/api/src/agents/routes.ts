import { isoTime } from '@mahilo/shared/clock';
import { requireUser, userOf } from '../auth/authenticate.ts';
import { chargedOnce, chargeRequests, requestsFor } from '../bounds/charge-for-group.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams, Success } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { sendWhole } from '../http/whole-list.ts';
import { healthOf } from '../waiting/health.ts';
import { findOwn, lastSeenOf, listConnections, modeShown } from './connections.ts';
import { deleteAgent } from './delete.ts';
import { pingAgent } from './ping.ts';
import { noSuchAgent } from './refusals.ts';
import { registerAgent } from './register-agent.ts';
import { AgentAnswer, AgentsQuery, NewAgent, Ping, RegisterAgentBody, UpdatedAgent } from './schemas.ts';
import { toAgent } from './to-agent.ts';

/** Pings per minute and user: enough for a person who sets up an agent, too few to scan ports with. */
const PINGS_PER_MINUTE = 10;

export function registerAgents(app: App, deps: ApiDeps): void {
  const { db, clock, settings } = deps;

  app.post(
    '/agents',
    {
      ...requireUser,
      schema: {
        operationId: 'registerAgent',
        tags: ['Agents'],
        summary: 'Connect an agent, or update the one of the same framework and label',
        body: RegisterAgentBody,
        errors: ['INVALID_CALLBACK_URL', 'INVALID_CAPABILITIES', 'AGENT_EXISTS'],
        response: answers({ 200: UpdatedAgent, 201: NewAgent }),
      },
    },
    async (request, reply) => {
      const caller = userOf(request);
      const charge = chargedOnce((friends: number) =>
        chargeRequests(app.userRequests, deps, caller.id, requestsFor(friends), `To tell ${friends} friends`),
      );
      const registered = await registerAgent(deps, caller, request.body, charge);
      const { connectionId: connection_id, callbackSecret: callback_secret, mode } = registered;
      const secret = callback_secret === undefined ? {} : { callback_secret };
      if (registered.created) return reply.status(201).send({ connection_id, mode, ...secret });
      return reply.status(200).send({ connection_id, mode, updated: true, ...secret });
    },
  );

  app.get(
    '/agents',
    {
      ...requireUser,
      schema: {
        operationId: 'listAgents',
        tags: ['Agents'],
        summary: 'My agent connections',
        querystring: AgentsQuery,
        response: answers({ 200: Type.Array(AgentAnswer) }),
      },
    },
    async (request, reply) => {
      const userId = userOf(request).id;
      const rows = await sendWhole(request, reply, request.query, async (piece) => {
        const agents = await listConnections(db.kysely, userId, piece, 'owner');
        const ids = agents.map(({ id }) => id);
        const health = await healthOf(db.kysely, ids, clock.now());
        return agents.map((agent) => ({ ...agent, health: health.get(agent.id) }));
      });
      return reply.send(rows.map((row) => ({ ...toAgent(row), health: row.health })));
    },
  );

  app.delete(
    '/agents/:id',
    {
      ...requireUser,
      schema: {
        operationId: 'deleteAgent',
        tags: ['Agents'],
        summary: 'Disconnect an agent; what is undelivered is cancelled',
        params: IdParams,
        errors: ['NOT_FOUND'],
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      if (!(await deleteAgent(deps, userOf(request), request.params.id))) throw noSuchAgent();
      return { success: true as const };
    },
  );

  app.post(
    '/agents/:id/ping',
    {
      ...requireUser,
      config: { rateLimit: { max: Math.min(PINGS_PER_MINUTE, settings.RATE_LIMIT) } },
      schema: {
        operationId: 'pingAgent',
        tags: ['Agents'],
        summary: 'Ask the agent’s callback URL for a sign of life',
        params: IdParams,
        errors: ['NOT_FOUND', 'CONNECTION_INACTIVE'],
        response: answers({ 200: Ping }),
      },
    },
    async (request) => {
      const caller = userOf(request);
      const connection = await findOwn(db.kysely, caller.id, request.params.id);
      if (connection === undefined) throw noSuchAgent();
      const pinged = await pingAgent(deps, caller, connection);
      const lastSeen = await lastSeenOf(db.kysely, connection.id);
      return {
        ...pinged,
        mode: modeShown(connection),
        ...(lastSeen !== null && { last_seen: isoTime(lastSeen) }),
      };
    },
  );
}
