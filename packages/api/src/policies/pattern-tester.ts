import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { MahiloError } from '@mahilo/shared/errors';
import type { PatternQuestion } from './pattern-thread.ts';

/** Longest time (ms) that the patterns for one message may take: a hundred times what ordinary ones need. */
const MAX_TEST_MS = 2000;
/** The thread's heap (MiB): matchers remember what they have seen of a text, up to some MiB each. */
const MAX_HEAP_MB = 256;

interface Job {
  question: PatternQuestion;
  resolve(matched: ReadonlySet<string>): void;
  reject(error: unknown): void;
}

/**
 * Matches users' patterns on a thread of its own. Even in linear time a long text and a large pattern may take a
 * second, and nothing else in the process should wait for that. Users take turns, so that one who asks a lot delays
 * the others by one question at most.
 */
export class PatternTester {
  readonly #queues = new Map<string, Job[]>();
  #thread: Worker | undefined;
  #isBusy = false;

  /**
   * Which of the patterns the text matches.
   * @throws MahiloError UNAVAILABLE when that took too long.
   */
  test(userId: string, question: PatternQuestion): Promise<ReadonlySet<string>> {
    return new Promise((resolve, reject) => {
      const job = { question, resolve, reject };
      this.#queues.set(userId, [...(this.#queues.get(userId) ?? []), job]);
      if (!this.#isBusy) void this.#work();
    });
  }

  async close(): Promise<void> {
    await this.#thread?.terminate();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let job = this.#next(); job !== undefined; job = this.#next()) await this.#run(job);
    this.#isBusy = false;
  }

  /** The first job of the user whose turn it is; the user's other jobs go to the end of the queue. */
  #next(): Job | undefined {
    for (const [userId, [job, ...later]] of this.#queues) {
      this.#queues.delete(userId);
      if (later.length > 0) this.#queues.set(userId, later);
      return job;
    }
    return undefined;
  }

  async #run({ question, resolve, reject }: Job): Promise<void> {
    this.#thread ??= startThread();
    const thread = this.#thread;
    try {
      thread.postMessage(question);
      const [matched] = await once(thread, 'message', { signal: AbortSignal.timeout(MAX_TEST_MS) });
      resolve(new Set(matched));
    } catch (cause) {
      this.#thread = undefined;
      await thread.terminate();
      const options = { retryAfterSeconds: 1, cause };
      reject(
        new MahiloError('UNAVAILABLE', 'The message could not be checked against the policies.', options),
      );
    }
  }
}

function startThread(): Worker {
  const thread = new Worker(new URL('./pattern-thread.ts', import.meta.url), {
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  thread.unref();
  return thread;
}
