import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type CallbackMessage, MahiloError, type ReceiveOptions, receive } from '@mahilo/client';
import Fastify from 'fastify';

/** An agent whose handler is `receive`. */
export interface Taker extends AsyncDisposable {
  url: string;
  secrets: string | string[];
  /** What its handler got, one for each request. */
  took: (CallbackMessage | undefined | MahiloError)[];
}

type Handle = (request: Parameters<typeof receive>[0]) => Promise<number>;

/** @returns a taker without a server, and what its server does with a request. */
function takerOf(options: ReceiveOptions): {
  taker: Omit<Taker, typeof Symbol.asyncDispose>;
  handle: Handle;
} {
  const taker: Omit<Taker, typeof Symbol.asyncDispose> = { url: '', secrets: '', took: [] };
  const handle: Handle = async (request) => {
    try {
      taker.took.push(await receive(request, taker.secrets, options));
      return 200;
    } catch (error) {
      if (!(error instanceof MahiloError)) throw error;
      taker.took.push(error);
      return error.status;
    }
  };
  return { taker, handle };
}

async function onNodeServer(
  options: ReceiveOptions,
  toRequest: (request: IncomingMessage) => Promise<Parameters<Handle>[0]> | Parameters<Handle>[0],
): Promise<Taker> {
  const { taker, handle } = takerOf(options);
  const server = createServer(async (request, response) => {
    response.writeHead(await handle(await toRequest(request))).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  taker.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;
  const close = async () => {
    server.closeAllConnections();
    server.close();
  };
  return Object.assign(taker, { [Symbol.asyncDispose]: close });
}

async function inFastify(options: ReceiveOptions, parsesToBuffer: boolean): Promise<Taker> {
  const { taker, handle } = takerOf(options);
  const app = Fastify({ forceCloseConnections: true });
  if (parsesToBuffer)
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
  app.post('/callback', async (request, reply) => reply.status(await handle(request)).send());
  taker.url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/callback`;
  return Object.assign(taker, { [Symbol.asyncDispose]: async () => app.close() });
}

/** For fetch handlers and Hono's `c.req.raw`. */
async function asWebRequest(request: IncomingMessage): Promise<Request> {
  const body = new Uint8Array(await buffer(request));
  const headers = new Headers(
    Object.entries(request.headersDistinct).map(([name, values]) => [name, String(values)]),
  );
  return new Request(`http://agent.example${request.url}`, { method: 'POST', headers, body });
}

/** For Express after `express.json()`. */
async function asExpressRequest(request: IncomingMessage): Promise<{ headers: IncomingMessage['headers'] }> {
  return Object.assign(request, { body: JSON.parse((await buffer(request)).toString('utf8')) as unknown });
}

export const TAKERS: Readonly<Record<string, (options?: ReceiveOptions) => Promise<Taker>>> = {
  'Node’s http': (options = {}) => onNodeServer(options, (request) => request),
  Fastify: (options = {}) => inFastify(options, false),
  'Fastify with raw bodies': (options = {}) => inFastify(options, true),
  'a fetch handler': (options = {}) => onNodeServer(options, asWebRequest),
  'Express with parsed bodies': (options = {}) => onNodeServer(options, asExpressRequest),
};
