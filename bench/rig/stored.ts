import BetterSqlite3 from 'better-sqlite3';

/**
 * Asserts that every message answered with 2xx is in the file.
 * @throws Error when one is missing: then the figures mean nothing.
 */
export function assertAccepted(file: string, accepted: number): void {
  const stored = read(file, (db) => db.prepare('select count(*) from messages').pluck().get());
  if (stored !== accepted)
    throw new Error(`${accepted} messages were accepted, but ${String(stored)} are stored.`);
}

/** Reads from a product's database on its own connection. */
export function read<T>(file: string, question: (db: BetterSqlite3.Database) => T): T {
  const db = new BetterSqlite3(file, { readonly: true, timeout: 5000 });
  try {
    return question(db);
  } finally {
    db.close();
  }
}

const ASK_EVERY_MS = 5;

/** Waits until these connections are owed nothing. */
export async function settled(file: string, connectionIds: readonly string[]): Promise<void> {
  const db = new BetterSqlite3(file, { readonly: true, timeout: 5000 });
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
