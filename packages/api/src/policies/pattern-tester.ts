import { MahiloError } from '@mahilo/shared/errors';
import type { ApiDeps } from '../deps.ts';
import { PatternLane } from './pattern-lane.ts';
import type { PatternAnswer, PatternQuestion } from './pattern-thread.ts';

/** Ordinary patterns for one message take a tenth of this (ms). What takes longer goes to the slow lane. */
const QUICK_MS = 100;
/** Longest time (ms) that the patterns for one message may take: a hundred times what ordinary ones need. */
const MAX_TEST_MS = 2000;
/** Of the slow lane's time (ms): what a user may use up at once, and what comes back in a second. */
const BUDGET_MS = 3000;
const REFILL_MS_PER_S = 100;
/** Users whose costs are remembered at once. */
const MAX_USERS = 10_000;

interface Spent {
  ms: number;
  at: number;
}

/**
 * Matches users' patterns on threads of their own. Time that is linear in the text may still be a second for a long text
 * and a large pattern, and nothing else of the process shall wait for it. A user whose patterns cost much is matched in a
 * lane of its own, where such users take turns, and who uses up the budget is refused; the others do not notice.
 */
export class PatternTester {
  readonly #clock: ApiDeps['clock'];
  readonly #telemetry: ApiDeps['telemetry'];
  readonly #quick = new PatternLane(QUICK_MS);
  readonly #slow = new PatternLane(MAX_TEST_MS);
  /** In the order in which they last cost something. */
  readonly #spent = new Map<string, Spent>();

  constructor({ clock, telemetry }: Pick<ApiDeps, 'clock' | 'telemetry'>) {
    this.#clock = clock;
    this.#telemetry = telemetry;
  }

  /** Which of the patterns the text matches. @throws as {@link ask} does. */
  async test(userId: string, question: PatternQuestion): Promise<ReadonlySet<string>> {
    return new Set((await this.ask(userId, question)).matched);
  }

  /**
   * Which of the patterns the text matches, and where.
   * @throws MahiloError UNAVAILABLE when that took too long, RATE_LIMITED when the user's patterns cost too much.
   */
  async ask(userId: string, question: PatternQuestion): Promise<PatternAnswer> {
    const spentMs = this.#spentBy(userId);
    if (spentMs >= BUDGET_MS) throw this.#refusal(spentMs);
    if (spentMs < QUICK_MS) {
      const answer = await this.#quick.run(userId, question);
      this.#spend(userId, answer?.cpuMs ?? QUICK_MS);
      if (answer !== undefined) return answer;
    }
    const answer = await this.#slow.run(userId, question);
    this.#spend(userId, answer?.cpuMs ?? MAX_TEST_MS);
    if (answer !== undefined) return answer;
    throw new MahiloError('UNAVAILABLE', 'The message could not be checked against the policies.', {
      retryAfterSeconds: 1,
      cause: 'its patterns took too long',
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#quick.close(), this.#slow.close()]);
  }

  #refusal(spentMs: number): MahiloError {
    this.#telemetry.rateLimited('patterns');
    const retryAfterSeconds = Math.max(1, Math.ceil((spentMs - BUDGET_MS) / REFILL_MS_PER_S));
    const sentence = `The patterns of your policies take too long; try again in ${retryAfterSeconds} s.`;
    return new MahiloError('RATE_LIMITED', sentence, { retryAfterSeconds });
  }

  #spentBy(userId: string): number {
    const spent = this.#spent.get(userId);
    if (spent === undefined) return 0;
    const seconds = (this.#clock.monotonicMs() - spent.at) / 1000;
    return Math.max(0, spent.ms - seconds * REFILL_MS_PER_S);
  }

  #spend(userId: string, ms: number): void {
    const spent = { ms: this.#spentBy(userId) + ms, at: this.#clock.monotonicMs() };
    this.#spent.delete(userId);
    const oldest = this.#spent.size < MAX_USERS ? undefined : this.#spent.keys().next().value;
    if (oldest !== undefined) this.#spent.delete(oldest);
    this.#spent.set(userId, spent);
  }
}
