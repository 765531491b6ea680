import { closeSync, openSync, writeSync } from 'node:fs';

const OWNER_ONLY = 0o600;
const BYTE = Buffer.from('.');

/** The file that is written to after each commit, for others to hear: beside the database, and never the database. */
export function notifyFileOf(databaseFile: string): string {
  return `${databaseFile}-bell`;
}

/** Tells the processes that watch the database that something was committed. */
export class CommitNotifier implements Disposable {
  readonly #file: number | undefined;

  constructor(databaseFile: string) {
    this.#file = opened(notifyFileOf(databaseFile));
  }

  /** Costs one small write; nobody needs to hear it, since whoever watches also looks from time to time. */
  notify(): void {
    if (this.#file === undefined) return;
    try {
      writeSync(this.#file, BYTE, 0, BYTE.length, 0);
    } catch {
      // A full disk, say.
    }
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }
}

function opened(path: string): number | undefined {
  try {
    return openSync(path, 'w', OWNER_ONLY);
  } catch {
    return undefined;
  }
}
