import type { Schema } from '@mahilo/shared/db/schema';
import { type Kysely, sql } from 'kysely';

/** Connections that others have to a PostgreSQL database; not those of this process, which has this name there. */
export async function otherSessions(db: Kysely<Schema>, ownName: string): Promise<number> {
  const { rows } = await sql<{ others: number }>`
    select count(*) as others from pg_stat_activity
    where datname = current_database() and usename is not null and application_name <> ${ownName}
      and coalesce(backend_type, 'client backend') = 'client backend'
  `.execute(db);
  return rows[0]?.others ?? 0;
}
