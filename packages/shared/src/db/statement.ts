import {
  CompiledQuery,
  type DialectAdapter,
  type Kysely,
  type RawBuilder,
  sql,
  type Transaction,
} from 'kysely';
import type { Schema } from './schema.ts';
import { type Words, worded } from './words/words.ts';

/** What running a statement gives: its rows, or how many rows it changed. */
interface Ran {
  rows: readonly unknown[];
  changes: number;
}

/** Runs a statement on the connection of a transaction, without Kysely. */
export type RunNow = (text: string, parameters: readonly unknown[]) => Ran | Promise<Ran>;

const shortcuts = new WeakMap<Kysely<Schema>, RunNow>();

/**
 * Lets the statements of this module that run in a transaction go straight to the connection that the transaction
 * holds. Dispose of this when the transaction ends: the connection may then serve another one. Kysely's way there
 * (executor, connection provider, a promise each) costs more than SQLite needs for a small statement.
 */
export function openShortcut(trx: Transaction<Schema>, runNow: RunNow): Disposable {
  shortcuts.set(trx, runNow);
  return { [Symbol.dispose]: () => void shortcuts.set(trx, ended) };
}

/** Behind the commit a statement would be done by itself. */
function ended(): never {
  throw new Error('The transaction has ended.');
}

function run(db: Kysely<Schema>, query: CompiledQuery, parameters: readonly unknown[]): Ran | Promise<Ran> {
  const runNow = shortcuts.get(db);
  return runNow === undefined ? runByKysely(db, query, parameters) : runNow(query.sql, parameters);
}

async function runByKysely(
  db: Kysely<Schema>,
  query: CompiledQuery,
  parameters: readonly unknown[],
): Promise<Ran> {
  const { rows, numAffectedRows = 0n } = await db.executeQuery({ ...query, parameters });
  return { rows, changes: Number(numAffectedRows) };
}

/** What a statement says, in words that each dialect writes in its own way where it has some. */
type Text = string | ((words: Words) => string);

type Compiled = (db: Kysely<Schema>) => CompiledQuery;

/** A process has one database, so it compiles each text once. */
function compiledOf(text: Text): Compiled {
  if (typeof text === 'string') {
    const query = CompiledQuery.raw(text);
    return () => query;
  }
  return compiledOnce(sql`${worded(text)}`);
}

function compiledOnce(builder: RawBuilder<unknown>): Compiled {
  let latest: { adapter: DialectAdapter; query: CompiledQuery } | undefined;
  return (db) => {
    const { adapter } = db.getExecutor();
    if (latest?.adapter !== adapter) {
      const { sql: text, parameters } = builder.compile(db);
      latest = { adapter, query: CompiledQuery.raw(text, [...parameters]) };
    }
    return latest.query;
  };
}

/** A statement of a hot path; the parameters replace its `?` in order. */
export type Statement<Parameters extends readonly unknown[], Row> = (
  db: Kysely<Schema>,
  ...parameters: Parameters
) => Promise<Row[]>;

/**
 * A statement whose text never changes, so that running it builds nothing: building and compiling a query costs
 * several times what SQLite needs to answer it. Several small statements are cheaper than one large one.
 */
export function statement<Parameters extends readonly unknown[], Row = never>(
  text: Text,
): Statement<Parameters, Row> {
  const compiled = compiledOf(text);
  return async (db, ...parameters) => (await run(db, compiled(db), parameters)).rows as Row[];
}

/** Stands in a compiled statement for a value that each run gives. */
class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A statement of a hot path whose values have names, for texts with many of them, or with the same one in several places.
 * `build` puts it together once, with `value(name)` where a value stands.
 */
export function namedStatement<Values extends object, Row = never>(
  build: (
    value: <Name extends keyof Values & string>(name: Name) => RawBuilder<Values[Name]>,
  ) => RawBuilder<Row>,
): (db: Kysely<Schema>, values: Values) => Promise<Row[]> {
  const compiled = compiledOnce(build((name) => sql`${new Placeholder(name)}`));
  return async (db, values) => {
    const query = compiled(db);
    const parameters = query.parameters.map((parameter) =>
      parameter instanceof Placeholder ? values[parameter.name as keyof Values] : parameter,
    );
    return (await run(db, query, parameters)).rows as Row[];
  };
}

/** Rows in one insert statement: few different statements, so that each stays prepared. */
const CHUNKS = [64, 16, 4, 1] as const;

/** Inserts rows. @returns how many were inserted or changed. */
export type Insert<Row extends readonly unknown[]> = (
  db: Kysely<Schema>,
  rows: readonly Row[],
) => Promise<number>;

/**
 * An `insert` of a hot path with many rows in each statement. `head` comes before `values`, `tail` after the rows.
 */
export function insertStatement<Row extends readonly unknown[]>(
  head: string,
  columns: Row['length'],
  tail: Text = '',
): Insert<Row> {
  const one = `(${Array.from({ length: columns }, () => '?').join(', ')})`;
  const compiled = CHUNKS.map((size) => {
    const rows = Array.from({ length: size }, () => one).join(', ');
    const begin = `${head} values ${rows}`;
    const text: Text = typeof tail === 'string' ? `${begin} ${tail}` : (words) => `${begin} ${tail(words)}`;
    return { size, query: compiledOf(text) };
  });
  return async (db, rows) => {
    const running: (Ran | Promise<Ran>)[] = [];
    let from = 0;
    for (const { size, query } of compiled) {
      for (; rows.length - from >= size; from += size) {
        running.push(run(db, query(db), rows.slice(from, from + size).flat()));
      }
    }
    return (await Promise.all(running)).reduce((sum, { changes }) => sum + changes, 0);
  };
}
