/** Asks one question of the server. */
type Ask = (text: string) => Promise<readonly unknown[]>;

/** What there is to measure of a database of PostgreSQL. */
export function serverGauges(ask: Ask) {
  const number = (text: string) => async () => {
    const [row] = (await ask(text)) as { n: number | null }[];
    return row?.n ?? 0;
  };
  return [
    {
      name: 'mahilo_database_size_bytes',
      help: 'Size of the database.',
      read: number('select pg_database_size(current_database()) as n'),
    },
    {
      name: 'mahilo_oldest_snapshot_seconds',
      help: 'How old the oldest transaction of this database is; while it lasts, nothing that is dead can be cleared away.',
      read: number(`select coalesce(extract(epoch from max(clock_timestamp() - xact_start)), 0) as n
        from pg_stat_activity where datname = current_database() and backend_xmin is not null`),
    },
    {
      name: 'mahilo_dead_rows',
      help: 'Dead rows of the queue that vacuum has not cleared away yet.',
      read: number(`select coalesce(sum(n_dead_tup), 0) as n from pg_stat_user_tables
        where relname in ('outbox', 'lanes', 'messages')`),
    },
  ];
}
