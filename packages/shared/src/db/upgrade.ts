import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import { systemClock } from '../clock.ts';
import { freeBytesAt } from './sqlite/free-bytes.ts';
import { noteUpgrade, progressText, removeUpgradeNote, type UpgradeProgress } from './upgrade-note.ts';
import type { UpgradeNews, UpgradeTask } from './upgrade-thread.ts';

const NOTE_EVERY_MS = 1000;
/** How often (ms) a person hears how far it is. */
const SAY_EVERY_MS = 5000;
/** In which `resourceUsage` counts what a process writes (getrusage(2)). */
const BLOCK_BYTES = 512;
/** What is sorted is written twice: before, and into the WAL. */
const TIMES_WRITTEN = 2;
const NEARLY_ALL = 99;

/** What an upgrade needs of its surroundings. */
export interface UpgradeSurroundings {
  /** Tells the operator a sentence. */
  says(sentence: string): void;
  /** Free bytes where a file is. */
  freeBytesAt(file: string): Promise<number>;
}

export const HERE: UpgradeSurroundings = {
  says: (sentence) => void process.stderr.write(`${sentence}\n`),
  freeBytesAt,
};

/**
 * Runs the pending migrations of a database that has a schema, all or none of them, while this thread stays free; says how
 * far it is on the way.
 * @throws Error, with SQLite's code if it has one, also when another process holds the write lock, or there is too little room.
 */
export async function upgrade(
  file: string,
  pending: readonly string[],
  { says, freeBytesAt }: UpgradeSurroundings,
): Promise<void> {
  const workerData: UpgradeTask = { file, pending, free: await freeBytesAt(file) };
  const thread = new Worker(new URL('./upgrade-thread.ts', import.meta.url), { workerData, execArgv: [] });
  let watch: UpgradeWatch | undefined;
  try {
    // An error that the thread did not catch is thrown here.
    for await (const [news] of on(thread, 'message', { close: ['exit'] }) as AsyncIterable<[UpgradeNews]>) {
      if (news.kind === 'failed') throw Object.assign(new Error(news.message), { code: news.code });
      if (news.kind === 'done') return watch?.done();
      watch ??= new UpgradeWatch(file, says);
      watch.begun(news);
    }
    throw new Error('The upgrade of the database has ended before it was done.');
  } finally {
    watch?.[Symbol.dispose]();
    await thread.terminate();
  }
}

/** Passes on a sentence, unless there was one in the seconds before. */
export function seldom(says: (sentence: string) => void): (sentence: string) => void {
  let saidAt = Number.NEGATIVE_INFINITY;
  return (sentence) => {
    const now = systemClock.monotonicMs();
    if (now - saidAt < SAY_EVERY_MS) return;
    saidAt = now;
    says(sentence);
  };
}

/** Keeps the note about an upgrade fresh, and tells the operator. */
class UpgradeWatch implements Disposable {
  readonly #file: string;
  readonly #says: (sentence: string) => void;
  readonly #saysProgress: (sentence: string) => void;
  readonly #startedAt = systemClock.monotonicMs();
  readonly #writtenBefore = writtenBytes();
  readonly #timer: NodeJS.Timeout;
  #current: Extract<UpgradeNews, { kind: 'begun' }> | undefined;

  constructor(file: string, says: (sentence: string) => void) {
    this.#file = file;
    this.#says = says;
    this.#saysProgress = seldom(says);
    this.#timer = setInterval(() => this.#look(), NOTE_EVERY_MS);
  }

  begun(news: Extract<UpgradeNews, { kind: 'begun' }>): void {
    this.#current = news;
    this.#look();
  }

  done(): void {
    this.#says(`The database ${this.#file} is upgraded, in ${this.#seconds()} s.`);
  }

  #look(): void {
    if (this.#current === undefined) return;
    const { migration, number, of, expectedBytes } = this.#current;
    const share = (writtenBytes() - this.#writtenBefore) / (expectedBytes * TIMES_WRITTEN);
    const percent = Math.min(NEARLY_ALL, Math.floor(share * 100));
    const progress: UpgradeProgress = { migration, number, of, seconds: this.#seconds(), percent };
    noteUpgrade(this.#file, progress);
    this.#saysProgress(`The database ${this.#file} is being upgraded: ${progressText(progress)}.`);
  }

  #seconds(): number {
    return Math.round((systemClock.monotonicMs() - this.#startedAt) / 1000);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    removeUpgradeNote(this.#file);
  }
}

/** What this process, with all its threads, has written to disks. */
function writtenBytes(): number {
  return process.resourceUsage().fsWrite * BLOCK_BYTES;
}
