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
    await this.#lock();
    try {
      const text = change(await this.#read());
      if (text !== undefined) await this.#replace(text);
    } finally {
      const holder = await unlessMissing(() => fs.readFile(this.#lockPath, 'utf8'));
      if (holder === HOLDER) await unlessMissing(() => fs.unlink(this.#lockPath));
    }
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

  get #lockPath(): string {
    return `${this.#path}.lock`;
  }

  /** Waits as long as somebody who lives has the file. */
  async #lock(): Promise<void> {
    for (;;) {
      try {
        return await fs.writeFile(this.#lockPath, HOLDER, { flag: 'wx', mode: 0o600 });
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      }
      if (await this.#isHolderDead()) await unlessMissing(() => fs.unlink(this.#lockPath));
      else await pause(LOOK_AGAIN_MS * (0.5 + Math.random()), undefined);
    }
  }

  async #isHolderDead(): Promise<boolean> {
    const lock = await unlessMissing(() => fs.stat(this.#lockPath));
    const holder = await unlessMissing(() => fs.readFile(this.#lockPath, 'utf8'));
    if (lock === undefined || holder === undefined) return false;
    if (Date.now() - lock.mtimeMs > LOCK_IS_DEAD_MS) return true;
    const [pid, host] = holder.split(' ');
    if (host !== hostname() || holder === HOLDER) return false;
    // In a container that was started again this process has the number of the one before.
    return Number(pid) === process.pid || !isAlive(Number(pid));
  }
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
