import type BetterSqlite3 from 'better-sqlite3';

/** Rows of a table that a migration writes anew, or puts into an index, and at most how many bytes (SQL) each takes. */
interface Growth {
  table: string;
  bytes: string;
  where?: string;
}

const CONNECTION_ROW = `octet_length(capabilities_json) + coalesce(octet_length(description), 0)
  + coalesce(octet_length(callback_url), 0) + 600`;

/**
 * What migrations write for each row that is there, by their names; `upgrade-size.test.ts` compares it with what they do write.
 * Those that are not here change definitions only, or rows that nobody has many of.
 */
const GROWTH: Readonly<Record<string, readonly Growth[]>> = {
  '0003-groups': [{ table: 'outbox', bytes: '85' }],
  '0007-bounds': [
    { table: 'group_members', bytes: '250' },
    { table: 'friendships', bytes: '85', where: "status = 'pending'" },
  ],
  '0008-stored-bytes': [{ table: 'messages', bytes: '85' }],
  '0009-api-keys': [{ table: 'api_keys', bytes: '300' }],
  '0010-flat-reads': [
    { table: 'connections', bytes: '110' },
    { table: 'friendships', bytes: '170', where: "status = 'blocked'" },
  ],
  '0012-delivery': [
    { table: 'connections', bytes: CONNECTION_ROW },
    { table: 'outbox', bytes: '95', where: "state = 'pending'" },
  ],
  // Those that change lie among others, each on a page that is written as a whole.
  '0018-present-clients': [{ table: 'connections', bytes: '2200', where: "mode = 'polling'" }],
  '0019-policy-effects': [{ table: 'policies', bytes: 'octet_length(content) + 500' }],
  '0020-decisions': [{ table: 'messages', bytes: '85', where: "status = 'rejected'" }],
  '0025-event-segments': [{ table: 'events', bytes: '55' }],
  '0027-answers': [
    {
      table: 'messages',
      bytes: 'octet_length(in_response_to) + 85',
      where: 'in_response_to is not null and rejection_reason is null',
    },
  ],
  '0033-key-hash': [
    { table: 'messages', bytes: 'octet_length(idempotency_key) + 55', where: 'idempotency_key is not null' },
  ],
};

/** For what every upgrade writes, however small the database is (bytes). */
const BESIDE_ROWS = 8_000_000;

/** How much an upgrade writes. In bytes. */
export interface UpgradeSize {
  /** Pages that it writes into the WAL. */
  written: number;
  /** What it has on disk at once beside what is there: the WAL, what the file grows by, and what is being sorted. */
  needed: number;
}

/** An upper bound for these migrations on a database as it is. Reads an index of each table that they rewrite. */
export function upgradeSize(sqlite: BetterSqlite3.Database, pending: readonly string[]): UpgradeSize {
  const tables = new Set(sqlite.prepare("select name from sqlite_schema where type = 'table'").pluck().all());
  const sizes = pending
    .flatMap((migration) => GROWTH[migration] ?? [])
    // A table that is not there yet is made, and empty, by an earlier one of them.
    .filter(({ table }) => tables.has(table))
    .map(({ table, bytes, where = 'true' }) =>
      Number(sqlite.prepare(`select coalesce(sum(${bytes}), 0) from ${table} where ${where}`).pluck().get()),
    );
  const written = sizes.reduce((sum, size) => sum + size, BESIDE_ROWS);
  return { written, needed: 2 * written + Math.max(0, ...sizes) };
}
