import { type FileHandle, open } from 'node:fs/promises';
import type BetterSqlite3 from 'better-sqlite3';
import { setPragma } from './pragma.ts';

/** How long (ms) after a commit its sync begins: with the sync itself, well below 100 ms on a disk that is fit for use. */
const SYNC_AFTER_MS = 50;

type OpenWal = (path: string, flags: 'r+') => Promise<Pick<FileHandle, 'datasync' | 'close'>>;

/**
 * Makes the commits of a connection durable a moment after they are answered, many with one sync, and without the write
 * lock. A power cut may forget the newest of them, and never one without all that came after it; a killed process
 * loses nothing. After a sync that failed, commits wait for the disk again, so that SQLite says what is wrong.
 */
export class LateSync {
  readonly #sqlite: BetterSqlite3.Database;
  readonly #wal: string;
  readonly #open: OpenWal;
  #handle: Awaited<ReturnType<OpenWal>> | undefined;
  #isOwed = false;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #hasFailed = false;

  /** `file` is the database that `sqlite` has open. */
  constructor(sqlite: BetterSqlite3.Database, file: string, openWal: OpenWal = open) {
    this.#sqlite = sqlite;
    this.#wal = `${file}-wal`;
    this.#open = openWal;
    setPragma(sqlite, 'synchronous', 'normal', 1);
  }

  /** To be called after each commit. */
  committed(): void {
    if (this.#hasFailed) setPragma(this.#sqlite, 'synchronous', 'full', 2);
    this.#isOwed = true;
    if (this.#running === undefined) this.#timer ??= setTimeout(() => this.#start(), SYNC_AFTER_MS);
  }

  /** Makes durable what is not yet, and ends. To be called when no commit follows. */
  async close(): Promise<void> {
    await this.#running;
    clearTimeout(this.#timer);
    if (this.#isOwed) await this.#sync();
    await this.#handle?.close();
  }

  #start(): void {
    this.#timer = undefined;
    this.#running = this.#sync().then(() => {
      this.#running = undefined;
      if (this.#isOwed) this.committed();
    });
  }

  async #sync(): Promise<void> {
    this.#isOwed = false;
    try {
      // SQLite has its locks on the database and its -shm, and none on the WAL: opening and closing that drops no lock.
      this.#handle ??= await this.#open(this.#wal, 'r+');
      await this.#handle.datasync();
    } catch {
      this.#hasFailed = true;
    }
  }
}
