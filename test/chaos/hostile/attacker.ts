import { setTimeout as pause } from 'node:timers/promises';
import { clientAddress } from './namespace.ts';
import { type Call, openSocket, type Reply, type Route, send } from './route.ts';

/** Addresses of one attack, so that two attacks are two attackers. */
const ADDRESSES = 10;
const TURN_MS = 50;
/** Connections to open in a turn. TLS handshakes cost both sides the same, and both sides are this machine. */
const OPENED_PER_TURN = 10;
const OPENED_PER_TURN_TLS = 1;

/** An attacker: from where, and how hard. An attack never fails; it counts what is refused or broken off, and tries again. */
export class Attacker {
  readonly route: Route;
  readonly signal: AbortSignal;
  /** A server that takes connections and never answers, for callbacks. */
  readonly hangingUrl: string;
  readonly counts = new Map<string, number>();
  readonly #name: string;
  readonly #index: number;
  #accounts = 0;
  #turn = 0;

  constructor(name: string, index: number, route: Route, hangingUrl: string, signal: AbortSignal) {
    this.#name = name;
    this.#index = index;
    this.route = route;
    this.hangingUrl = hangingUrl;
    this.signal = signal;
  }

  get isOver(): boolean {
    return this.signal.aborted;
  }

  /** This attacker's addresses, in turn. */
  address(): string {
    this.#turn += 1;
    return clientAddress(this.#index * ADDRESSES + (this.#turn % ADDRESSES));
  }

  /** A request; undefined when there was no answer. */
  async try(call: Omit<Call, 'from'> & { from?: string }): Promise<Reply | undefined> {
    try {
      const reply = await send(this.route, { from: this.address(), timeoutMs: 20_000, ...call });
      this.count(String(reply.status));
      return reply;
    } catch {
      this.count('broken off');
      return undefined;
    }
  }

  /** The answer's JSON of a request to the API; undefined when it was refused. */
  async api(
    key: string,
    method: string,
    path: string,
    body?: object,
  ): Promise<Record<string, unknown> | undefined> {
    const reply = await this.try({
      ...(key !== '' && { key }),
      method,
      path: `/api/v1${path}`,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return reply !== undefined && reply.status < 300 ? JSON.parse(reply.text) : undefined;
  }

  /** Registers an account; tries until it gets one or the attack is over. @returns its name and key. */
  async account(): Promise<{ username: string; key: string }> {
    while (!this.isOver) {
      this.#accounts += 1;
      const username = `${this.route.name}-${this.#name.slice(0, 12).replaceAll(' ', '-')}-${this.#index}-${this.#accounts}`;
      const answer = await this.api('', 'POST', '/auth/register', { username });
      if (answer !== undefined) return { username, key: String(answer['api_key']) };
      await this.rest(500);
    }
    return { username: '', key: '' };
  }

  /** Makes two accounts friends. */
  async befriend(a: { key: string }, b: { username: string; key: string }): Promise<void> {
    const asked = await this.api(a.key, 'POST', '/friends/request', { username: b.username });
    if (asked !== undefined) await this.api(b.key, 'POST', `/friends/${asked['friendship_id']}/accept`);
  }

  /** Holds this many connections open after sending `bytes` on each, and replaces each that closes. */
  async hold(count: number, bytes: () => string): Promise<void> {
    const perTurn = this.route.serverName === undefined ? OPENED_PER_TURN : OPENED_PER_TURN_TLS;
    let opened = 0;
    const held = new Set<ReturnType<typeof openSocket>>();
    while (!this.isOver) {
      for (let n = 0; n < perTurn && held.size < count; n++) {
        const socket = openSocket(this.route, this.address());
        held.add(socket);
        socket.on('close', () => {
          held.delete(socket);
          this.count('closed');
        });
        socket.once(this.route.serverName === undefined ? 'connect' : 'secureConnect', () =>
          socket.write(bytes()),
        );
        opened += 1;
      }
      this.counts.set('opened', opened);
      this.counts.set('held', held.size);
      await this.rest(TURN_MS);
    }
    for (const socket of held) socket.destroy();
  }

  /** Repeats something, this many at once. */
  async again(atOnce: number, everyMs: number, act: (n: number) => Promise<unknown>): Promise<void> {
    let n = 0;
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (!this.isOver) {
          n += 1;
          await act(n);
          await this.rest(everyMs);
        }
      }),
    );
  }

  async rest(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.signal }).catch(() => undefined);
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}
