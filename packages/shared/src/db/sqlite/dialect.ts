import type BetterSqlite3 from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type RawNode,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type SqliteStatement,
  type TransactionSettings,
} from 'kysely';
import { isWorded } from '../words/words.ts';
import { SQLITE_WORDS } from './words.ts';

/** Runs a statement on a connection at once. @returns its rows, or how many rows it changed. */
export type RunNow = (
  text: string,
  parameters: readonly unknown[],
) => { rows: readonly unknown[]; changes: number };

/** Statements kept prepared on a connection; the product has fewer different ones. Beyond that, all are dropped. */
const STATEMENT_CACHE_SIZE = 500;

/** Kysely's SQLite dialect, with what a shared queue needs in addition. */
export class SqliteQueueDialect implements Dialect {
  readonly #database: BetterSqlite3.Database;
  readonly #statements: SqliteDatabase;

  constructor(database: BetterSqlite3.Database) {
    this.#database = database;
    this.#statements = cachingStatements(database);
  }

  /** Runs a statement at once, without Kysely; for code that holds the connection anyway. */
  readonly runNow: RunNow = (text, parameters) => {
    const prepared = this.#statements.prepare(text);
    return prepared.reader
      ? { rows: prepared.all(parameters), changes: 0 }
      : { rows: [], changes: Number(prepared.run(parameters).changes) };
  };

  createDriver(): Driver {
    return new ImmediateDriver(this.#database, this.#statements);
  }

  createAdapter(): SqliteAdapter {
    return new TransactionalDdlAdapter();
  }

  createIntrospector(db: Kysely<unknown>): SqliteIntrospector {
    return new SqliteIntrospector(db);
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new WordedCompiler();
  }
}

/** Writes what the dialects write differently. */
class WordedCompiler extends SqliteQueryCompiler {
  protected override visitRaw(node: RawNode): void {
    if (isWorded(node)) this.append(node.write(SQLITE_WORDS));
    else super.visitRaw(node);
  }
}

/**
 * Transactions take the write lock when they begin. Kysely's own `begin` is deferred: a transaction that reads and
 * then writes fails at once with SQLITE_BUSY_SNAPSHOT when another process wrote in between, whatever the busy
 * timeout.
 */
class ImmediateDriver extends SqliteDriver {
  readonly #database: BetterSqlite3.Database;

  constructor(database: BetterSqlite3.Database, statements: SqliteDatabase) {
    super({ database: statements });
    this.#database = database;
  }

  override async beginTransaction(
    connection: DatabaseConnection,
    settings?: TransactionSettings,
  ): Promise<void> {
    const begin = settings?.accessMode === 'read only' ? 'begin deferred' : 'begin immediate';
    await connection.executeQuery(CompiledQuery.raw(begin));
  }

  /** After some errors (disk full, I/O) SQLite has rolled back by itself, and a second rollback would hide the cause. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.inTransaction) await super.rollbackTransaction(connection);
  }
}

/** SQLite's DDL is transactional: while one process migrates under the write lock, others wait. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Kysely prepares on every call (about 5 µs each); here statements stay prepared. */
function cachingStatements(database: BetterSqlite3.Database): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const existing = statements.get(sql);
      if (existing !== undefined) return existing;
      if (statements.size >= STATEMENT_CACHE_SIZE) statements.clear();
      const statement = database.prepare(plannedOnce(sql)) as SqliteStatement;
      statements.set(sql, statement);
      return statement;
    },
  };
}

/** Quoted texts and names, a limit, and other parameters. */
const PARAMETERS = /'[^']*'|"[^"]*"|\blimit \?|\?/g;

/**
 * A statement whose plan does not depend on what is bound. While it plans, SQLite looks at the values of parameters that are
 * compared beside an `order by`, or limit the rows, and plans again each time one is bound: several times what the statement
 * costs. It does not look into expressions; `+` changes nothing.
 */
export function plannedOnce(sql: string): string {
  return sql.replaceAll(PARAMETERS, (found) => {
    if (found === '?') return '+?';
    return found === 'limit ?' ? 'limit 0 + ?' : found;
  });
}
