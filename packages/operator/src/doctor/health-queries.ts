import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { Kysely } from 'kysely';

export interface Heartbeat {
  id: string;
  heartbeat_at: number;
}

/** When each worker last reported that it is alive (ms). Reads the whole table, which has a row for each worker. */
export const heartbeats = statement<[], Heartbeat>('select id, heartbeat_at from workers order by id');

/** The newest times (ms) in the database; null without rows. Uses the primary keys. */
export async function newestTimes(db: Kysely<Schema>): Promise<Record<string, number | null>> {
  const [row] = await times(db);
  return { ...row };
}
const times = statement<[], Record<string, number | null>>(`
  select
    (select created_at from messages order by id desc limit 1) as message,
    (select created_at from events order by id desc limit 1) as event,
    (select max(heartbeat_at) from workers) as heartbeat`);

/** Callback URLs of the newest agents. Uses the primary key. */
export const newestCallbackUrls = statement<[limit: number], { callback_url: string }>(`
  select callback_url from (
    select callback_url, status, mode from connections order by id desc limit ?
  ) as newest where status = 'active' and mode = 'callback'`);
