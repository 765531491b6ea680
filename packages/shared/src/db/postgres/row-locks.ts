import { LOCKS, TURN } from './advisory-locks.ts';
import type { WriterDriver } from './writer.ts';

/** Rows in the order of the names, each waited for; whoever has them may still be referred to. */
const rows = (table: string, column: string, condition = '') => `
  select 1 from ${table} where ${column} = any(?::text[]) ${condition} order by ${column} for no key update`;

const LOCK = {
  /** They are numbers, and may be of no message yet. The order of the names is that of the locks: no plan changes it. */
  keys: 'select pg_advisory_xact_lock(name::bigint) from unnest(?::text[]) as key(name)',
  lanes: rows('lanes', 'connection_id'),
  // That of another has one delivery, and whoever settles it has its lane.
  messages: rows('messages', 'id', "and recipient_type = 'group'"),
} as const;

const TRY_LANES = `select connection_id from lanes where connection_id = any(?::text[]) for no key update skip locked`;

const TAKE_TURN = `select pg_advisory_xact_lock(${LOCKS}, ${TURN})`;

/** The locks of a transaction that runs beside others. */
export class PostgresRowLocks {
  readonly #driver: WriterDriver;

  constructor(driver: WriterDriver) {
    this.#driver = driver;
  }

  lock(what: keyof typeof LOCK, names: readonly string[]): Promise<unknown> {
    return this.#driver.runNow(LOCK[what], [names]);
  }

  async tryLanes(names: readonly string[]): Promise<readonly string[]> {
    const { rows } = await this.#driver.runNow(TRY_LANES, [names]);
    return (rows as { connection_id: string }[]).map((row) => row.connection_id);
  }

  /**
   * Ids of events are given out when they are appended, whoever commits first. Who has its turn until the commit has ids that
   * are in the order of the commits, so that nobody who follows the log misses one.
   */
  takeTurn(): Promise<unknown> {
    return this.#driver.runNow(TAKE_TURN, []);
  }

  sentLast(sent: Promise<unknown>): void {
    this.#driver.sentLast(sent);
  }
}
