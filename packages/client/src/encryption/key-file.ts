import { MahiloError } from '../mahilo-error.ts';
import { pause } from '../pause.ts';
import type { KeyStore } from './key-store.ts';
import { unopened } from './unopened.ts';

/** A process of another machine that holds the lock for so long (ms) has died: it works for milliseconds. */
const LOCK_IS_DEAD_MS = 30_000;
const LOOK_AGAIN_MS = 20;

// A bundle for browsers must not fail at an import of what only Node has.
const { promises: fs } = process.getBuiltinModule('node:fs');
const { hostname } = process.getBuiltinModule('node:os');
const { dirname } = process.getBuiltinModule('node:path');

/** Keys in a file that only its owner can read (0600). Several processes may use it at the same time. */
export class KeyFile implements KeyStore {
  readonly #path: string;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws MahiloError INVALID_KEYS when the file cannot be used, and what `change` throws. */
  update(change: (kept: string | undefined) => string | undefined): Promise<void> {
    const done = this.#turn
      .then(() => this.#update(change))
      .catch((error: unknown) => {
        if (codeOf(error) === undefined || error instanceof MahiloError) throw error;
        throw unopened('INVALID_KEYS', `Your keys cannot be kept in ${this.#path}: ${error}`, error);
      });
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #update(change: (kept: string | undefined) => string | undefined): Promise<void> {
    await fs.mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    await alone(`${this.#path}.lock`, async () => {
      const text = change(await this.#read());
      if (text !== undefined) await this.#replace(text);
    });
  }

  async #read(): Promise<string | undefined> {
    const file = await unlessMissing(() => fs.stat(this.#path));
    if (file === undefined) return undefined;
    // A copy that somebody brought from another computer, perhaps.
    if ((file.mode & 0o077) !== 0) await fs.chmod(this.#path, 0o600);
    return fs.readFile(this.#path, 'utf8');
  }

  /** At once or not at all, also when the power fails: nobody can make lost keys again. */
  async #replace(text: string): Promise<void> {
    const draft = `${this.#path}.new`;
    await unlessMissing(() => fs.unlink(draft));
    const file = await fs.open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(draft, this.#path);
    await syncDirectory(dirname(this.#path));
  }
}

/** Works while nobody else holds the lock; waits for it as long as somebody who lives has it. */
async function alone(lock: string, work: () => Promise<unknown>): Promise<void> {
  while (!(await isTaken(lock))) {
    if (await isHolderDead(lock)) await takeAway(lock);
    else await pause(LOOK_AGAIN_MS * (0.5 + Math.random()), undefined);
  }
  try {
    await work();
  } finally {
    const holder = await unlessMissing(() => fs.readFile(lock, 'utf8'));
    if (holder === HOLDER) await unlessMissing(() => fs.unlink(lock));
  }
}

/** @returns whether it is ours now. */
async function isTaken(lock: string): Promise<boolean> {
  try {
    await fs.writeFile(lock, HOLDER, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return false;
  }
}

/** One after the other: the second of two who saw it would take the lock that the first one has by now. */
function takeAway(lock: string): Promise<void> {
  return alone(`${lock}.lock`, async () => {
    if (await isHolderDead(lock)) await unlessMissing(() => fs.unlink(lock));
  });
}

async function isHolderDead(path: string): Promise<boolean> {
  const lock = await unlessMissing(() => fs.stat(path));
  const holder = await unlessMissing(() => fs.readFile(path, 'utf8'));
  if (lock === undefined || holder === undefined) return false;
  if (Date.now() - lock.mtimeMs > LOCK_IS_DEAD_MS) return true;
  const [pid, host] = holder.split(' ');
  if (host !== hostname() || holder === HOLDER) return false;
  // In a container that was started again this process has the number of the one before.
  return Number(pid) === process.pid || !isAlive(Number(pid));
}

const HOLDER = `${process.pid} ${hostname()} ${crypto.randomUUID()}`;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/** Systems that cannot sync a directory need not. */
async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await fs.open(path, 'r');
    await directory.sync().finally(() => directory.close());
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP'].includes(String(codeOf(error)))) throw error;
  }
}

async function unlessMissing<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;
