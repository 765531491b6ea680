import type { Schema } from '@mahilo/shared/db/schema';
import { sql, type Transaction } from 'kysely';

/**
 * More events than are written between a backup and its restore. Ids that were raised to the time before can be later than
 * it by now: each process that starts leaves a gap.
 */
export const ID_GAP = 1_000_000_000;

/**
 * Lets the ids of events go on above all that were ever given out, also by a database of which this is a copy: who follows
 * the log from the last id they have seen misses nothing. `now` in ms.
 */
export async function raiseIdsInSqlite(trx: Transaction<Schema>, now: number): Promise<void> {
  const { numAffectedRows = 0n } = await sql`
    update sqlite_sequence set seq = max(seq + ${ID_GAP}, ${now}) where name = 'events'
  `.execute(trx);
  if (numAffectedRows > 0n) return;
  await sql`insert into sqlite_sequence (name, seq) values ('events', ${now})`.execute(trx);
}

/** The same; and those of the audit trail behind its last line, since copied rows have brought their own. */
export async function raiseIdsInPostgres(trx: Transaction<Schema>, now: number): Promise<void> {
  await sql`
    select setval(pg_get_serial_sequence('events', 'id'), greatest(${now},
        nextval(pg_get_serial_sequence('events', 'id')) + ${ID_GAP}, (select max(id) from events) + ${ID_GAP})),
      setval(pg_get_serial_sequence('audit', 'id'), coalesce((select max(id) from audit), 0) + 1, false)
  `.execute(trx);
}
