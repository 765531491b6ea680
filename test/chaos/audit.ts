import type { TestStore } from '@mahilo/shared/test/test-store';
import { sendOf } from './journal.ts';
import type { Watch } from './watch.ts';
import { watchPostgres } from './watch-postgres.ts';
import { watchSqlite } from './watch-sqlite.ts';

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

/** A change of an outbox row, at that time (ms); `expired_at` is when the lease before it ended, or would have. */
export interface Move extends Omit<IllegalMove, 'reason'> {
  from_token: string | null;
  to_token: string | null;
  expired_at: number | null;
  at: number;
}

/** Looks at the database as an outsider, with triggers that write down every move of an outbox row. */
export class Audit {
  readonly #store: TestStore;
  readonly #watch: Watch;

  constructor(store: TestStore, kind: 'sqlite' | 'postgres') {
    this.#store = store;
    this.#watch = kind === 'sqlite' ? watchSqlite : watchPostgres;
  }

  /** From now on every change of an outbox row is written down. */
  async begin(): Promise<void> {
    for (const statement of this.#watch.begin) await this.#store.query(statement);
  }

  /** All changes of outbox rows, in their order. */
  moves(): Promise<Move[]> {
    return this.#store.query<Move>('select * from chaos_moves order by n');
  }

  /** Moves that no owner of a row may make; none, unless fencing is broken. */
  async illegalMoves(): Promise<IllegalMove[]> {
    const moves = await this.moves();
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
  unsettled(): Promise<{ id: string; state: string; due_at: number; lease_expires_at: number | null }[]> {
    return this.#store.query(
      "select id, state, due_at, lease_expires_at from outbox where state in ('pending', 'leased')",
    );
  }

  /** Deliveries by state. */
  async states(): Promise<Record<string, number>> {
    const rows = await this.#store.query<{ state: string; n: number }>(
      'select state, count(*) as n from outbox group by state',
    );
    return Object.fromEntries(rows.map((row) => [row.state, row.n]));
  }

  /** Ids of deliveries that ended well before a time (ms). */
  async deliveredBefore(at: number): Promise<string[]> {
    const rows = await this.#store.query<{ id: string }>(
      "select id from outbox where state = 'delivered' and settled_at < ?",
      at,
    );
    return rows.map(({ id }) => id);
  }

  /** Messages by the send that they are of, with which their texts begin: more than one would be a broken promise. */
  async messagesBySend(): Promise<Map<string, string[]>> {
    const rows = await this.#store.query<{ body: string; id: string }>('select body, id from messages');
    const bySend = Map.groupBy(rows, ({ body }) => sendOf(body));
    return new Map([...bySend].map(([send, messages]) => [send, messages.map(({ id }) => id)]));
  }

  integrity(): Promise<string> {
    return this.#watch.integrity(this.#store);
  }

  /** Holds the write lock for a while, as a careless operator's shell does. */
  async holdLock(ms: number): Promise<void> {
    await using _lock = await this.#store.lock();
    await new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** The processes of the server that work for somebody else on this database. */
  async backends(): Promise<number[]> {
    const rows = await this.#store.query<{ pid: number }>(
      `select pid from pg_stat_activity
       where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`,
    );
    return rows.map(({ pid }) => pid);
  }

  async terminate(pid: number): Promise<void> {
    await this.#store.query('select pg_terminate_backend(?)', pid);
  }

  /** Keeps a snapshot open for a while. */
  holdSnapshot(ms: number): Promise<void> {
    return this.#watch.holdSnapshot(this.#store, ms);
  }
}
