import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { WAITING_FOR_PATTERNS } from '@mahilo/shared/bounds/bounds';
import { Rotation } from '../http/rotation.ts';
import type { PatternCosts } from './pattern-costs.ts';
import type { PatternAnswer, PatternQuestion } from './pattern-thread.ts';

/** Of a thread's heap (MiB): matchers remember what they have seen of a text, up to some MiB each. */
const MAX_HEAP_MB = 96;

/** What a lane is for: users who have spent less than the budget (ms), and texts that take no longer than the limit (ms). */
interface LaneOptions {
  budgetMs: number;
  limitMs: number;
}

/** `refused`: the user has spent too much, or has too much waiting. */
type Outcome = PatternAnswer | 'too slow' | 'refused';

interface Job {
  userId: string;
  question: PatternQuestion;
  resolve(outcome: Outcome): void;
}

/** One thread that matches patterns, and those who wait for it. Users take turns, so that nobody waits behind all of another's. */
export class PatternLane {
  readonly #costs: PatternCosts;
  readonly #options: LaneOptions;
  readonly #waiting = new Rotation<Job>();
  #thread: Promise<Worker> | undefined;
  #isBusy = false;

  constructor(costs: PatternCosts, options: LaneOptions) {
    this.#costs = costs;
    this.#options = options;
  }

  /** The user pays for what it takes, also when it is too slow. */
  async run(userId: string, question: PatternQuestion): Promise<Outcome> {
    const isFull = this.#waiting.countOf(userId) >= WAITING_FOR_PATTERNS;
    if (!this.#isOpenTo(userId) || isFull) return 'refused';
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#waiting.add(userId, { userId, question, resolve });
    if (!this.#isBusy) void this.#work();
    return promise;
  }

  async close(): Promise<void> {
    const thread = await this.#thread?.catch(() => undefined);
    await thread?.terminate();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let job = this.#waiting.next(); job !== undefined; job = this.#waiting.next()) {
      job.resolve(await this.#outcome(job));
    }
    this.#isBusy = false;
  }

  /** Those that came at once may have cost too much by the time that it is their turn. */
  async #outcome({ userId, question }: Job): Promise<Outcome> {
    if (!this.#isOpenTo(userId)) return 'refused';
    const answer = await this.#answer(question);
    this.#costs.add(userId, answer?.cpuMs ?? this.#options.limitMs);
    return answer ?? 'too slow';
  }

  #isOpenTo(userId: string): boolean {
    return this.#costs.of(userId) < this.#options.budgetMs;
  }

  async #answer(question: PatternQuestion): Promise<PatternAnswer | undefined> {
    this.#thread ??= startThread();
    const thread = await this.#thread.catch(() => undefined);
    try {
      thread?.postMessage(question);
      const [answer] = thread
        ? await once(thread, 'message', { signal: AbortSignal.timeout(this.#options.limitMs) })
        : [];
      return answer;
    } catch {
      this.#thread = undefined;
      await thread?.terminate();
      return undefined;
    }
  }
}

/** A thread that is ready: what it takes to start is nobody's cost. */
async function startThread(): Promise<Worker> {
  const thread = new Worker(new URL('./pattern-thread.ts', import.meta.url), {
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  thread.unref();
  await once(thread, 'message');
  return thread;
}
