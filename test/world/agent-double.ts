import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

export interface Received {
  headers: IncomingHttpHeaders;
  /** The body as received. */
  body: string;
  json: Record<string, unknown>;
  at: number;
}

export type Behaviour = (request: IncomingMessage, response: ServerResponse, received: Received) => void;

const answerOk: Behaviour = (_request, response) => response.writeHead(200).end('ok');

/** An agent that is only a callback URL: it keeps what it receives, and answers as `behave` says. */
export class AgentDouble implements AsyncDisposable {
  readonly received: Received[] = [];
  behave: Behaviour = answerOk;
  #server = createServer();
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}/callback`;
  }

  /** Listens, on the port it had before if it had one. */
  async start(): Promise<this> {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        const json = body === '' ? {} : JSON.parse(body);
        const received = { headers: request.headers, body, json, at: Date.now() };
        if (request.method === 'POST') this.received.push(received);
        this.behave(request, response, received);
      });
    });
    if (this.#port === 0) this.#port = await freePort();
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    return this;
  }

  /** Stops: its port refuses connections. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  /** Waits for the n-th callback (1-based). */
  async callback(n = 1, timeoutMs?: number): Promise<Received> {
    return eventually(() => this.received[n - 1], timeoutMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
