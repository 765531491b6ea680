import { MahiloError } from '@mahilo/shared/errors';
import type { FastifyRequest } from 'fastify';
import { assertCovered } from '../access/scopes.ts';
import { isKeyStillValid, refusalOf, userOf } from '../auth/authenticate.ts';
import type { KeyCache } from '../auth/key-cache.ts';
import type { App } from '../deps.ts';
import { publicOriginOf } from '../http/public-origin.ts';
import { rpcErrorHandler } from '../http/rpc-error.ts';
import { idOf, messageOf } from '../http/rpc-message.ts';
import { type AgentPath, assertTakesMessages, calledAgent } from './agent.ts';
import { detailsOf } from './rpc-details.ts';
import type { A2aDeps } from './session.ts';

const PATH = '/a2a/:username/:connection_id';

/**
 * Lets A2A clients (a2a-protocol.org, 1.0) call the agents of their users' friends. Each agent has a card and an endpoint. A
 * task is a message, and completes with the first answer to it: all of it is in the database.
 */
export function registerA2a(app: App, deps: A2aDeps & { keyCache: KeyCache }): void {
  // The SDK would be a tenth of an API's start, where nobody uses A2A.
  const [card, protocol] = [() => import('./card.ts'), () => import('./protocol.ts')];

  app.get<{ Params: AgentPath }>(
    `${PATH}/.well-known/agent-card.json`,
    {
      schema: { hide: true },
      preParsing: async (request) => {
        if (request.user === null) throw refusalOf(request);
        assertCovered(request.user, 'GET /contacts/:username/connections');
      },
    },
    async (request, reply) => {
      const agent = await calledAgent(deps.db.kysely, userOf(request), request.params);
      assertTakesMessages(agent);
      const { cardOf } = await card();
      const described = cardOf(agent, originOf(deps, request));
      return reply
        .headers({ 'cache-control': 'private, no-cache', vary: 'authorization, host' })
        .send(described);
    },
  );

  app.post<{ Params: AgentPath }>(
    PATH,
    {
      schema: { hide: true },
      config: { carriesObjects: true },
      errorHandler: rpcErrorHandler((error, { id, body }) => ({
        id: idOf(body),
        data: detailsOf(error, id),
      })),
      preParsing: async (request) => {
        if (request.user === null) throw refusalOf(request);
      },
    },
    async (request, reply) => {
      const message = messageOf(request.body);
      const caller = userOf(request);
      const session = {
        deps,
        caller,
        agent: await calledAgent(deps.db.kysely, caller, request.params),
        request,
        reply,
        isKeyValid: () => isKeyStillValid(request, deps.keyCache),
      };
      return (await protocol()).answer(session, message);
    },
  );
}

function originOf({ settings }: A2aDeps, request: FastifyRequest): string {
  const origin = publicOriginOf(settings, request);
  if (origin !== undefined) return origin;
  throw new MahiloError(
    'NOT_FOUND',
    'A card would name the address of the registry, which its operator has not set (PUBLIC_URL).',
  );
}
