import type { ApiDeps } from '../deps.ts';

/** What comes back of a user's costs in a second (ms). */
const REFILL_MS_PER_S = 100;
/** Users whose costs are remembered at once. */
const MAX_USERS = 10_000;

interface Spent {
  ms: number;
  at: number;
}

/** What users' patterns have cost of late. */
export class PatternCosts {
  readonly #clock: ApiDeps['clock'];
  /** In the order in which they last cost something. */
  readonly #spent = new Map<string, Spent>();

  constructor(clock: ApiDeps['clock']) {
    this.#clock = clock;
  }

  /** In ms. */
  of(userId: string): number {
    const spent = this.#spent.get(userId);
    if (spent === undefined) return 0;
    const seconds = (this.#clock.monotonicMs() - spent.at) / 1000;
    return Math.max(0, spent.ms - seconds * REFILL_MS_PER_S);
  }

  /** Seconds until the user has spent no more than `budgetMs`; at least one. */
  secondsUntil(userId: string, budgetMs: number): number {
    return Math.max(1, Math.ceil((this.of(userId) - budgetMs) / REFILL_MS_PER_S));
  }

  add(userId: string, ms: number): void {
    const spent = { ms: this.of(userId) + ms, at: this.#clock.monotonicMs() };
    this.#spent.delete(userId);
    const oldest = this.#spent.size < MAX_USERS ? undefined : this.#spent.keys().next().value;
    if (oldest !== undefined) this.#spent.delete(oldest);
    this.#spent.set(userId, spent);
  }
}
