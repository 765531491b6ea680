import type { PostgresConnection } from './connection.ts';

const TIMELINES = `select left(pg_walfile_name(pg_current_wal_lsn()), 8) as present,
  (select timeline from log where id = 1) as known`;

const RECORD = `update log set timeline = ?,
  floor = case when timeline is null then floor else (extract(epoch from clock_timestamp()) * 1000)::bigint end
  where id = 1 and timeline is distinct from ?`;

const RAISE = `select setval(sequence, greatest(nextval(sequence), floor))
  from (select pg_get_serial_sequence('events', 'id')::regclass as sequence, floor from log where id = 1) as raised`;

/**
 * Raises the ids of events after a failover. A replica that was not synchronous may not have the newest events, which somebody
 * has seen; later ones must not get their ids, or who follows the log from the last id they have seen would miss them. Each
 * promotion begins another timeline. `begin` begins a transaction that writes alone.
 */
export async function raiseLogAfterFailover(
  connection: PostgresConnection,
  begin: () => Promise<void>,
): Promise<void> {
  const { rows } = await connection.run(TIMELINES);
  const [timelines] = rows as { present: string; known: string | null }[];
  if (timelines === undefined || timelines.present === timelines.known) return;
  await begin();
  const { changes } = await connection.run(RECORD, [timelines.present, timelines.present]);
  if (changes > 0 && timelines.known !== null) await connection.run(RAISE);
  await connection.command('commit');
}
