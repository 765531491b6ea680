import BetterSqlite3 from 'better-sqlite3';
import type { BenchDatabase } from './database.ts';

/** Reads from a product's file on its own connection. */
export function read<T>(file: string, question: (db: BetterSqlite3.Database) => T): T {
  const db = new BetterSqlite3(file, { readonly: true, timeout: 5000 });
  try {
    return question(db);
  } finally {
    db.close();
  }
}

const ASK_EVERY_MS = 5;

/** A file of SQLite. */
export class FileDatabase implements BenchDatabase {
  readonly url: string;

  constructor(file: string) {
    this.url = file;
  }

  async make(): Promise<void> {}

  async messages(): Promise<number> {
    return read(this.url, (db) => Number(db.prepare('select count(*) from messages').pluck().get()));
  }

  async settled(connectionIds: readonly string[]): Promise<void> {
    const db = new BetterSqlite3(this.url, { readonly: true, timeout: 5000 });
    try {
      const owed = db
        .prepare(
          `select exists (select 1 from json_each(?) join outbox on connection_id = value and state = 'pending')
            or exists (select 1 from json_each(?) join outbox on connection_id = value and state = 'leased')`,
        )
        .pluck();
      const ids = JSON.stringify(connectionIds);
      while (owed.get(ids, ids) === 1) await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    } finally {
      db.close();
    }
  }
}
