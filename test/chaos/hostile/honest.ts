import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Figures, noFigures } from './figures.ts';
import { clientAddress } from './namespace.ts';
import { type Call, type Reply, type Route, send } from './route.ts';

const SEND_EVERY_MS = 1000;
const HEALTH_EVERY_MS = 100;
/** After this long (ms) a person gives up, and the request has failed. */
const PATIENCE_MS = 10_000;
const PAIRS_PER_ROUTE = 2;
/** Honest people have the addresses from here on. */
const FIRST_ADDRESS = 200;

interface Person {
  username: string;
  key: string;
  from: string;
  route: Route;
  friend: string;
}

/** People who use the registry as it is meant to be used, and measure what they get. */
export class HonestPeople implements AsyncDisposable {
  readonly #routes: readonly Route[];
  readonly #people: Person[] = [];
  readonly #sentAt = new Map<string, number>();
  readonly #server: Server;
  #figures = noFigures();

  constructor(routes: readonly Route[]) {
    this.#routes = routes;
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        response.end();
        this.#arrived(JSON.parse(body).message);
      });
    });
  }

  /** Registers pairs of friends on each route, each with an agent. */
  async arrive(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    for (const route of this.#routes) {
      for (let n = 0; n < PAIRS_PER_ROUTE; n++) await this.#pair(route, n);
    }
  }

  /** For this long everybody sends and asks for the health. @returns what they saw, once everything has arrived or is overdue. */
  async live(durationMs: number): Promise<Figures> {
    this.#figures = noFigures();
    const until = performance.now() + durationMs;
    await Promise.all([
      ...this.#people.map((person, n) => this.#keepSending(person, n, until)),
      ...this.#routes.map((route, n) => this.#keepLooking(route, n, until)),
    ]);
    const overdue = performance.now() + PATIENCE_MS;
    while (this.#sentAt.size > 0 && performance.now() < overdue) await pause(50);
    for (const text of this.#sentAt.keys())
      this.#figures.failures.push(`"${text}" did not arrive in ${PATIENCE_MS} ms.`);
    this.#sentAt.clear();
    return this.#figures;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pair(route: Route, n: number): Promise<void> {
    const names = [`honest-${route.name}-${n}a`, `honest-${route.name}-${n}b`] as const;
    const [a, b] = [await this.#person(route, ...names), await this.#person(route, names[1], names[0])];
    const { friendship_id } = await done(a, 'POST', '/friends/request', { username: b.username });
    await done(b, 'POST', `/friends/${friendship_id}/accept`, {});
  }

  async #person(route: Route, username: string, friend: string): Promise<Person> {
    const from = clientAddress(FIRST_ADDRESS + this.#people.length);
    const { api_key = '' } = await done({ route, from, key: '' }, 'POST', '/auth/register', { username });
    const person = { username, key: api_key, from, route, friend };
    const { port } = this.#server.address() as AddressInfo;
    await done(person, 'POST', '/agents', {
      framework: 'honest',
      label: 'main',
      callback_url: `http://127.0.0.1:${port}/`,
      public_key: 'none',
      public_key_alg: 'ed25519',
    });
    this.#people.push(person);
    return person;
  }

  async #keepSending(person: Person, n: number, until: number): Promise<void> {
    await pause((SEND_EVERY_MS / this.#people.length) * n);
    for (let count = 0; performance.now() < until; count++) {
      const next = performance.now() + SEND_EVERY_MS;
      await this.#sendOne(person, `${person.username} ${count} ${Math.round(next)}`);
      await pause(Math.max(0, next - performance.now()));
    }
  }

  async #sendOne({ route, from, key, friend }: Person, message: string): Promise<void> {
    const begin = performance.now();
    this.#sentAt.set(message, begin);
    const call = { from, key, method: 'POST', path: '/api/v1/messages/send' };
    const reply = await this.#try(route, { ...call, body: JSON.stringify({ recipient: friend, message }) });
    if (reply === undefined) this.#sentAt.delete(message);
    else this.#figures.send.push(performance.now() - begin);
  }

  async #keepLooking(route: Route, n: number, until: number): Promise<void> {
    while (performance.now() < until) {
      const begin = performance.now();
      const reply = await this.#try(route, { from: clientAddress(FIRST_ADDRESS + 40 + n), path: '/health' });
      if (reply !== undefined) this.#figures.health.push(performance.now() - begin);
      await pause(HEALTH_EVERY_MS);
    }
  }

  async #try(route: Route, call: Call): Promise<Reply | undefined> {
    try {
      const reply = await send(route, { ...call, timeoutMs: PATIENCE_MS });
      if (reply.status === 200) return reply;
      this.#figures.failures.push(
        `${route.name}: ${call.path} answered ${reply.status} ${reply.text.slice(0, 200)}`,
      );
    } catch (error) {
      this.#figures.failures.push(
        `${route.name}: ${call.path} ${error instanceof Error ? error.message : error}`,
      );
    }
    return undefined;
  }

  #arrived(message: string): void {
    const begin = this.#sentAt.get(message);
    if (begin === undefined) return;
    this.#sentAt.delete(message);
    this.#figures.delivery.push(performance.now() - begin);
  }
}

async function done(
  { route, from, key }: Pick<Person, 'route' | 'from' | 'key'>,
  method: string,
  path: string,
  body: object,
): Promise<Record<string, string>> {
  const reply = await send(route, {
    from,
    method,
    path: `/api/v1${path}`,
    ...(key !== '' && { key }),
    body: JSON.stringify(body),
  });
  if (reply.status >= 300) throw new Error(`${path}: ${reply.status} ${reply.text}`);
  return JSON.parse(reply.text);
}
