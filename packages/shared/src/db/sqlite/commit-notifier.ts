import { closeSync, openSync, writeSync } from 'node:fs';

const OWNER_ONLY = 0o600;
const BYTE = Buffer.from('.');

/**
 * The file that each commit touches to notify other processes. It lies beside the database and is never the database.
 */
export function notifyFileOf(databaseFile: string): string {
  return `${databaseFile}-bell`;
}

/** Notifies the processes that watch the database of each commit. */
export class CommitNotifier implements Disposable {
  readonly #file: number | undefined;

  constructor(databaseFile: string) {
    this.#file = opened(notifyFileOf(databaseFile));
  }

  /** Costs one small write. It may fail, since watchers also look from time to time. */
  notify(): void {
    if (this.#file === undefined) return;
    try {
      writeSync(this.#file, BYTE, 0, BYTE.length, 0);
    } catch {
      // For example, the disk is full.
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
