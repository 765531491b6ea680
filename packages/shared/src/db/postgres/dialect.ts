import {
  type Dialect,
  type Driver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawNode,
} from 'kysely';
import { isWorded } from '../words/words.ts';
import { POSTGRES_WORDS } from './words.ts';

/** One for all: statements that were compiled for it are the same on each connection of a process. */
const ADAPTER = new PostgresAdapter();

/** Kysely's PostgreSQL dialect with our words, on a driver of ours: `pg` alone names no statements and sends one at a time. */
export class PostgresQueueDialect implements Dialect {
  readonly #driver: Driver;

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  createDriver(): Driver {
    return this.#driver;
  }

  createAdapter(): PostgresAdapter {
    return ADAPTER;
  }

  createIntrospector(db: Kysely<unknown>): PostgresIntrospector {
    return new PostgresIntrospector(db);
  }

  createQueryCompiler(): PostgresQueryCompiler {
    return new WordedCompiler();
  }
}

/** Writes what the dialects write differently. */
class WordedCompiler extends PostgresQueryCompiler {
  protected override visitRaw(node: RawNode): void {
    if (isWorded(node)) this.append(node.write(POSTGRES_WORDS));
    else super.visitRaw(node);
  }
}
