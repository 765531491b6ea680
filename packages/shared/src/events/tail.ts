import type { Kysely } from 'kysely';
import type { EventType, Schema } from '../db/schema.ts';
import { statement } from '../db/statement.ts';

/** An event of the log. */
export interface EventRow {
  /** Grows in the order of commits: SQLite has one writer at a time, so no smaller id appears later. */
  id: number;
  user_id: string;
  type: EventType;
  data_json: string;
  created_at: number;
}

const COLUMNS = 'id, user_id, type, data_json, created_at';

/** All users' events after an id, oldest first. Uses the primary key. */
export const eventsAfter = statement<[after: number, limit: number], EventRow>(
  `select ${COLUMNS} from events where id > ? order by id limit ?`,
);

/** One user's events after an id, oldest first. Uses events_by_user. */
export const userEventsAfter = statement<[userId: string, after: number, limit: number], EventRow>(
  `select ${COLUMNS} from events where user_id = ? and id > ? order by id limit ?`,
);

/** The id of the last event; 0 when there is none. Uses the primary key. */
export async function newestEventId(db: Kysely<Schema>): Promise<number> {
  const [row] = await selectNewest(db);
  return row?.id ?? 0;
}

/** The id of the oldest event that retention has kept; undefined when there is none. Uses the primary key. */
export async function oldestEventId(db: Kysely<Schema>): Promise<number | undefined> {
  const [row] = await selectOldest(db);
  return row?.id;
}

const selectNewest = statement<[], { id: number }>('select id from events order by id desc limit 1');
const selectOldest = statement<[], { id: number }>('select id from events order by id limit 1');
