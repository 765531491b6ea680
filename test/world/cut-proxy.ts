import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A network between an agent and the registry that tests can cut. */
export class CutProxy implements AsyncDisposable {
  readonly #target: () => string;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer({ noDelay: true }, (near) => this.#join(near));
  #isCut = false;
  /** Whether answers of the registry get lost without its knowledge. */
  loseAnswers = false;
  /** Bytes of the registry that were lost. */
  lostBytes = 0;

  private constructor(target: () => string) {
    this.#target = target;
  }

  /** A network in front of the registry at this URL. */
  static async start(target: () => string): Promise<CutProxy> {
    const proxy = new CutProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Drops every connection, and refuses new ones until it is mended. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  #join(near: Socket): void {
    if (this.#isCut) {
      near.resetAndDestroy();
      return;
    }
    const { hostname, port } = new URL(this.#target());
    const far = connect({ host: hostname, port: Number(port), noDelay: true });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
    near.pipe(far);
    far.on('data', (bytes) => {
      if (this.loseAnswers) this.lostBytes += bytes.length;
      else near.write(bytes);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
