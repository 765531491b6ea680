import { MahiloError } from '@mahilo/shared/errors';
import { assertCovered } from '../access/scopes.ts';
import { refusalOf } from '../auth/authenticate.ts';
import type { App } from '../deps.ts';
import { rpcErrorHandler } from '../http/rpc-error.ts';
import { messageOf } from '../http/rpc-message.ts';
import { EndpointVerifier } from '../subscriptions/endpoint-verifier.ts';
import { assertOrigin } from './origin.ts';
import type { Protocol } from './protocol.ts';
import { type McpDeps, type Session, sessionOf } from './session.ts';

const PATH = '/mcp';

/**
 * The MCP server: the tools and the inbox of whoever's key comes with the request. Serves the revisions 2026-07-28 and
 * 2025-11-25 on one URL, and holds nothing between requests.
 */
export function registerMcp(app: App, deps: McpDeps): void {
  const verifier = new EndpointVerifier(deps);
  let loading: Promise<Protocol> | undefined;
  // The SDK would be a tenth of an API's start, and of its memory, where nobody uses MCP.
  const protocol = () => {
    loading ??= import('./protocol.ts').then(({ Protocol }) => new Protocol());
    return loading;
  };
  app.addHook('preClose', async () => loading?.then((loaded) => loaded.close()));
  app.post(
    PATH,
    {
      schema: { hide: true },
      // Without an id, since the request may not have been read.
      errorHandler: rpcErrorHandler(({ code, details }, { id }) => ({
        data: { code, details, request_id: id },
      })),
      preParsing: async (request) => {
        assertOrigin(request, deps.settings.PUBLIC_URL);
        if (request.user === null) throw refusalOf(request);
        assertCovered(request.user, `POST ${PATH}`);
      },
    },
    async (request, reply) => {
      const message = messageOf(request.body);
      const session = sessionOf(deps, verifier, request, reply);
      await openMailbox(session);
      return (await protocol()).answer(session, message);
    },
  );
}

/** Friends can write to the caller from now on. Without room for one more agent, only what needs no mailbox works. */
async function openMailbox({ mailbox }: Session): Promise<void> {
  await mailbox().catch((error: unknown) => {
    if (!(error instanceof MahiloError && error.code === 'QUOTA_EXCEEDED')) throw error;
  });
}
