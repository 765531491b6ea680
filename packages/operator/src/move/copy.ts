import { isBusy, isStorageFailure } from '@mahilo/shared/db/busy';
import type { Schema } from '@mahilo/shared/db/schema';
import { type Insert, insertStatement } from '@mahilo/shared/db/statement';
import { errorText } from '@mahilo/shared/errors';
import { type Kysely, sql, type Transaction } from 'kysely';
import { Digest, type Sum } from './digest.ts';
import type { Pages } from './pages.ts';
import { MOVED_TABLES, type MovedTable, type Row } from './tables.ts';

const NUL = '\0';
/** As JSON writes it: PostgreSQL keeps that, and fails whenever it reads a member of such JSON. */
const NUL_IN_JSON = /(?<!\\)((?:\\\\)*)\\u0000/g;

/** How rows are copied. */
export interface CopyOptions {
  /** Whether a text with U+0000 gets U+FFFD in its place; else it is an error, since PostgreSQL cannot hold it. */
  replaceNul: boolean;
  /** Called often, to tell a person how far it is. */
  onPage(table: string, rows: number, doing: 'copied' | 'compared'): void;
}

export type Sums = Readonly<Record<string, Sum>>;

/**
 * Copies a registry into an empty database, in the transaction `trx`, and compares what `target` has then with the source: so
 * many rows in each table, and their checksum.
 * @throws Error with a sentence when a row cannot be copied, or is another one in the target.
 */
export async function copyAll(
  source: Pages,
  trx: Transaction<Schema>,
  target: Pages,
  options: CopyOptions,
): Promise<Sums> {
  // The only row that an empty registry has.
  await trx.deleteFrom('event_fan_out').execute();
  const sums: Record<string, Sum> = {};
  for (const table of MOVED_TABLES) {
    const copied = await copyTable(source, trx, table, options);
    const found = await sumOf(target, table, options);
    if (copied.rows !== found.rows || copied.sha256 !== found.sha256) {
      throw new Error(
        `Of ${table.name}, ${copied.rows} rows were copied and ${found.rows} are there, or they are not the same: nothing was moved.`,
      );
    }
    sums[table.name] = found;
  }
  return sums;
}

async function copyTable(
  source: Pages,
  trx: Transaction<Schema>,
  table: MovedTable,
  { replaceNul, onPage }: CopyOptions,
): Promise<Sum> {
  const digest = new Digest();
  let insert: Insert<readonly unknown[]> | undefined;
  let columns: readonly string[] = [];
  for await (const page of source(table)) {
    const rows = page.map((row) => storable(row, table, replaceNul));
    columns = insert === undefined ? Object.keys(rows[0] ?? {}) : columns;
    insert ??= insertStatement(`insert into ${table.name} (${columns.join(', ')})`, columns.length);
    const values = rows.map((row) => columns.map((column) => row[column]));
    await insert(trx, values).catch((error: unknown) => {
      throw isPassing(error)
        ? error
        : new Error(`${table.name} cannot be copied: ${errorText(error)}.`, { cause: error });
    });
    for (const row of rows) digest.add(row);
    onPage(table.name, digest.rows, 'copied');
  }
  return digest.sum();
}

async function sumOf(target: Pages, table: MovedTable, { onPage }: CopyOptions): Promise<Sum> {
  const digest = new Digest();
  for await (const page of target(table)) {
    for (const row of page) digest.add(row);
    onPage(table.name, digest.rows, 'compared');
  }
  return digest.sum();
}

/** Whether the same may succeed when the transaction is run again. */
function isPassing(error: unknown): boolean {
  return isBusy(error) || isStorageFailure(error);
}

/** A row without U+0000, which only old rows have: it is refused since then. */
function storable(row: Row, { name, key }: MovedTable, replaceNul: boolean): Row {
  const mended = Object.entries(row).flatMap(([column, value]): [string, string][] => {
    const without = typeof value === 'string' ? withoutNul(column, value) : undefined;
    return without === undefined || without === value ? [] : [[column, without]];
  });
  if (mended.length === 0) return row;
  if (!replaceNul) {
    const which = key.map(({ column }) => String(row[column] ?? row['id'])).join(' ');
    throw new Error(
      `${mended.map(([column]) => column).join(', ')} of ${which} in ${name} has U+0000, which PostgreSQL cannot hold: --replace-nul puts U+FFFD in its place.`,
    );
  }
  return { ...row, ...Object.fromEntries(mended) };
}

function withoutNul(column: string, text: string): string {
  const plain = text.replaceAll(NUL, '\uFFFD');
  return column.endsWith('_json') ? plain.replace(NUL_IN_JSON, '$1\uFFFD') : plain;
}

/** The first table that has a row, in a database that ought to be empty; undefined: none has. */
export async function firstFilled(db: Kysely<Schema>): Promise<string | undefined> {
  for (const { name } of MOVED_TABLES) {
    if (name === 'event_fan_out') continue;
    const { rows } = await sql`select 1 from ${sql.table(name)} limit 1`.execute(db);
    if (rows.length > 0) return name;
  }
  return undefined;
}
