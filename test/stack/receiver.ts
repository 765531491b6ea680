import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '../world/certificate.ts';

/** An agent behind https on the host: it counts how often each message came. */
export class Receiver implements AsyncDisposable {
  readonly timesReceived = new Map<string, number>();
  readonly #server: ReturnType<typeof createServer>;
  readonly #host: string;

  constructor(host: string, { certFile, keyFile }: Certificate) {
    this.#host = host;
    const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
    this.#server = createServer(tls, async (request, response) => {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      if (request.method === 'POST') {
        const { message_id: id } = JSON.parse(body);
        this.timesReceived.set(id, (this.timesReceived.get(id) ?? 0) + 1);
      }
      response.writeHead(200).end();
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, this.#host, resolve));
  }

  get url(): string {
    return `https://${this.#host}:${(this.#server.address() as AddressInfo).port}/callback`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }
}
