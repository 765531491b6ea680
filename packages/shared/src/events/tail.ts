import type { Kysely } from 'kysely';
import type { EventType, Schema } from '../db/schema.ts';
import { statement } from '../db/statement.ts';
import { each } from '../db/words/rows.ts';

/** An event of the log. */
export interface EventRow {
  /** Grows in the order of commits: those who append take turns, so no smaller id appears later. */
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

/** Ids in a segment of the log, as events_by_segment has it: few enough that what is appended stays within a few of its pages. */
const SEGMENT = 1024;
/** Most segments that are searched at once; that takes a millisecond or two. */
const MAX_SEGMENTS = 512;

/** A part of the log that was searched for one user's events. */
export interface UserEvents {
  rows: EventRow[];
  /** There may be more after this id; undefined: the log ends here. */
  goOnAfter: number | undefined;
}

/**
 * One user's events after an id, oldest first. Where others have written much since, one call searches only a part of the
 * log, and may find nothing in it. Uses events_by_segment.
 */
export async function userEventsAfter(
  db: Kysely<Schema>,
  userId: string,
  after: number,
  limit: number,
): Promise<UserEvents> {
  // Ids have gaps, a huge one where a backup was restored.
  const [next] = await nextEventId(db, after);
  if (next === undefined) return { rows: [], goOnAfter: undefined };
  const first = Math.floor(next.id / SEGMENT);
  const end = (first + MAX_SEGMENTS) * SEGMENT - 1;
  const rows = await searchSegments(db, first, first + MAX_SEGMENTS - 1, userId, after, limit);
  if (rows.length === limit) return { rows, goOnAfter: rows.at(-1)?.id };
  return { rows, goOnAfter: (await newestEventId(db)) > end ? end : undefined };
}

const nextEventId = statement<[after: number], { id: number }>(
  'select id from events where id > ? order by id limit 1',
);

/** The last events of a user: newest first. */
export interface LatestEvents {
  rows: EventRow[];
  /** No event of the user after the given id is missing. */
  isComplete: boolean;
}

/**
 * One user's last events after an id, up to `atMost` of them; no further back than so many segments as one search takes.
 * Uses events_by_segment, and the primary key.
 */
export async function latestUserEvents(
  db: Kysely<Schema>,
  userId: string,
  after: number,
  atMost: number,
): Promise<LatestEvents> {
  const segments = (await lastSegments(db, after, MAX_SEGMENTS)).map((row) => row.segment);
  // A segment comes in its own order, so the last one may be cut short anywhere.
  const found = await searchIn(db, JSON.stringify(segments), userId, after, atMost + SEGMENT);
  return {
    rows: found.toSorted((one, other) => other.id - one.id).slice(0, atMost),
    isComplete: found.length <= atMost && segments.length < MAX_SEGMENTS,
  };
}

/** The segments that have events after an id, the last one first: ids have gaps, a huge one at each start of a process. */
const lastSegments = statement<[after: number, limit: number], { segment: number }>(
  ({ bigint }) => `
  with recursive segments (segment, after) as (
    select max(id) / ${SEGMENT}, ${bigint('?')} from events union all
    select (select max(id) from events where id < segment * ${SEGMENT}) / ${SEGMENT}, after from segments
    where segment * ${SEGMENT} > after)
  select segment from segments where segment is not null limit ?`,
);

const searchIn = statement<[segments: string, userId: string, after: number, limit: number], EventRow>(
  (words) => `
  select ${COLUMNS} from (select ${words.bigint('value')} as segment from ${each(words)}) as wanted
    ${words.joinInOrder} events ${words.indexedBy('events_by_segment')}
    on id / ${SEGMENT} = segment and user_id = ? and id > ?
  ${words.orderOfJoin('segment desc, id')} limit ?`,
);

/** The join takes the segments in their order, and of each the events in theirs, until there are enough. */
const searchSegments = statement<
  [first: number, last: number, userId: string, after: number, limit: number],
  EventRow
>(
  (words) => `
  with recursive segments (segment) as (
    select ${words.bigint('?')} union all
    select segment + 1 from segments where segment < ? and segment < (select max(id) from events) / ${SEGMENT})
  select ${COLUMNS} from segments ${words.joinInOrder} events ${words.indexedBy('events_by_segment')}
    on id / ${SEGMENT} = segment and user_id = ? and id > ?
  ${words.orderOfJoin('id')} limit ?`,
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
