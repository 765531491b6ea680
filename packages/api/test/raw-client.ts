import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { App } from '../src/deps.ts';

/** A connection to an API in this process, over which a test writes what it likes. */
export interface RawClient {
  socket: Socket;
  /** All that has arrived. */
  received(): string;
  isClosed(): boolean;
}

/** Makes `app` listen, and opens connections to it. */
export async function rawClients(app: App): Promise<(text: string) => Promise<RawClient>> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return async (text) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    let isClosed = false;
    socket.setEncoding('utf8').on('data', (chunk) => {
      received += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      isClosed = true;
    });
    await once(socket, 'connect');
    socket.write(text);
    return { socket, received: () => received, isClosed: () => isClosed };
  };
}

/** The head of a request, without the empty line at its end. */
export const head = (method: string, path: string, key: string | undefined, ...more: string[]): string =>
  [
    `${method} /api/v1${path} HTTP/1.1`,
    'Host: x',
    ...(key === undefined ? [] : [`Authorization: Bearer ${key}`]),
    ...more,
    '',
  ].join('\r\n');
