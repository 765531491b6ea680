import type { Schema } from '@mahilo/shared/db/schema';
import { type Kysely, sql } from 'kysely';

/** What a PostgreSQL server says of itself. Times in ms. */
export interface ServerFacts {
  version: string;
  fsync: string;
  full_page_writes: string;
  autovacuum: string;
  now: number;
  connections: number;
  max_connections: number;
  /** Replicas that are connected; only few users may see more of them. */
  replicas: number;
  /** For how long the oldest transaction of anybody in this database has been open, as far as this user may see. */
  oldest_transaction_ms: number;
  /** Dead rows that vacuum has not taken away yet, in the table that has most of ours. */
  dead_rows: number;
  bytes: number;
}

/** Asks the server. Reads no table of ours. */
export async function serverFacts(db: Kysely<Schema>): Promise<ServerFacts> {
  const { rows } = await sql<ServerFacts>`
    select current_setting('server_version') as version, current_setting('fsync') as fsync,
      current_setting('full_page_writes') as full_page_writes, current_setting('autovacuum') as autovacuum,
      extract(epoch from clock_timestamp()) * 1000 as now,
      (select count(*) from pg_stat_activity where usename is not null) as connections,
      current_setting('max_connections')::integer as max_connections,
      (select count(*) from pg_stat_replication) as replicas,
      (select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0) * 1000 from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()) as oldest_transaction_ms,
      (select coalesce(max(n_dead_tup), 0) from pg_stat_user_tables where schemaname = current_schema()) as dead_rows,
      pg_database_size(current_database()) as bytes
  `.execute(db);
  const [facts] = rows;
  if (facts === undefined) throw new Error('The server has not answered.');
  return facts;
}
