import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What a COMMIT meets on its way: the network ends before it arrives, or before its answer does. */
type Cut = 'before' | 'after';

/** The simple query `commit`, as the protocol has it, without its length. */
const COMMIT = Buffer.from('commit\0');
/** The answers to it. */
const ENDS = ['COMMIT\0', 'ROLLBACK\0'] as const;

/** A network between processes and a server of PostgreSQL, that can be cut, also at the moment when a COMMIT passes. */
export class CommitProxy implements AsyncDisposable {
  /** What the next COMMITs meet, in their order. */
  readonly cuts: Cut[] = [];
  #isCut = false;
  #isHeld = false;
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  // A part of what was sent at once must not wait until the part before it is acknowledged (RFC 896), which takes 40 ms.
  readonly #server = createServer({ noDelay: true }, (near) => this.#join(near));

  private constructor(target: string) {
    this.#target = new URL(target);
  }

  static async start(target: string): Promise<CommitProxy> {
    const proxy = new CommitProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** The database behind it. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return Object.assign(new URL(this.#target), { hostname: '127.0.0.1', port: String(port) }).href;
  }

  /** Drops every connection, and refuses new ones until it is mended. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Nothing passes any more, and nobody is told, until it is mended: then all that was sent arrives. */
  hold(): void {
    this.#isHeld = true;
    for (const socket of this.#sockets) socket.pause();
  }

  mend(): void {
    this.#isCut = false;
    this.#isHeld = false;
    for (const socket of this.#sockets) socket.resume();
  }

  #join(near: Socket): void {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const { hostname, port } = this.#target;
    const far = connect({ host: hostname, port: Number(port), noDelay: true });
    const end = () => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    far.on('data', (bytes) => near.write(bytes));
    near.on('data', (bytes) => {
      const cut = bytes.includes(COMMIT) ? this.cuts.shift() : undefined;
      if (cut === 'before') return end();
      far.write(bytes);
      if (cut === undefined) return;
      far.removeAllListeners('data');
      let answered = Buffer.alloc(0);
      far.on('data', (answer: Buffer) => {
        answered = Buffer.concat([answered, answer]);
        if (ENDS.some((tag) => answered.includes(tag))) end();
      });
    });
    if (this.#isHeld) for (const socket of [near, far]) socket.pause();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
