import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';

const data = (name: string) => readFileSync(new URL(`../data/${name}`, import.meta.url), 'utf8');

/** Self-signed, for localhost, agent.test, 127.0.0.1 and ::1. */
export const RECEIVER_CERT = data('receiver-cert.pem');

/** A server on loopback that counts connections, and closes them all at its end. */
export interface Receiver {
  port: number;
  connections: () => number;
  /** Connections that are open now. */
  sockets: ReadonlySet<Socket>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Speaks HTTP. */
export function httpReceiver(
  listener: RequestListener,
  host = '127.0.0.1',
  onConnection: (socket: Socket) => void = () => {},
): Promise<Receiver> {
  return start(createServer({ keepAliveTimeout: 60_000 }, listener).on('connection', onConnection), host);
}

/** Speaks HTTPS with RECEIVER_CERT. */
export function httpsReceiver(listener: RequestListener, host = '127.0.0.1'): Promise<Receiver> {
  return start(createTlsServer({ cert: RECEIVER_CERT, key: data('receiver-key.pem') }, listener), host);
}

/** Runs the handler when the first bytes of a request have come. */
export function rawReceiver(onRequest: (socket: Socket) => void, host = '127.0.0.1'): Promise<Receiver> {
  return start(
    createTcpServer((socket) => {
      socket.once('data', () => onRequest(socket));
    }),
    host,
  );
}

/** Reads the body of every request, then answers with this status. */
export function answering(
  statusCode: number,
  headers: Record<string, string> = {},
  body = '',
): RequestListener {
  return (request, response) => {
    request.resume().on('end', () => response.writeHead(statusCode, headers).end(body));
  };
}

async function start(server: Server, host: string): Promise<Receiver> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    // The client may reset it at any moment.
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    sockets,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
