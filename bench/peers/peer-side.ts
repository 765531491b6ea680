import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Receiver } from '../bare/receiver-client.ts';
import { FOR_NODE } from '../rig/as-shipped.ts';
import { beforeDeadline } from '../rig/deadline.ts';
import type { Lab } from '../rig/lab.ts';
import { messageText } from '../rig/message-text.ts';
import { freePort, healthy } from '../rig/port.ts';
import { requestBytes } from '../rig/request-bytes.ts';
import type { Server, StartServer } from '../rig/servers.ts';
import { StartedProcess } from '../rig/started-process.ts';
import type { FrontQuestion } from './peer-process.ts';
import { AGENTS, type Behaviour, CONCURRENCY, HANGING, type OpenSide, type Side } from './side.ts';

const READY_WITHIN_MS = 60_000;
/** Longer than the slowest machine takes. */
const FILLED_WITHIN_MS = 300_000;

export interface Peer {
  name: string;
  about: string;
  queue: 'bullmq' | 'graphile-worker' | 'pg-boss' | 'plainjob';
  /** Undefined where the queue needs none. */
  server?: StartServer;
  /** Where the peers are installed. */
  packages: string;
}

/** A peer behind a front of bare Fastify. */
export function peerSide(lab: Lab, receiver: Receiver, peer: Peer): Side {
  return {
    name: peer.name,
    about: peer.about,
    async open() {
      await using stack = new AsyncDisposableStack();
      const server = peer.server && stack.use(await peer.server());
      const store = server ? String(server.port) : lab.databaseFile();
      if (server === undefined) await mkdir(dirname(store));
      const start = (role: 'front' | 'worker', port: number) =>
        new StartedProcess({
          script: 'bench/peers/peer-process.ts',
          environment: { NODE_ENV: 'production', ...FOR_NODE },
          arguments: [
            peer.queue,
            role,
            JSON.stringify({ packages: peer.packages, store }),
            String(CONCURRENCY),
            String(port),
          ],
          ipc: true,
        });
      const port = await freePort();
      const front = stack.use(start('front', port));
      await healthy(front, port);
      return new OpenPeer({ receiver, front, port, server, start, stack: stack.move() });
    },
  };
}

interface Parts {
  receiver: Receiver;
  front: StartedProcess;
  port: number;
  server: Server | undefined;
  start(role: 'worker', port: number): StartedProcess;
  stack: AsyncDisposableStack;
}

class OpenPeer implements OpenSide {
  readonly port: number;
  readonly #parts: Parts;
  readonly #urls: readonly string[];
  readonly #workers: StartedProcess[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
    this.port = parts.port;
    this.#urls = urls(parts.receiver, 'ok');
  }

  request(n: number): string {
    const body = { recipient: this.#urls[n % this.#urls.length], message: messageText(n) };
    return requestBytes('POST', '/api/v1/messages/send', {}, JSON.stringify(body));
  }

  async fill(count: number, behaviour: Behaviour): Promise<void> {
    await this.#ask({ fill: { count, urls: urls(this.#parts.receiver, behaviour) } });
  }

  async startWorker(): Promise<void> {
    const worker = this.#parts.stack.use(this.#parts.start('worker', 0));
    this.#workers.push(worker);
    await beforeDeadline(worker.message(), READY_WITHIN_MS, 'The worker');
    worker.assertRuns();
  }

  async recorded(): Promise<number> {
    return Number(await this.#ask({ recorded: true }));
  }

  processes(): readonly StartedProcess[] {
    const { front, server } = this.#parts;
    return [front, ...this.#workers, ...(server ? [server.started] : [])];
  }

  #ask(question: FrontQuestion): Promise<unknown> {
    return beforeDeadline(this.#parts.front.ask(question), FILLED_WITHIN_MS, 'The front');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.stack.disposeAsync();
  }
}

function urls(receiver: Receiver, behaviour: Behaviour): string[] {
  return Array.from({ length: behaviour === 'ok' ? AGENTS : HANGING }, (_, n) => receiver.url(n, behaviour));
}
