import BetterSqlite3 from 'better-sqlite3';

/** The moves that an outbox row may make, judged by the row alone. A chaos run makes no resends. */
const LEGAL: Readonly<Record<string, readonly string[]>> = {
  pending: ['leased', 'cancelled', 'pending'],
  leased: ['leased', 'pending', 'delivered', 'failed', 'cancelled'],
};

export interface IllegalMove {
  id: string;
  from_state: string;
  to_state: string;
  reason: string;
}

/** Watches the database from outside, through SQLite, with triggers that record every move of an outbox row. */
export class Audit implements Disposable {
  readonly #db: BetterSqlite3.Database;

  constructor(file: string) {
    this.#db = new BetterSqlite3(file, { timeout: 10_000 });
  }

  /** Records every change of an outbox row from now on, in the transaction that makes it. */
  begin(): void {
    this.#db.exec(`
      create table if not exists chaos_moves (
        n integer primary key autoincrement, id text, from_state text, to_state text,
        from_token text, to_token text, expired_at integer, at integer);
      create trigger if not exists chaos_watch after update on outbox begin
        insert into chaos_moves (id, from_state, to_state, from_token, to_token, expired_at, at)
        values (old.id, old.state, new.state, old.lease_token, new.lease_token, old.lease_expires_at,
          cast(unixepoch('subsec') * 1000 as integer));
      end;`);
  }

  /** Moves that no owner of a row may make. There are none unless fencing is broken. */
  illegalMoves(): IllegalMove[] {
    const moves = this.#db.prepare('select * from chaos_moves').all() as (IllegalMove & {
      from_token: string | null;
      to_token: string | null;
      expired_at: number | null;
      at: number;
    })[];
    return moves.flatMap((move) => {
      const stolen =
        move.from_token !== null &&
        move.to_token !== null &&
        move.from_token !== move.to_token &&
        (move.expired_at ?? 0) > move.at;
      if (stolen) return [{ ...move, reason: 'leased while another lease was valid' }];
      const legal = LEGAL[move.from_state]?.includes(move.to_state) ?? false;
      return legal ? [] : [{ ...move, reason: 'changed by someone who did not own it' }];
    });
  }

  /** Rows that are owed and not settled. */
  unsettled(): { id: string; state: string; due_at: number; lease_expires_at: number | null }[] {
    return this.#db
      .prepare("select id, state, due_at, lease_expires_at from outbox where state in ('pending', 'leased')")
      .all() as { id: string; state: string; due_at: number; lease_expires_at: number | null }[];
  }

  /** Deliveries by state. */
  states(): Record<string, number> {
    const rows = this.#db.prepare('select state, count(*) as n from outbox group by state').all();
    return Object.fromEntries((rows as { state: string; n: number }[]).map((row) => [row.state, row.n]));
  }

  /** Ids of deliveries that ended well before a time (ms). */
  deliveredBefore(at: number): string[] {
    const ids = this.#db.prepare("select id from outbox where state = 'delivered' and settled_at < ?");
    return ids.pluck().all(at) as string[];
  }

  /** Messages by idempotency key. More than one for a key breaks a promise. */
  messagesByKey(): Map<string, string[]> {
    const rows = this.#db.prepare('select idempotency_key as key, id from messages').all() as {
      key: string;
      id: string;
    }[];
    const byKey = Map.groupBy(rows, (row) => row.key);
    return new Map([...byKey].map(([key, messages]) => [key, messages.map((message) => message.id)]));
  }

  integrity(): string {
    return String(this.#db.pragma('integrity_check', { simple: true }));
  }

  /** Holds the write lock for a while, as a careless operator's shell does. */
  async holdLock(ms: number): Promise<void> {
    this.#db.exec('begin immediate');
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.#db.exec('rollback');
  }

  /** Keeps a snapshot open, so that no checkpoint can finish. */
  async holdSnapshot(ms: number): Promise<void> {
    this.#db.exec('begin');
    this.#db.prepare('select count(*) from outbox').get();
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.#db.exec('rollback');
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}
