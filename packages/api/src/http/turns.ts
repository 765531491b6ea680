import type { Clock } from '@mahilo/shared/clock';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { App } from '../deps.ts';
import { Rotation } from './rotation.ts';

/** How long (ms) requests work in one turn of the event loop, before others have to wait for the next turn. */
const TURN_MS = 10;
/** One that took longer is costly; costly owners wait so many times as long, all together, before the next of them. */
const COSTLY_PAUSE_FACTOR = 3;
const MAX_PAUSE_MS = 1000;
/** How long (ms) an owner counts as costly, and how many do at most. */
const COSTLY_FOR_MS = 5000;
const MAX_COSTLY = 10_000;

type Run = () => void;

/** Cheaper than `queueMicrotask`, which makes an asynchronous resource each time. */
const NEXT_MICROTASK = Promise.resolve();

/**
 * Who gets the processor. Costly requests that arrive together would keep it until all of them are done, and somebody
 * else's small request needs several turns of the event loop. So when a turn has lasted long enough, the others wait,
 * and are let in by owner in rotation, while in between the event loop does everything else; and those whose requests
 * proved costly get a quarter of the time together. Holds no more than the open connections ask for.
 */
export class Turns {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #waiting = new Rotation<Run>();
  readonly #costly: LRUCache<string, true>;
  #costlyAgainAt = 0;
  #startedAt: number | undefined;
  /** Whose request is at work, and since when; undefined: nobody's. */
  #atWork: { owner: string; since: number } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
    const perf = { now: () => clock.monotonicMs() };
    this.#costly = new LRUCache({ max: MAX_COSTLY, ttl: COSTLY_FOR_MS, ttlResolution: 0, perf });
  }

  /** Calls `run` at once, or later when this turn has lasted too long or others wait already. */
  take(owner: string, run: Run): void {
    this.#waiting.add(owner, run);
    if (this.#atWork === undefined) this.#letIn();
  }

  /** Lets one in, and the next one when its work is done. */
  #letIn(): void {
    this.#atWork = undefined;
    if (this.#waiting.isEmpty) return;
    const now = this.#clock.monotonicMs();
    const isOver = this.#startedAt !== undefined && now - this.#startedAt >= TURN_MS;
    const owner = isOver ? undefined : this.#next(now);
    if (owner === undefined) return;
    this.#atWork = { owner, since: now };
    if (this.#startedAt === undefined) this.#begin(now);
    void NEXT_MICROTASK.then(this.#whenDone);
    this.#waiting.nextOf(owner)?.();
  }

  /**
   * A tick that is asked for among microtasks comes when there are none left: most requests are done then, since SQLite
   * answers at once.
   */
  readonly #whenDone = () => process.nextTick(this.#goOn);

  readonly #goOn = () => {
    if (this.#atWork !== undefined) this.#note(this.#atWork);
    this.#letIn();
  };

  #begin(now: number): void {
    this.#startedAt = now;
    setImmediate(() => {
      this.#startedAt = undefined;
      if (this.#atWork === undefined) this.#letIn();
    });
  }

  /** The first owner who may be served now. */
  #next(now: number): string | undefined {
    const leftMs = this.#costlyAgainAt - now;
    for (const owner of this.#waiting.owners()) {
      if (leftMs <= 0 || !this.#costly.has(owner)) return owner;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#atWork === undefined) this.#letIn();
    }, leftMs);
    return undefined;
  }

  #note({ owner, since }: { owner: string; since: number }): void {
    const now = this.#clock.monotonicMs();
    const tookMs = now - since;
    if (tookMs < TURN_MS) return;
    this.#costly.set(owner, true);
    this.#costlyAgainAt = now + Math.min(MAX_PAUSE_MS, COSTLY_PAUSE_FACTOR * tookMs);
  }
}

/** Lets requests of all owners take turns. Register it after everything that refuses a request. */
export function registerTurns(
  app: App,
  clock: Pick<Clock, 'monotonicMs'>,
  userIdOf: (request: FastifyRequest) => string | undefined,
): void {
  const turns = new Turns(clock);
  app.addHook('preHandler', (request, _reply, done) => {
    turns.take(userIdOf(request) ?? request.client.network, done);
  });
}
