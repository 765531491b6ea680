import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A way to the API: directly or through a reverse proxy. Plain data, to be passed to another process. */
export interface Route {
  name: string;
  host: string;
  port: number;
  /** The name in the proxy's certificate; undefined: no TLS. */
  serverName?: string;
}

export interface Call {
  /** The client's own address. */
  from: string;
  method?: string;
  path: string;
  key?: string;
  headers?: Record<string, string>;
  body?: string;
  timeoutMs?: number;
}

export interface Reply {
  status: number;
  text: string;
}

/** Begins a request. */
export function open(
  route: Route,
  { from, method = 'GET', path, key, headers = {}, body }: Call,
): ClientRequest {
  const { host, port, serverName } = route;
  const begin = serverName === undefined ? requestHttp : requestHttps;
  return begin({
    host,
    port,
    method,
    path,
    localAddress: from,
    agent: false,
    headers: {
      ...(serverName !== undefined && { host: serverName }),
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }),
      ...headers,
    },
    ...(serverName !== undefined && { servername: serverName, rejectUnauthorized: false }),
  });
}

/** Makes a request and reads the whole answer. @throws Error when the connection fails or it takes too long. */
export async function send(route: Route, call: Call): Promise<Reply> {
  const sent = open(route, call);
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve);
    sent.once('error', reject);
  });
  sent.setTimeout(call.timeoutMs ?? 30_000, () => sent.destroy(new Error('No answer in time.')));
  sent.end(call.body);
  const answer = await answered;
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  return { status: answer.statusCode ?? 0, text };
}

/** A bare connection, made only to be held open: errors end it silently. */
export function openSocket({ host, port, serverName }: Route, from: string): Socket {
  const socket =
    serverName === undefined
      ? connect({ host, port, localAddress: from })
      : connectTls({
          socket: connect({ host, port, localAddress: from }),
          servername: serverName,
          rejectUnauthorized: false,
        });
  socket.on('error', () => undefined);
  return socket;
}
