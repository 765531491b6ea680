import { type Kysely, sql } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { namedStatement, statement } from '../db/statement.ts';
import { IS_HELD, IS_UNPROVEN, type LaneLimits, type LimitValues, slotsOf, type Urgency } from './lanes.ts';

/** Most lanes in one look, so that a transaction stays short however many agents are waiting. */
export const MAX_LANES = 128;
/** Most pages in one look for a lane that has room. The next look continues where this one ended. */
const MAX_PAGES = 4;
/** When a look found only lanes without room, the next one follows after this (ms). */
const GO_ON_AFTER_MS = 50;

/** A lane that a worker will look at, and its user. */
export interface UpcomingLane {
  connection_id: string;
  ready_at: number;
  urgency: Urgency;
  user_id: string;
  callback_url: string | null;
}

/** A lane that could be served now. */
export interface ReadyLane extends UpcomingLane {
  free_slots: number;
  is_unproven: 0 | 1;
  /** Whether a lease on one of its deliveries has expired. */
  has_expired: 0 | 1;
}

/** Where the last look stopped before the end, in the order in which workers look at lanes. */
export type Position = Pick<UpcomingLane, 'ready_at' | 'connection_id'>;

export interface ReadyRequest {
  now: number;
  limits: LaneLimits;
  /**
   * When (ms) this worker may serve a lane that is ready at this time: later if the lane is at home with another
   * worker.
   */
  serveAt(lane: UpcomingLane): number;
  /** Whether this worker has a slot for a delivery of the lane, by its rules of fairness. */
  hasRoomFor(lane: UpcomingLane): boolean;
  /** Where to continue. Keep it between the looks of one worker. */
  position: Map<Urgency, Position>;
}

/** What a look at the lanes of an urgency found. */
interface Look {
  lanes: ReadyLane[];
  /** When (ms) there may be more to serve if nothing changes. */
  nextAt: number;
  /** Whether nothing else is ready yet. */
  isAll: boolean;
}

/**
 * Finds the lanes that can be served: single messages before bulk, then the longest waiting first. Passes over lanes without
 * room: an outcome makes room, and then the worker looks again. Its cost is bounded. Uses lanes_ready and lanes_bulk_ready,
 * and outbox_leased for what is or was in flight.
 */
export async function readyLanes(db: Kysely<Schema>, request: ReadyRequest): Promise<ReadyLane[]> {
  const [single, bulk] = await Promise.all([look(db, 'single', request), look(db, 'bulk', request)]);
  const singleIds = new Set(single.lanes.map((lane) => lane.connection_id));
  return [...single.lanes, ...bulk.lanes.filter((lane) => !singleIds.has(lane.connection_id))];
}

/** When (ms) a lane can be served, if nothing changes; infinite: never. It looks as `readyLanes` does. */
export async function nextReadyAt(db: Kysely<Schema>, request: ReadyRequest): Promise<number> {
  const nextOf = async (urgency: Urgency) => {
    const { nextAt, isAll } = await look(db, urgency, request);
    return isAll ? Math.min(nextAt, await futureAt(db, urgency, request)) : nextAt;
  };
  return Math.min(...(await Promise.all([nextOf('single'), nextOf('bulk')])));
}

async function look(db: Kysely<Schema>, urgency: Urgency, request: ReadyRequest): Promise<Look> {
  const { now, serveAt, hasRoomFor, position } = request;
  const began = position.get(urgency);
  let from = began;
  let nextAt = Number.POSITIVE_INFINITY;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const rows = await readyPage(db, urgency, request, from);
    const [present, later] = parted(rows, (lane) => serveAt(lane) <= now);
    nextAt = Math.min(nextAt, ...later.map(serveAt));
    const lanes = present.filter(hasRoomFor);
    if (lanes.length > 0) return { lanes, nextAt: now, isAll: false };
    if (rows.length < MAX_LANES) {
      position.delete(urgency);
      // An earlier look passed over those at the front; they may have room by now.
      return began === undefined ? { lanes, nextAt, isAll: true } : { lanes, nextAt: now, isAll: false };
    }
    from = rows.at(-1) ?? ORIGIN;
    position.set(urgency, from);
  }
  return { lanes: [], nextAt: now + GO_ON_AFTER_MS, isAll: false };
}

function parted<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

async function futureAt(
  db: Kysely<Schema>,
  urgency: Urgency,
  { now, serveAt }: ReadyRequest,
): Promise<number> {
  const [future] = await FIRST_AFTER[urgency](db, now);
  return future === undefined ? Number.POSITIVE_INFINITY : serveAt(future);
}

const ORIGIN: Position = { ready_at: 0, connection_id: '' };

const COLUMN: Readonly<Record<Urgency, string>> = { single: 'ready_at', bulk: 'bulk_ready_at' };

function readyPage(
  db: Kysely<Schema>,
  urgency: Urgency,
  { now, limits: { slots, breakerFailures } }: ReadyRequest,
  from: Position = ORIGIN,
): Promise<ReadyLane[]> {
  return READY[urgency](db, {
    now,
    slots,
    breakerFailures,
    fromTime: from.ready_at,
    fromLane: from.connection_id,
  });
}

interface PageValues extends LimitValues {
  now: number;
  fromTime: number;
  fromLane: string;
}

const readyFrom = (urgency: Urgency) =>
  namedStatement<PageValues, ReadyLane>((value) => {
    const readyAt = sql.raw(`lanes.${COLUMN[urgency]}`);
    const now = value('now');
    return sql`
    select lanes.connection_id, ${readyAt} as ready_at, ${sql.lit(urgency)} as urgency, connections.user_id,
      connections.callback_url, ${IS_UNPROVEN} as is_unproven,
      case when ${IS_HELD} then 0 else ${slotsOf(value)} end
      - (select count(*) from outbox
          where connection_id = lanes.connection_id and state = 'leased' and lease_expires_at > ${now}) as free_slots,
      exists (select 1 from outbox
          where connection_id = lanes.connection_id and state = 'leased' and lease_expires_at <= ${now}) as has_expired
    from lanes join connections on connections.id = lanes.connection_id
    where ${readyAt} <= ${now} and (${readyAt}, lanes.connection_id) > (${value('fromTime')}, ${value('fromLane')})
    order by ${readyAt}, lanes.connection_id limit ${MAX_LANES}`;
  });
const READY = { single: readyFrom('single'), bulk: readyFrom('bulk') };

const upcoming = (urgency: Urgency, comparison: '>' | '>=') => `
  select lanes.connection_id, ${COLUMN[urgency]} as ready_at, '${urgency}' as urgency, connections.user_id,
    connections.callback_url
  from lanes join connections on connections.id = lanes.connection_id
  where ${COLUMN[urgency]} ${comparison} ? order by ${COLUMN[urgency]}`;

const firstAfter = (urgency: Urgency) =>
  statement<[now: number], UpcomingLane>(`${upcoming(urgency, '>')} limit 1`);
const FIRST_AFTER = { single: firstAfter('single'), bulk: firstAfter('bulk') };

const firstOf = (urgency: Urgency) =>
  statement<[from: number, limit: number], UpcomingLane>(`${upcoming(urgency, '>=')} limit ?`);
const FIRST = { single: firstOf('single'), bulk: firstOf('bulk') };

/** The lanes that are due next, in order. Uses lanes_ready and lanes_bulk_ready. */
export async function upcomingLanes(db: Kysely<Schema>, limit: number): Promise<UpcomingLane[]> {
  const lanes = await Promise.all([FIRST.single(db, 0, limit), FIRST.bulk(db, 0, limit)]);
  return lanes
    .flat()
    .sort((one, other) => one.ready_at - other.ready_at)
    .slice(0, limit);
}
