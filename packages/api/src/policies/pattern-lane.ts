import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { PatternAnswer, PatternQuestion } from './pattern-thread.ts';

/** Of a thread's heap (MiB): matchers remember what they have seen of a text, up to some MiB each. */
const MAX_HEAP_MB = 96;

interface Job {
  question: PatternQuestion;
  resolve(answer: PatternAnswer | undefined): void;
}

/** One thread that matches patterns, and those who wait for it. Users take turns, so that nobody waits behind all of another's. */
export class PatternLane {
  readonly #limitMs: number;
  readonly #queues = new Map<string, Job[]>();
  #thread: Promise<Worker> | undefined;
  #isBusy = false;

  /** `limitMs`: longest time that the patterns for one text may take. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** @returns undefined when it took too long. */
  run(userId: string, question: PatternQuestion): Promise<PatternAnswer | undefined> {
    const { promise, resolve } = Promise.withResolvers<PatternAnswer | undefined>();
    this.#queues.set(userId, [...(this.#queues.get(userId) ?? []), { question, resolve }]);
    if (!this.#isBusy) void this.#work();
    return promise;
  }

  async close(): Promise<void> {
    const thread = await this.#thread?.catch(() => undefined);
    await thread?.terminate();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let job = this.#next(); job !== undefined; job = this.#next()) {
      job.resolve(await this.#answer(job.question));
    }
    this.#isBusy = false;
  }

  /** The first job of the user whose turn it is, who goes to the end of the line with the others. */
  #next(): Job | undefined {
    for (const [userId, [job, ...later]] of this.#queues) {
      this.#queues.delete(userId);
      if (later.length > 0) this.#queues.set(userId, later);
      return job;
    }
    return undefined;
  }

  async #answer(question: PatternQuestion): Promise<PatternAnswer | undefined> {
    this.#thread ??= startThread();
    const thread = await this.#thread.catch(() => undefined);
    try {
      thread?.postMessage(question);
      const [answer] = thread
        ? await once(thread, 'message', { signal: AbortSignal.timeout(this.#limitMs) })
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
