import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { App } from '../deps.ts';

/**
 * Sockets that listen at the one address. In a turn of its event loop Node takes one new connection from each (libuv since
 * 1.45), so with a single one a flood of connections makes everybody else wait in the kernel's queue for seconds.
 */
const LISTENERS = 32;
/** Where the kernel spreads connections over sockets that share a port (SO_REUSEPORT). */
const CAN_SHARE = process.platform === 'linux';

interface Place {
  host: string;
  port: number;
}

declare module 'fastify' {
  interface FastifyInstance {
    listeners: Listeners;
  }
}

/** Where the API takes connections. */
class Listeners {
  readonly #app: App;
  readonly #further: Server[] = [];
  #closed: Promise<unknown>[] = [];

  constructor(app: App) {
    this.#app = app;
  }

  /**
   * Listens at a place, port 0 being any.
   * @returns the URL.
   * @throws the system's error, also when another process listens there: the port is not shared with it.
   */
  async open(place: Place): Promise<string> {
    if (!CAN_SHARE) return this.#app.listen(place);
    if (place.port !== 0) await assertFree(place);
    const shared = { ...place, reusePort: true };
    const url = await this.#app.listen(shared);
    const address = this.#app.server.address();
    if (typeof address === 'object' && address !== null) {
      while (this.#further.length < LISTENERS - 1) this.#further.push(await this.#beside(address));
    }
    return url;
  }

  /** Takes no further connection. */
  stop(): void {
    this.#closed = this.#further.map((listener) => once(listener.close(), 'close'));
  }

  /** Resolves when the connections that were taken have ended, too. */
  async closed(): Promise<void> {
    await Promise.all(this.#closed);
  }

  async #beside({ address: host, port }: AddressInfo): Promise<Server> {
    // As Node's HTTP server opens its own.
    const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#app.server.emit('connection', socket);
    });
    listener.listen({ host, port, reusePort: true });
    await once(listener, 'listening');
    return listener;
  }
}

async function assertFree(place: Place): Promise<void> {
  const probe = createServer().listen(place);
  await once(probe, 'listening');
  await once(probe.close(), 'close');
}

/**
 * Gives the API its `listeners`. Register this last: when the API stops, it waits here for the requests of their
 * connections, before it closes what requests need.
 */
export function registerListeners(app: App): void {
  const listeners = new Listeners(app);
  app.decorate('listeners', listeners);
  app.addHook('preClose', (done) => {
    listeners.stop();
    done();
  });
  app.addHook('onClose', () => listeners.closed());
}
