import BetterSqlite3 from 'better-sqlite3';
import { Kysely, type Transaction } from 'kysely';
import type { Schema } from '../src/db/schema.ts';
import { plannedOnce, SqliteQueueDialect } from '../src/db/sqlite/dialect.ts';

/** A statement and how SQLite would run it, a line for each step (sqlite.org/eqp.html). */
export interface Plan {
  statement: string;
  steps: string[];
}

/** The plans of all statements that `work` runs on the database in `file`. What it changes is undone. */
export async function plansOf(
  file: string,
  work: (trx: Transaction<Schema>) => Promise<unknown>,
): Promise<Plan[]> {
  const sqlite = new BetterSqlite3(file);
  const statements: string[] = [];
  const db = new Kysely<Schema>({
    dialect: new SqliteQueueDialect(sqlite),
    log: ({ query }) => {
      statements.push(query.sql);
    },
  });
  const trx = await db.startTransaction().execute();
  try {
    await work(trx);
    return statements
      .filter((statement) => /^\s*(select|insert|update|delete|with)\b/i.test(statement))
      .map((statement) => ({ statement, steps: steps(sqlite, plannedOnce(statement)) }));
  } finally {
    await trx.rollback().execute();
    await db.destroy();
  }
}

function steps(sqlite: BetterSqlite3.Database, statement: string): string[] {
  const explained = sqlite.prepare<unknown[], { detail: string }>(`explain query plan ${statement}`);
  const parameters = [...statement.matchAll(/\?/g)].map(() => null);
  return explained.all(parameters).map(({ detail }) => detail);
}

/**
 * Steps that scan a whole table, or sort what no index keeps in order. The values of a parameter (a virtual table,
 * or rows of values) are few, and what a subquery gathered is as much as its own steps say.
 */
export function dear({ steps }: Plan): string[] {
  const gathered = new Set(
    steps.flatMap((step) => /^(?:MATERIALIZE|CO-ROUTINE) (\S+)/.exec(step)?.[1] ?? []),
  );
  return steps.filter((step) => {
    if (gathered.has(/^SCAN (\S+)$/.exec(step)?.[1] ?? '')) return false;
    return /^SCAN (?!\S+ VIRTUAL TABLE|\d+-ROW VALUES)|TEMP B-TREE FOR (ORDER|GROUP)/.test(step);
  });
}
