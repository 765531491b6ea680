import type { Schema } from '@mahilo/shared/db/schema';
import type { Transaction } from 'kysely';
import type { Pages } from './pages.ts';

/** The registry that is moved. Nobody else writes to it while it is read, and, if `use` succeeds, until it is retired. */
export interface Source extends AsyncDisposable {
  read<T>(use: (pages: Pages) => Promise<T>): Promise<T>;
  /** Keeps processes from going on with it. @returns what is left of it, for people. */
  retire(to: string, now: number): Promise<string>;
}

/** The empty database that it is moved to. */
export interface Target extends AsyncDisposable {
  /** Runs `fill` in a transaction, and makes the database what it ought to be before a process starts on it. `now` in ms. */
  fill<T>(now: number, fill: (trx: Transaction<Schema>, pages: Pages) => Promise<T>): Promise<T>;
}
