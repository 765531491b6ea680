import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { Duplex } from 'node:stream';
import { SERVER_NAME } from './reverse-proxy.ts';

interface ProxiedRequest {
  port: number;
  ca: string;
  path: string;
  method?: string;
  headers?: Record<string, string | number>;
  body?: string | Buffer;
  /** The loopback address that the request comes from. */
  from?: string;
}

export interface ProxiedAnswer {
  status: number;
  /** Names and values as received. */
  rawHeaders: readonly string[];
  headers: IncomingMessage['headers'];
  text: string;
}

/** Sends a request to a reverse proxy on this machine, by the name of its certificate. */
function open({ port, ca, path, method = 'GET', headers = {}, from }: ProxiedRequest) {
  return request({
    host: '127.0.0.1',
    servername: SERVER_NAME,
    localAddress: from ?? '127.0.0.1',
    agent: false,
    port,
    ca,
    path,
    method,
    headers: { host: SERVER_NAME, ...headers },
  });
}

export async function ask(wanted: ProxiedRequest): Promise<ProxiedAnswer> {
  const answer = await streamed(wanted);
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  const { statusCode = 0, headers, rawHeaders } = answer;
  return { status: statusCode, headers, rawHeaders, text };
}

/** Resolves with the answer when its headers are there. */
export async function streamed(wanted: ProxiedRequest): Promise<IncomingMessage> {
  const sent = open(wanted);
  // A proxy may refuse a body before it has read it, and close.
  const answered = once(sent, 'response');
  sent.on('error', () => {});
  sent.end(wanted.body);
  const [answer] = await answered;
  return answer;
}

/** A connection that was upgraded. */
export async function upgraded(wanted: ProxiedRequest): Promise<Duplex> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  };
  const sent = open({ ...wanted, headers });
  sent.end();
  const [, socket] = await Promise.race([
    once(sent, 'upgrade'),
    once(sent, 'response').then(([answer]) => {
      throw new Error(`It was answered ${answer.statusCode} and not upgraded.`);
    }),
  ]);
  return socket;
}
