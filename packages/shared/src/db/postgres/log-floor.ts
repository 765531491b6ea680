import type { PostgresConnection } from './connection.ts';

const TIMELINES = `select left(pg_walfile_name(pg_current_wal_lsn()), 8) as present,
  (select timeline from log where id = 1) as known`;

/** The first timeline that is recorded needs no floor. */
const RECORD = `insert into log (id, timeline, floor) values (1, ?, 0) on conflict (id) do update
  set timeline = excluded.timeline, floor = (extract(epoch from clock_timestamp()) * 1000)::bigint
  where log.timeline <> excluded.timeline
  returning floor`;

/**
 * More events than a replica can lag behind. Ids can be later than the time: after a move or a restore they go on far above
 * what they were.
 */
const GAP = 1_000_000_000;

const RAISE = `select setval(sequence, greatest(nextval(sequence) + ${GAP}, floor))
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
  const [recorded] = (await connection.run(RECORD, [timelines.present])).rows as { floor: number }[];
  if (recorded !== undefined && recorded.floor > 0) await connection.run(RAISE);
  await connection.command('commit');
}
