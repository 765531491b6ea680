/** Asks one question of the server. */
type Ask = (text: string) => Promise<readonly unknown[]>;

const OURS = 'datname = current_database()';

/** What there is to measure, as one number, or null where this user may not see it. */
const GAUGES = [
  {
    name: 'mahilo_database_size_bytes',
    help: 'Size of the database.',
    text: 'select pg_database_size(current_database()) as n',
  },
  {
    name: 'mahilo_oldest_snapshot_seconds',
    help: 'How old the oldest transaction of this database is; while it lasts, nothing that is dead can be cleared away.',
    text: `select coalesce(extract(epoch from max(clock_timestamp() - xact_start)), 0) as n
      from pg_stat_activity where ${OURS} and backend_xmin is not null`,
  },
  {
    name: 'mahilo_dead_rows',
    help: 'Dead rows of the queue that vacuum has not cleared away yet.',
    text: `select coalesce(sum(n_dead_tup), 0) as n from pg_stat_user_tables
      where relname in ('outbox', 'lanes', 'messages')`,
  },
  {
    name: 'mahilo_lock_wait_seconds',
    help: 'For how long the statement has waited that waits longest for a lock of this database.',
    text: `select coalesce(extract(epoch from max(clock_timestamp() - waitstart)), 0) as n from pg_locks
      where not granted and pid in (select pid from pg_stat_activity where ${OURS})`,
  },
  {
    name: 'mahilo_database_connections',
    help: 'Connections that the server has, to all its databases.',
    text: 'select count(*) as n from pg_stat_activity where usename is not null',
  },
  {
    name: 'mahilo_database_connections_limit',
    help: 'How many it may have (`max_connections`).',
    text: "select current_setting('max_connections')::integer as n",
  },
  {
    name: 'mahilo_replicas',
    help: 'Replicas that are connected to the server.',
    text: 'select count(*) as n from pg_stat_replication',
  },
  {
    name: 'mahilo_replication_lag_bytes',
    help: 'How far the replica that is most behind is behind; only for a user who is a member of `pg_monitor`.',
    text: 'select max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)) as n from pg_stat_replication',
  },
] as const;

/** What there is to measure of a database of PostgreSQL. */
export function serverGauges(ask: Ask) {
  return GAUGES.map(({ name, help, text }) => ({
    name,
    help,
    async read(): Promise<number> {
      const [row] = (await ask(text)) as { n: number | null }[];
      if (row === undefined || row.n === null) throw new Error(`${name} cannot be seen.`);
      return row.n;
    },
  }));
}
