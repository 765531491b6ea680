import { sql, type Transaction } from 'kysely';
import type { CallbackRow } from '../callback/body.ts';
import { hasLane, isAlone, lockFor, tryLanes } from '../db/beside.ts';
import type { Schema } from '../db/schema.ts';
import { namedStatement, statement } from '../db/statement.ts';
import { eachOf, json } from '../db/words/rows.ts';
import { SENT_COLUMNS } from '../messages/message-fields.ts';
import { type EventDetails, eventDetailsOf } from './event-details.ts';
import { LANE_DETAILS, type LaneDetails } from './lane-details.ts';
import { refreshLanes, type Urgency } from './lanes.ts';
import { type ReadyLane, type ReadyRequest, readyLanes, type UpcomingLane } from './ready.ts';

const MINUTE_MS = 60_000;

export interface LeaseRequest extends Omit<ReadyRequest, 'hasRoomFor'> {
  /** The worker or `inbox`; for people who read the table. */
  owner: string;
  /** Random and used once: the fencing token that every later write about these deliveries must name. */
  token: string;
  leaseMs: number;
  /** The most deliveries to lease. */
  capacity: number;
  /** How to share the slots; called each time the transaction begins. */
  shares(): SlotShares;
}

/** How many of a worker's slots each user has, and who may have one more. */
export interface SlotShares {
  hasRoomFor(lane: UpcomingLane, urgency: Urgency): boolean;
  /** Slots that a user's agents have; the user with the fewest goes first. */
  heldBy(userId: string): number;
  /** Free slots that are reserved for bulk deliveries although single ones wait. */
  reservedForBulk(): number;
  take(lane: UpcomingLane, urgency: Urgency): void;
}

/** The delivery of a message, with all that an attempt needs. */
export interface DeliveryDetails extends LaneDetails, CallbackRow {
  callback_headers: Buffer | null;
  callback_format: 'openclaw' | null;
  recipient_type: string;
  recipient_id: string;
}

/** A delivery that this process owns until its lease expires. `message_id` is null for an event. */
export type LeasedDelivery = (DeliveryDetails | EventDetails) & {
  /** An earlier lease on it had expired. */
  rescued: boolean;
};

/**
 * Leases due deliveries, first those of the users who have the fewest slots. Takes one from each lane of a user in
 * turn, and no more from a lane than it has slots. The same rule takes over deliveries whose lease has expired, so no
 * sweeper is needed.
 */
export async function lease(trx: Transaction<Schema>, request: LeaseRequest): Promise<LeasedDelivery[]> {
  const shares = request.shares();
  const lanes = (await fairLanes(trx, request, shares)).filter((lane) => hasLane(trx, lane.connection_id));
  if (lanes.length === 0) return [];
  const queues = await queuesOf(trx, lanes, request);
  const taken = takeTurns(queues, shares, request.capacity);
  const ids = taken.map(({ id }) => id);
  // The server does what is sent at once in this order: on a network each answer that is waited for is a journey.
  const owning = Promise.all(
    ids.map((id) => own(trx, request.token, request.owner, request.now + request.leaseMs, id)),
  );
  const unproven = taken.filter(({ lane }) => lane.is_unproven === 1);
  const counting = unproven.length > 0 ? countUnproven(trx, unproven, request) : undefined;
  const asked = queues.map(({ lane }) => lane.connection_id);
  const refreshing = refreshLanes(trx, asked, request.limits, request.now);
  const reading = ids.length > 0 ? detailsOf(trx, ids) : [];
  const [read] = await Promise.all([reading, owning, counting, refreshing]);
  const details: (DeliveryDetails | EventDetails)[] = read;
  const rescued = new Set(taken.filter(({ wasLeased }) => wasLeased).map(({ id }) => id));
  if (details.length < ids.length) details.push(...(await eventDetailsOf(trx, ids)));
  return details.map((row) => Object.assign(row, { rescued: rescued.has(row.id) }));
}

/**
 * Locks the lanes of a turn, beside others: those of what it settles, and those that it will lease from. How many of a lane's
 * deliveries are in flight, and when it is due again, is read when nobody else can change it. Waits for lanes that are at home
 * with the worker, which somebody sends to at this moment; of others, which are mostly their home's, it takes those that nobody
 * has. Alone there is nothing to lock.
 */
export async function lockLanesOf(
  trx: Transaction<Schema>,
  settled: readonly { connection_id: string }[],
  request: LeaseRequest | undefined,
): Promise<void> {
  if (isAlone(trx)) return;
  const { own, others } = request === undefined ? NO_LANES : await nextLanes(trx, request);
  const idsOf = (lanes: readonly { connection_id: string }[]) => lanes.map((lane) => lane.connection_id);
  await lockFor(trx, 'lanes', idsOf([...settled, ...own]));
  await tryLanes(trx, idsOf(others));
}

const NO_LANES = { own: [], others: [] };

/** As many lanes as can have a turn, first those that are at home here. The request goes on from where it was. */
async function nextLanes(trx: Transaction<Schema>, request: LeaseRequest) {
  const look = { ...request, position: new Map(request.position) };
  const lanes = await fairLanes(trx, look, request.shares());
  const isAtHome = (lane: ReadyLane) => request.serveAt(lane) <= lane.ready_at;
  const own = lanes.filter(isAtHome).slice(0, request.capacity);
  const others = lanes.filter((lane) => !isAtHome(lane)).slice(0, request.capacity - own.length);
  return { own, others };
}

async function fairLanes(
  trx: Transaction<Schema>,
  request: LeaseRequest,
  shares: SlotShares,
): Promise<ReadyLane[]> {
  const lanes = await readyLanes(trx, {
    ...request,
    hasRoomFor: (lane) => shares.hasRoomFor(lane, lane.urgency),
  });
  return inFairOrder(lanes, shares);
}

/** A lane, and the deliveries it offers. */
interface Queue {
  lane: ReadyLane;
  offers: Offer[];
  taken: number;
}

interface Candidate {
  id: string;
  bulk: 0 | 1;
}

interface Offer extends Candidate {
  /** A worker that is gone had leased it. */
  wasLeased: boolean;
}

/**
 * One lane of each user in turn, beginning with the user who has the fewest slots. As many bulk deliveries as have
 * reserved slots come first.
 */
function inFairOrder(lanes: readonly ReadyLane[], shares: SlotShares): ReadyLane[] {
  const byUser = Map.groupBy(lanes, (lane) => lane.user_id);
  const turns = [...byUser].flatMap(([userId, own]) =>
    own.map((lane, index) => ({ lane, turn: shares.heldBy(userId) + index })),
  );
  const ordered = turns.sort((one, other) => one.turn - other.turn).map(({ lane }) => lane);
  const [single, bulk] = [
    ordered.filter(({ urgency }) => urgency === 'single'),
    ordered.filter(({ urgency }) => urgency === 'bulk'),
  ];
  const reserved = shares.reservedForBulk();
  return [...bulk.slice(0, reserved), ...single, ...bulk.slice(reserved)];
}

/**
 * What each lane offers. Asks no more lanes than can have a turn; the others keep their place before those that had one.
 */
async function queuesOf(
  trx: Transaction<Schema>,
  lanes: readonly ReadyLane[],
  { now, capacity }: LeaseRequest,
): Promise<Queue[]> {
  const queues: Queue[] = [];
  let turns = 0;
  while (queues.length < lanes.length && turns < capacity) {
    const next = lanes.slice(queues.length, queues.length + capacity - turns);
    const asked = await Promise.all(next.map((lane) => queueOf(trx, lane, now)));
    turns += asked.filter(({ offers }) => offers.length > 0).length;
    queues.push(...asked);
  }
  return queues;
}

/** What a lane offers: expired leases first, since they waited longest. */
async function queueOf(trx: Transaction<Schema>, lane: ReadyLane, now: number): Promise<Queue> {
  const slots = Math.max(0, lane.free_slots);
  const expired = lane.has_expired === 1 ? await expiredOf(trx, lane.connection_id, now, slots) : [];
  const waiting = await waitingOf(trx, lane.connection_id, 0, now, slots);
  if (expired.length + waiting.length < slots) {
    waiting.push(...(await waitingOf(trx, lane.connection_id, 1, now, slots)));
  }
  const offers = [
    // In bulk or not, they were in flight already, and their lane is listed as one with a single delivery: it would be looked at
    // again and again, were they to wait for a slot for bulk.
    ...expired.map((one) => ({ ...one, bulk: 0 as const, wasLeased: true })),
    ...waiting.map((one) => ({ ...one, wasLeased: false })),
  ];
  offers.splice(slots);
  offers.sort((one, other) => one.bulk - other.bulk);
  return { lane, offers, taken: 0 };
}

/** Deliveries whose lease has expired, the longest expired first. Uses outbox_leased. */
export const expiredOf = statement<[connectionId: string, now: number, limit: number], Candidate>(`
  select id, bulk from outbox where connection_id = ? and state = 'leased' and lease_expires_at <= ?
  order by lease_expires_at limit ?`);

/** Deliveries due by a time (ms), in bulk or not, the longest due first, then the oldest. Uses outbox_pending. */
export const waitingOf = statement<
  [connectionId: string, bulk: 0 | 1, now: number, limit: number],
  Candidate
>(`
  select id, bulk from outbox where connection_id = ? and state = 'pending' and bulk = ? and due_at <= ?
  order by due_at, id limit ?`);

interface Taken extends Offer {
  lane: ReadyLane;
}

/**
 * First what is reserved for bulk, then single messages, then bulk; within each, the user with the fewest slots goes
 * first.
 */
function takeTurns(queues: readonly Queue[], shares: SlotShares, capacity: number): Taken[] {
  const taken: Taken[] = [];
  const take = (urgency: Urgency, limit: number) => {
    for (let left = Math.min(limit, capacity - taken.length); left > 0; left -= 1) {
      const next = nextTurn(queues, shares, urgency);
      const offer = next?.offers.shift();
      if (next === undefined || offer === undefined) return;
      next.taken += 1;
      shares.take(next.lane, urgency);
      taken.push({ ...offer, lane: next.lane });
    }
  };
  take('bulk', shares.reservedForBulk());
  take('single', capacity);
  take('bulk', capacity);
  return taken;
}

function nextTurn(queues: readonly Queue[], shares: SlotShares, urgency: Urgency): Queue | undefined {
  let best: Queue | undefined;
  let bestHeld = Number.POSITIVE_INFINITY;
  for (const queue of queues) {
    const [offer] = queue.offers;
    if (offer === undefined || (offer.bulk === 1) !== (urgency === 'bulk')) continue;
    const held = shares.heldBy(queue.lane.user_id);
    const isBetter = held < bestHeld || (held === bestHeld && queue.taken < (best?.taken ?? 0));
    if (!isBetter || !shares.hasRoomFor(queue.lane, urgency)) continue;
    best = queue;
    bestHeld = held;
  }
  return best;
}

/**
 * Counts attempts at unproven URLs: a lane that has had those of this minute waits for the next one. Uses the primary
 * key.
 */
async function countUnproven(
  trx: Transaction<Schema>,
  taken: readonly Taken[],
  { now, limits }: LeaseRequest,
): Promise<void> {
  const connectionIds = json(taken.map(({ lane }) => lane.connection_id));
  await addUnproven(trx, {
    connectionIds,
    now,
    minuteAgo: now - MINUTE_MS,
    unprovenPerMinute: limits.unprovenPerMinute,
  });
}

interface UnprovenValues {
  connectionIds: string;
  now: number;
  minuteAgo: number;
  unprovenPerMinute: number;
}

const addUnproven = namedStatement<UnprovenValues>((value) => {
  const isNewMinute = sql`unproven_since <= ${value('minuteAgo')}`;
  const attempts = sql`case when ${isNewMinute} then 0 else unproven_attempts end + 1`;
  const since = sql`case when ${isNewMinute} then ${value('now')} else unproven_since end`;
  return sql`
    update lanes set unproven_since = ${since}, unproven_attempts = ${attempts},
      unproven_until = case when ${attempts} >= ${value('unprovenPerMinute')} then ${since} + ${MINUTE_MS} else 0 end
    where connection_id in (select value from ${eachOf(value('connectionIds'))})`;
});

/** Leases one delivery to an owner, under a token, until a time (ms). Uses the primary key. */
export const own = statement<[token: string, owner: string, expiresAt: number, id: string]>(`
  update outbox set state = 'leased', lease_token = ?, lease_owner = ?, lease_expires_at = ? where id = ?`);

const SENT = sql.raw(SENT_COLUMNS.map((column) => `messages.${column}`).join(', '));

/** All that an attempt needs to know of deliveries of messages. */
export function detailsOf(trx: Transaction<Schema>, ids: readonly string[]): Promise<DeliveryDetails[]> {
  return selectDetails(trx, { ids: json(ids) });
}

/** Uses the primary keys. */
const selectDetails = namedStatement<{ ids: string }, DeliveryDetails>(
  (value) => sql`
    select ${LANE_DETAILS}, connections.callback_headers, connections.callback_format,
      messages.id as message_id, messages.sender_id, messages.sender_username, messages.sender_agent,
      messages.recipient_type, messages.recipient_id, messages.created_at as accepted_at, ${SENT},
      groups.id as group_id, groups.name as group_name
    from ${eachOf(value('ids'))}
    join outbox on outbox.id = value
    join messages on messages.id = outbox.message_id
    join connections on connections.id = outbox.connection_id
    left join lanes on lanes.connection_id = outbox.connection_id
    left join groups on messages.recipient_type = 'group' and groups.id = messages.recipient_id`,
);
