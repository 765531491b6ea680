import type { Database } from '../src/db/database.ts';

/** Where a test keeps its database, whatever kind that is. */
export interface TestStore {
  /** DATABASE_URL for those who use it. */
  readonly url: string;
  /** Makes the database with today's schema and nothing in it, unless it is there. */
  make(): Promise<void>;
  /** Makes what a process that starts cannot: a server's database. A file it makes by itself. */
  prepare(): Promise<void>;
  /** Makes it without a schema: whoever opens it first migrates it. */
  makeBare(): Promise<void>;
  /**
   * Runs a statement behind the product's back. The parameters replace its `?` in order.
   * @returns its rows.
   */
  query<Row extends object>(text: string, ...parameters: readonly unknown[]): Promise<Row[]>;
  /** Takes the lock under which the product writes, and keeps it as a stuck process would. */
  lock(): Promise<AsyncDisposable>;
  /** Whether nobody holds that lock at the moment. */
  isLockFree(): Promise<boolean>;
  /** Has the database refuse what `db` writes, until this is disposed of. */
  refuseWrites(db: Database): Promise<AsyncDisposable>;
  /** Transactions that have been committed and wrote something. */
  commits(): Promise<number>;
  /** All that is stored, for tests of what must not be. */
  contents(): Promise<Buffer>;
  /** Nobody may use it any more. */
  drop(): Promise<void>;
}
