import type BetterSqlite3 from 'better-sqlite3';
import { block } from '../../block.ts';
import { systemClock } from '../../clock.ts';
import { checkpoint } from './checkpoint.ts';
import { freeBytesAt } from './free-bytes.ts';
import { leaveMissingNote, missingNoteOf, type PlacedFile } from './placed-file.ts';
import { walBytes } from './wal-bytes.ts';
import { renewFileId } from './wal-owner.ts';

/** When the WAL has grown by this much, it is written back in small portions, so that nobody waits for it. */
const CHECKPOINT_FROM_BYTES = 4 * 1024 * 1024;
/** A WAL larger than this has not been reset for a long time: readers prevented it, or load was high. */
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;
/** How long (ms) a process that ends goes on writing back what only its WAL has, and how often it tries. */
const WRITE_BACK_WITHIN_MS = 10_000;
const WRITE_BACK_RETRY_MS = 10;

/** The upkeep of a database file: keeps its WAL small, and watches whether the files are still those that were opened. */
export class SqliteUpkeep implements Disposable {
  readonly #sqlite: BetterSqlite3.Database;
  readonly #file: string;
  readonly #placed: PlacedFile;
  #isClosed = false;

  /** `file` is what `sqlite` has open. */
  constructor(sqlite: BetterSqlite3.Database, file: string, placed: PlacedFile) {
    this.#sqlite = sqlite;
    this.#file = file;
    this.#placed = placed;
  }

  async often(): Promise<void> {
    const isLarge = (await walBytes(this.#file)) > CHECKPOINT_FROM_BYTES;
    if (isLarge && !this.#isClosed) checkpoint(this.#sqlite, 'passive');
  }

  async seldom(): Promise<void> {
    const isTooLarge = (await walBytes(this.#file)) > WAL_LIMIT_BYTES;
    if (this.#isClosed) return;
    if (isTooLarge) checkpoint(this.#sqlite, 'truncate');
    renewFileId(this.#sqlite, this.#file);
  }

  async hasRoom(bytes: number): Promise<boolean> {
    return (await freeBytesAt(this.#file)) >= bytes;
  }

  /**
   * The database file was deleted, renamed or replaced, or what SQLite keeps beside it. In the first case this leaves a
   * note beside it, so that nobody starts an empty registry in its place.
   */
  loss() {
    if (!this.#placed.isInPlace()) return this.#fileLost();
    // The last one who closes a database deletes what lies beside it.
    return this.#isClosed || this.#placed.hasCompanions() ? undefined : this.#companionsLost();
  }

  #fileLost() {
    const database = this.#file;
    leaveMissingNote(database);
    return {
      sentence: `The database ${database} was deleted, renamed or replaced: nothing is accepted or delivered any more. Put it back, or restore a backup (docs/backups.md)`,
      fields: { database, note: missingNoteOf(database) },
    };
  }

  /** The WAL is still open here, though its name is gone: what stands in it goes into the database file first. */
  #companionsLost() {
    const database = this.#file;
    const { isDone, err } = this.#writeBack();
    const rest = isDone
      ? `what stood in them is in ${database} now`
      : 'not all that stood in them could be written back';
    return {
      sentence: `${database}-wal or ${database}-shm was deleted or replaced, though they belong to the database: ${rest}. Start every process again, and leave them alone`,
      fields: { database, err },
    };
  }

  /** Tries again while another process, which notices the same, is in the way. Blocks, so that nothing more is accepted. */
  #writeBack(): { isDone: boolean; err?: unknown } {
    const deadline = systemClock.monotonicMs() + WRITE_BACK_WITHIN_MS;
    do {
      try {
        if (checkpoint(this.#sqlite, 'passive')) return { isDone: true };
      } catch (err) {
        return { isDone: false, err };
      }
      block(WRITE_BACK_RETRY_MS);
    } while (systemClock.monotonicMs() < deadline);
    return { isDone: false };
  }

  /** To be called before the database is closed. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
  }
}
