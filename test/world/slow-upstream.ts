import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** How long (ms) the API may hold a poll, and a little more. */
const LONG_ANSWER_MS = 31_000;

/**
 * Stands behind a reverse proxy for an API that takes its time: `/long` answers after half a minute, `/api/v1/events`
 * sends each event when the test says so, and `/api/v1/notifications/ws` upgrades and then echoes.
 */
export class SlowUpstream implements AsyncDisposable {
  readonly #server: Server;
  #events: ServerResponse | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<SlowUpstream> {
    const server = createServer();
    const upstream = new SlowUpstream(server);
    server.on('request', (request, response) => upstream.#answer(request, response));
    server.on('upgrade', (_request, socket: Duplex) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
      socket.pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return upstream;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Sends one event to the readers of the stream. */
  sendEvent(data: string): void {
    this.#events?.write(`data: ${data}\n\n`);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === '/api/v1/events') {
      this.#events = response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
    } else {
      setTimeout(() => response.end('at last'), LONG_ANSWER_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }
}
