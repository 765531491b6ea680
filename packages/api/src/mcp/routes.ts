import { MahiloError } from '@mahilo/shared/errors';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { assertCovered } from '../access/scopes.ts';
import { refusalOf } from '../auth/authenticate.ts';
import type { App } from '../deps.ts';
import { sendRpcError } from './error-answer.ts';
import { messageOf, sendAnswer, toFetchRequest } from './message.ts';
import { assertOrigin } from './origin.ts';
import { serverFor } from './server.ts';
import { type McpDeps, type Session, sessionOf } from './session.ts';
import { isListen, Subscriptions } from './subscriptions.ts';

const PATH = '/mcp';

/**
 * The MCP server: the tools and the inbox of whoever's key comes with the request. Serves the revisions 2026-07-28 and
 * 2025-11-25 on one URL, and holds nothing between requests.
 */
export function registerMcp(app: App, deps: McpDeps): void {
  const subscriptions = new Subscriptions();
  app.addHook('preClose', () => subscriptions.close());
  app.post(
    PATH,
    {
      schema: { hide: true },
      errorHandler: sendRpcError,
      preParsing: async (request) => {
        assertOrigin(request, deps.settings.PUBLIC_URL);
        if (request.user === null) throw refusalOf(request);
        assertCovered(request.user, `POST ${PATH}`);
      },
    },
    async (request, reply) => {
      const message = messageOf(request.body);
      const session = sessionOf(deps, request, reply);
      await openMailbox(session);
      if (isListen(message)) return subscriptions.open(session, message);
      const handler = createMcpHandler(({ era }) => serverFor(session, era));
      const asked = toFetchRequest(request, session.signal);
      return sendAnswer(reply, await handler.fetch(asked, { parsedBody: message }));
    },
  );
}

/** Friends can write to the caller from now on. Without room for one more agent, only what needs no mailbox works. */
async function openMailbox({ mailbox }: Session): Promise<void> {
  await mailbox().catch((error: unknown) => {
    if (!(error instanceof MahiloError && error.code === 'QUOTA_EXCEEDED')) throw error;
  });
}
