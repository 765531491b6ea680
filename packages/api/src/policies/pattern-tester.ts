import { MahiloError } from '@mahilo/shared/errors';
import type { ApiDeps } from '../deps.ts';
import { PatternCosts } from './pattern-costs.ts';
import { PatternLane } from './pattern-lane.ts';
import type { PatternAnswer, PatternQuestion } from './pattern-thread.ts';

/** Ordinary patterns for one message take a tenth of this (ms). What takes longer goes to the slow lane. */
const QUICK_MS = 100;
/** Longest time (ms) that the patterns for one message may take: a hundred times what ordinary ones need. */
const MAX_TEST_MS = 2000;
/** Of the slow lane's time (ms): what a user may use up at once. */
const BUDGET_MS = 3000;

/**
 * Matches users' patterns on threads of their own. Time that is linear in the text may still be a second for a long text
 * and a large pattern, and nothing else of the process shall wait for it. A user whose patterns cost much is matched in a
 * lane of its own, where such users take turns, and who uses up the budget is refused; the others do not notice.
 */
export class PatternTester {
  readonly #telemetry: ApiDeps['telemetry'];
  readonly #costs: PatternCosts;
  readonly #quick: PatternLane;
  readonly #slow: PatternLane;

  constructor({ clock, telemetry }: Pick<ApiDeps, 'clock' | 'telemetry'>) {
    this.#telemetry = telemetry;
    this.#costs = new PatternCosts(clock);
    this.#quick = new PatternLane(this.#costs, { budgetMs: QUICK_MS, limitMs: QUICK_MS });
    this.#slow = new PatternLane(this.#costs, { budgetMs: BUDGET_MS, limitMs: MAX_TEST_MS });
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
    const quick = await this.#quick.run(userId, question);
    if (typeof quick === 'object') return quick;
    const slow = await this.#slow.run(userId, question);
    if (typeof slow === 'object') return slow;
    if (slow === 'refused') throw this.#refusal(userId);
    throw new MahiloError('UNAVAILABLE', 'The message could not be checked against the policies.', {
      retryAfterSeconds: 1,
      cause: 'its patterns took too long',
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#quick.close(), this.#slow.close()]);
  }

  #refusal(userId: string): MahiloError {
    this.#telemetry.rateLimited('patterns');
    const retryAfterSeconds = this.#costs.secondsUntil(userId, BUDGET_MS);
    const sentence = `The patterns of your policies take too long; try again in ${retryAfterSeconds} s.`;
    return new MahiloError('RATE_LIMITED', sentence, { retryAfterSeconds });
  }
}
