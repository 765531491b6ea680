import type { Schema } from '@mahilo/shared/db/schema';
import { type Kysely, sql } from 'kysely';
import { ARRIVAL, type MovedTable, type Row } from './tables.ts';

/** All rows of a table in the order of its key, page by page. */
export type Pages = (table: MovedTable) => AsyncGenerator<readonly Row[]>;

/** Pages of a SQLite file, which has an index for each of these orders. */
export function keysetPages(db: Kysely<Schema>): Pages {
  return async function* pages(table) {
    let after: readonly unknown[] | undefined;
    for (;;) {
      const rows = await pageBehind(db, table, after);
      const last = rows.at(-1);
      if (last === undefined) return;
      yield rows.map(({ [ARRIVAL]: _, ...row }) => row);
      after = table.key.map(({ column }) => last[column]);
    }
  };
}

async function pageBehind(
  db: Kysely<Schema>,
  { name, key, pageRows }: MovedTable,
  after: readonly unknown[] | undefined,
): Promise<Row[]> {
  const order = sql.join(key.map(({ expression }) => sql`${expression}`));
  const also = key
    .filter(({ column }) => column === ARRIVAL)
    .map(({ expression }) => sql`, ${expression} as ${sql.ref(ARRIVAL)}`);
  const behind = after === undefined ? sql`` : sql`where (${order}) > (${sql.join(after)})`;
  const { rows } = await sql<Row>`
    select ${sql.ref(name)}.*${sql.join(also, sql``)} from ${sql.table(name)} ${behind}
    order by ${order} limit ${sql.lit(pageRows)}
  `.execute(db);
  return rows;
}

/** Pages of a PostgreSQL database, in a transaction: a cursor needs no index, and no statistics of rows that were just written. */
export function cursorPages(trx: Kysely<Schema>): Pages {
  return async function* pages({ name, key, pageRows }) {
    const order = key.map(({ column }) => column).join(', ');
    await sql.raw(`declare moved no scroll cursor for select * from ${name} order by ${order}`).execute(trx);
    for (;;) {
      const { rows } = await sql.raw<Row>(`fetch forward ${pageRows} from moved`).execute(trx);
      if (rows.length === 0) break;
      yield rows.map(({ [ARRIVAL]: _, ...row }) => row);
    }
    await sql.raw('close moved').execute(trx);
  };
}
