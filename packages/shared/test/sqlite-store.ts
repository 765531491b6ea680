import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { sql } from 'kysely';
import type { Database } from '../src/db/database.ts';
import { emptyDatabase } from './empty-database.ts';
import type { TestStore } from './test-store.ts';
import { commitsInWal } from './wal.ts';

/** How long (ms) a statement of a test waits for the lock of the product. */
const LOCK_WAIT_MS = 5000;
/** How long (ms) to wait for what is over in an instant, if nobody is stuck. */
const INSTANT_MS = 100;

/** A file of SQLite. */
export class SqliteStore implements TestStore {
  readonly url: string;

  constructor(directory: string) {
    this.url = join(directory, 'mahilo.db');
  }

  async make(): Promise<void> {
    if (!existsSync(this.url)) writeFileSync(this.url, await emptyDatabase());
  }

  async prepare(): Promise<void> {}

  /** Whoever opens it makes it. */
  async makeBare(): Promise<void> {}

  async query<Row extends object>(text: string, ...parameters: readonly unknown[]): Promise<Row[]> {
    const sqlite = new BetterSqlite3(this.url, { timeout: LOCK_WAIT_MS });
    try {
      const statement = sqlite.prepare<unknown[], Row>(text);
      if (statement.reader) return statement.all(...parameters);
      statement.run(...parameters);
      return [];
    } finally {
      sqlite.close();
    }
  }

  async lock(): Promise<AsyncDisposable> {
    const sqlite = new BetterSqlite3(this.url);
    sqlite.exec('begin immediate');
    return {
      async [Symbol.asyncDispose]() {
        sqlite.exec('rollback');
        sqlite.close();
      },
    };
  }

  async isLockFree(): Promise<boolean> {
    const sqlite = new BetterSqlite3(this.url, { timeout: INSTANT_MS });
    try {
      sqlite.exec('begin immediate; rollback');
      return true;
    } catch {
      return false;
    } finally {
      sqlite.close();
    }
  }

  async refuseWrites({ kysely }: Database): Promise<AsyncDisposable> {
    await sql`pragma query_only = on`.execute(kysely);
    return {
      async [Symbol.asyncDispose]() {
        await sql`pragma query_only = off`.execute(kysely);
      },
    };
  }

  async commits(): Promise<number> {
    return commitsInWal(this.url);
  }

  /** With what is not in the main file yet. */
  async contents(): Promise<Buffer> {
    return Buffer.concat(['', '-wal'].map((suffix) => readFileSync(this.url + suffix)));
  }

  async drop(): Promise<void> {}
}
