import type { MahiloError } from '@mahilo/shared/errors';
import { ProtocolError, type Server, type StandardSchemaV1 } from '@modelcontextprotocol/server';
import { forCaller } from '../http/error-handler.ts';
import { eventsFor } from '../subscriptions/catalogue.ts';
import { RPC, SubscriptionRefusal } from '../subscriptions/refusal.ts';
import { subscribe, unsubscribe } from '../subscriptions/subscribe.ts';
import type { Session } from './session.ts';
import { published } from './tool.ts';

/** What is announced: once as the extension has it, and once where ChatGPT and the AI SDK look. */
export const EVENT_CAPABILITIES = {
  events: {},
  extensions: { 'io.modelcontextprotocol/events': {} },
};

/** The SDK hands the parameters on as they are: each use case looks at its own. */
const AS_THEY_ARE: StandardSchemaV1<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'mahilo', validate: (value) => ({ value }) },
};
const PARAMS = { params: AS_THEY_ARE };

/** Serves events by webhook (SEP-3415). */
export function serveEvents(server: Server, session: Session): void {
  const { deps, caller, signal, verifier } = session;
  server.setRequestHandler('events/list', PARAMS, () => ({
    events: eventsFor(caller).map(({ inputSchema, ...event }) => ({
      ...event,
      inputSchema: published(inputSchema),
    })),
  }));
  server.setRequestHandler('events/subscribe', PARAMS, (params) =>
    answered(session, async () => ({ ...(await subscribe(deps, verifier, caller, params, signal)) })),
  );
  server.setRequestHandler('events/unsubscribe', PARAMS, (params) =>
    answered(session, async () => {
      await unsubscribe(deps, caller, params);
      return {};
    }),
  );
  for (const mode of ['poll', 'stream']) {
    server.setRequestHandler(`events/${mode}`, PARAMS, () => {
      const data = { feature: 'deliveryMode', value: mode === 'stream' ? 'push' : mode };
      throw new ProtocolError(RPC.unsupported, 'Events are delivered by webhook only.', data);
    });
  }
}

async function answered<T>({ deps, request }: Session, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    deps.telemetry.requestFailed(thrown);
    throw protocolError(thrown instanceof SubscriptionRefusal ? thrown : forCaller(thrown, request));
  }
}

function protocolError(error: SubscriptionRefusal | MahiloError): ProtocolError {
  if (error instanceof SubscriptionRefusal) return new ProtocolError(error.code, error.message, error.data);
  const { code, message, details, retryAfterSeconds } = error;
  const data = {
    code,
    ...(details !== undefined && { details }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
  if (code === 'QUOTA_EXCEEDED') {
    return new ProtocolError(RPC.resourceExhausted, message, { ...data, limit: details?.[0]?.path });
  }
  if (error.status === 400) return new ProtocolError(RPC.invalidParams, message, data);
  if (error.status === 401 || error.status === 403) return new ProtocolError(RPC.forbidden, message, data);
  return new ProtocolError(error.status >= 500 ? -32_603 : -32_000, message, data);
}
