import type { ConnectionMode, ConnectionStatus, Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { firstDueOf } from '@mahilo/shared/outbox/lanes';
import type { Kysely } from 'kysely';

/** Most deliveries of one destination to count for each state; it takes about a millisecond. */
export const COUNTED_AT_MOST = 10_000;

/** A connection that is owed something, or has dead letters. */
export interface Destination {
  connection_id: string;
  username: string;
  framework: string;
  label: string;
  mode: ConnectionMode;
  status: ConnectionStatus;
  user_disabled_at: number | null;
  /** The secret part of a callback is often in its path: show no more of it than its host. */
  callback_url: string | null;
  /** Since when the operator holds it back (ms), and why. */
  held_at: number | null;
  held_reason: string | null;
  /** Counted no further than somebody asked for. */
  waiting: number;
  in_flight: number;
  dead_letters: number;
  /** When the longest waiting delivery was or will be due (ms). */
  first_due_at: number | null;
  failures: number;
  failing_since: number | null;
  paused_until: number;
  last_seen: number | null;
  /** What went wrong last, of what waits or has failed. */
  last_error: string | null;
}

/** The host and port of callbacks to a destination; undefined when its agent fetches its messages, or it was deleted. */
export function hostOf({ callback_url }: Pick<Destination, 'callback_url'>): string | undefined {
  return callback_url === null ? undefined : URL.parse(callback_url)?.host;
}

/**
 * The connections with deliveries in one of these states, after `from`, at most `limit`. Jumps from one to the next in
 * outbox_pending, outbox_leased and outbox_failed, so its cost does not depend on how many deliveries there are. `between`
 * runs between two of them, for others to run.
 */
export async function destinationIds(
  db: Kysely<Schema>,
  states: readonly ('pending' | 'leased' | 'failed')[],
  limit: number,
  between: () => Promise<void> | void = () => undefined,
  from = '',
): Promise<string[]> {
  const ids: string[] = [];
  let after = from;
  while (ids.length < limit) {
    const next: string[] = [];
    for (const state of states) {
      const [row] = await NEXT[state](db, after);
      if (row !== undefined && row.id !== null) next.push(row.id);
    }
    const first = next.sort()[0];
    if (first === undefined) break;
    ids.push(first);
    after = first;
    await between();
  }
  return ids;
}

const nextOf = (state: string) =>
  statement<[after: string], { id: string | null }>(
    `select min(connection_id) as id from outbox where connection_id > ? and state = '${state}'`,
  );
const NEXT = { pending: nextOf('pending'), leased: nextOf('leased'), failed: nextOf('failed') };

/**
 * One destination, its deliveries counted up to `atMost` for each state. Uses the primary keys, outbox_pending,
 * outbox_leased and outbox_failed.
 */
export async function findDestination(
  db: Kysely<Schema>,
  id: string,
  atMost = COUNTED_AT_MOST,
): Promise<Destination | undefined> {
  const [row] = await destination(db, atMost, atMost, atMost, id);
  return row;
}

/** Deliveries of a kind looked at for an error, the latest first: those that were tried. */
const ERRORS_LOOKED_AT = 20;

const errorOf = (which: string, order: string) => `
    (select last_error from (
      select last_error from outbox where connection_id = connections.id and ${which}
      order by ${order} desc limit ${ERRORS_LOOKED_AT}) as latest where last_error is not null limit 1)`;

const countOf = (state: string) =>
  `(select count(*) from (
      select 1 from outbox where connection_id = connections.id and state = '${state}' limit ?) as counted)`;

const destination = statement<[limit: number, again: number, onceMore: number, id: string], Destination>(
  (words) => `
  select connections.id as connection_id, username, framework, label, mode, status,
    users.disabled_at as user_disabled_at, callback_url, held_at, held_reason,
    ${countOf('pending')} as waiting, ${countOf('leased')} as in_flight, ${countOf('failed')} as dead_letters,
    ${firstDueOf('connections.id', words)} as first_due_at,
    coalesce(failures, 0) as failures, failing_since, coalesce(paused_until, 0) as paused_until, last_seen,
    coalesce(${errorOf("state = 'pending' and bulk = 0", 'due_at')}, ${errorOf("state = 'pending' and bulk = 1", 'due_at')},
      ${errorOf("state = 'failed'", 'created_at')}) as last_error
  from connections join users on users.id = connections.user_id
  left join lanes on lanes.connection_id = connections.id
  where connections.id = ?`,
);

/** A delivery as an operator sees it; never the content of the message. */
export interface InspectedDelivery {
  id: string;
  /** Null for an event. */
  message_id: string | null;
  event_id: number | null;
  connection_id: string;
  sender: string | null;
  state: string;
  attempts: number;
  due_at: number;
  lease_owner: string | null;
  lease_expires_at: number | null;
  last_error: string | null;
  created_at: number;
  settled_at: number | null;
}

const DELIVERY = `
  select outbox.id, message_id, event_id, connection_id, messages.sender_username as sender, outbox.state, attempts, due_at,
    lease_owner, lease_expires_at, last_error, outbox.created_at, settled_at
  from outbox left join messages on messages.id = outbox.message_id`;

/** Uses the primary key. */
export const inspectDelivery = statement<[id: string], InspectedDelivery>(`${DELIVERY} where outbox.id = ?`);

/** Uses outbox_by_message. */
export const inspectMessage = statement<[messageId: string, limit: number], InspectedDelivery>(
  `${DELIVERY} where message_id = ? limit ?`,
);

/** The next deliveries, or the latest failures. Each uses the partial index of its state. */
export const inspectLane = {
  pending: statement<[connectionId: string, limit: number], InspectedDelivery>(
    `${DELIVERY} where connection_id = ? and outbox.state = 'pending' order by bulk, due_at limit ?`,
  ),
  leased: statement<[connectionId: string, limit: number], InspectedDelivery>(
    `${DELIVERY} where connection_id = ? and outbox.state = 'leased' order by lease_expires_at limit ?`,
  ),
  failed: statement<[connectionId: string, limit: number], InspectedDelivery>(
    `${DELIVERY} where connection_id = ? and outbox.state = 'failed' order by outbox.created_at desc limit ?`,
  ),
} as const;

export interface InspectedAttempt {
  attempt: number;
  started_at: number;
  duration_ms: number;
  outcome: string;
  status_code: number | null;
  error: string | null;
}

/** The latest attempts of a delivery, oldest first. Uses the primary key. */
export const inspectAttempts = statement<[deliveryId: string, limit: number], InspectedAttempt>(`
  select * from (
    select attempt, started_at, duration_ms, outcome, status_code, error from delivery_attempts
    where delivery_id = ? order by attempt desc limit ?
  ) as latest order by attempt`);
