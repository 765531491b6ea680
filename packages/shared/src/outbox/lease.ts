import { sql, type Transaction } from 'kysely';
import type { CallbackRow } from '../callback/body.ts';
import type { Schema } from '../db/schema.ts';
import { jsonEach } from '../db/sqlite/json-rows.ts';
import { statement } from '../db/statement.ts';
import { SENT_COLUMNS } from '../messages/message-fields.ts';
import { IS_HELD, type LaneLimits, refreshLanes, type UpcomingLane } from './lanes.ts';

/** Lanes looked at in one transaction, so that it stays short however many agents are waiting. */
export const MAX_LANES = 128;

export interface LeaseRequest {
  /** Who leases, for people who look at the table. */
  owner: string;
  /** Random and used once: the fencing token that every later write about these deliveries must name. */
  token: string;
  now: number;
  leaseMs: number;
  /** Deliveries wanted at most. */
  capacity: number;
  /** When this worker may serve a lane (ms) that is ready at this time: later, if it is at home with another one. */
  serveAt(lane: UpcomingLane): number;
  limits: LaneLimits;
}

/** A delivery that somebody owns until its lease expires, with all that an attempt needs. */
export interface DeliveryDetails extends CallbackRow {
  lease_token: string;
  attempts: number;
  attempts_before_cycle: number;
  created_at: number;
  connection_status: string;
  connection_mode: string;
  callback_url: string | null;
  callback_secret: Buffer | null;
  previous_secret: Buffer | null;
  previous_secret_expires_at: number | null;
  recipient_type: string;
  recipient_id: string;
}

/** A delivery that this process owns until its lease expires. */
export interface LeasedDelivery extends DeliveryDetails {
  /** It was taken over: another lease on it had expired. */
  rescued: boolean;
}

/**
 * Takes due deliveries, one from each lane in turn, no more from a lane than it has slots. Deliveries whose lease has
 * expired are taken over by the same rule, so that no sweeper is needed.
 */
export async function lease(trx: Transaction<Schema>, request: LeaseRequest): Promise<LeasedDelivery[]> {
  const ready = await readyLanes(trx, request);
  const lanes = ready.filter((lane) => request.serveAt(lane) <= request.now);
  if (lanes.length === 0) return [];
  const expired = new Set<string>();
  const queues = await queuesOf(trx, lanes, request, expired);
  const ids = takeTurns(queues, request.capacity);
  for (const id of ids) await own(trx, request.token, request.owner, request.now + request.leaseMs, id);
  await refreshLanes(trx, queues.keys(), request.limits, request.now);
  if (ids.length === 0) return [];
  const taken = await detailsOf(trx, ids);
  return taken.map((delivery) => Object.assign(delivery, { rescued: expired.has(delivery.id) }));
}

interface ReadyLane extends UpcomingLane {
  free_slots: number;
}

/** Uses lanes_ready, and outbox_leased for what is in flight. */
async function readyLanes(trx: Transaction<Schema>, { now, limits }: LeaseRequest): Promise<ReadyLane[]> {
  const { rows } = await sql<ReadyLane>`
    select lanes.connection_id, lanes.ready_at,
      case when ${IS_HELD} then 0
        when lanes.failures >= ${limits.breakerFailures} then 1 else ${limits.slots} end
      - (select count(*) from outbox
          where connection_id = lanes.connection_id and state = 'leased' and lease_expires_at > ${now}) as free_slots
    from lanes join connections on connections.id = lanes.connection_id
    where lanes.ready_at <= ${now}
    order by lanes.ready_at limit ${MAX_LANES}
  `.execute(trx);
  return rows;
}

/**
 * What each lane has to offer; expired leases first, since they waited longest. No more lanes are asked than can have a
 * turn: the others keep their place before those that had one. Adds to `allExpired` what had been leased before.
 */
async function queuesOf(
  trx: Transaction<Schema>,
  lanes: readonly ReadyLane[],
  { now, capacity }: LeaseRequest,
  allExpired: Set<string>,
): Promise<Map<string, string[]>> {
  const queues = new Map<string, string[]>();
  let turns = 0;
  for (const { connection_id, free_slots } of lanes) {
    if (turns >= capacity) break;
    const slots = Math.max(0, free_slots);
    const expired = await expiredOf(trx, connection_id, now, slots);
    for (const { id } of expired) allExpired.add(id);
    const waiting = await waitingOf(trx, connection_id, now, slots);
    const queue = [...expired, ...waiting].slice(0, slots).map(({ id }) => id);
    queues.set(connection_id, queue);
    if (queue.length > 0) turns += 1;
  }
  return queues;
}

/** Those whose lease has expired, the longest first. Uses outbox_leased. */
export const expiredOf = statement<[connectionId: string, now: number, limit: number], { id: string }>(`
  select id from outbox where connection_id = ? and state = 'leased' and lease_expires_at <= ?
  order by lease_expires_at limit ?`);

/** Those that are due by a time (ms), the longest first, and of equals the oldest. Uses outbox_pending. */
export const waitingOf = statement<[connectionId: string, now: number, limit: number], { id: string }>(`
  select id from outbox where connection_id = ? and state = 'pending' and due_at <= ?
  order by due_at, id limit ?`);

/** One of each queue in turn. */
function takeTurns(queues: ReadonlyMap<string, readonly string[]>, capacity: number): string[] {
  const rounds = Math.max(0, ...[...queues.values()].map((queue) => queue.length));
  const taken: string[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const queue of queues.values()) {
      const id = queue[round];
      if (id !== undefined) taken.push(id);
    }
  }
  return taken.slice(0, capacity);
}

/** Leases one delivery to an owner, under a token, until a time (ms). Uses the primary key. */
export const own = statement<[token: string, owner: string, expiresAt: number, id: string]>(`
  update outbox set state = 'leased', lease_token = ?, lease_owner = ?, lease_expires_at = ? where id = ?`);

const SENT = sql.raw(SENT_COLUMNS.map((column) => `messages.${column}`).join(', '));

/** All that an attempt needs to know of deliveries. Uses the primary keys. */
export async function detailsOf(
  trx: Transaction<Schema>,
  ids: readonly string[],
): Promise<DeliveryDetails[]> {
  const { rows } = await sql<DeliveryDetails>`
    select outbox.id, outbox.lease_token, outbox.attempts, outbox.attempts_before_cycle, outbox.created_at,
      connections.id as connection_id, connections.status as connection_status, connections.mode as connection_mode,
      connections.callback_url, connections.callback_secret, connections.previous_secret,
      connections.previous_secret_expires_at,
      messages.id as message_id, messages.sender_id, messages.sender_username, messages.sender_agent,
      messages.recipient_type, messages.recipient_id, messages.created_at as accepted_at, ${SENT},
      groups.id as group_id, groups.name as group_name
    from ${jsonEach(ids)}
    join outbox on outbox.id = value
    join messages on messages.id = outbox.message_id
    join connections on connections.id = outbox.connection_id
    left join groups on messages.recipient_type = 'group' and groups.id = messages.recipient_id
  `.execute(trx);
  return rows;
}
