import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { userEventsAfter } from '@mahilo/shared/events/tail';
import type { Kysely, Selectable } from 'kysely';

export type SubscriptionRow = Selectable<Schema['event_subscriptions']>;

/** Uses the primary key. */
export const findSubscription = statement<[connectionId: string], SubscriptionRow>(
  'select * from event_subscriptions where connection_id = ?',
);

/** Whether the user has another subscription with this URL, whose receiver wants events. Uses connections_of_events. */
export const provenWith = statement<[userId: string, url: string], { found: 1 }>(`
  select 1 as found from connections
  where user_id = ? and event_name is not null and status in ('active', 'suspended')
    and callback_url = ? and proven_at is not null limit 1`);

/**
 * The user's subscriptions that were not refreshed in time, or whose receiver wants no more (410). Uses
 * event_subscriptions_by_user and the primary key.
 */
export const lapsedOf = statement<[userId: string, now: number], { connection_id: string }>(`
  select connection_id from event_subscriptions as subscription
  join connections on connections.id = subscription.connection_id
  where subscription.user_id = ? and (expires_at <= ? or status = 'inactive')`);

/** The row of a subscription of the user that has ended, and is owed nothing. Uses connections_of_events. */
export const endedOf = statement<[userId: string], { id: string; registration: number }>(`
  select id, registration from connections
  where user_id = ? and event_name is not null and status = 'deleted' and not exists (
    select 1 from outbox
    where connection_id = connections.id and event_id is not null and settled_at is null)
  limit 1`);

/** While nobody subscribed, nobody went through the log. Uses the primary keys. */
export const skipUnwanted = statement<[position: number]>(
  ({ greatest }) => `
  update event_fan_out set position = ${greatest}(position, ?)
  where id = 1 and not exists (select 1 from event_subscriptions where expires_at > 0)`,
);

export const insertSubscription = statement<
  [
    connectionId: string,
    userId: string,
    argumentsJson: string,
    agentId: string | null,
    eventsAfter: number,
    expiresAt: number,
  ]
>(`
  insert into event_subscriptions (connection_id, user_id, arguments_json, agent_id, events_after, expires_at)
  values (?, ?, ?, ?, ?, ?)`);

/** Uses the primary key. */
export const prolong = statement<[expiresAt: number, connectionId: string]>(
  'update event_subscriptions set expires_at = ?, has_gap = 0 where connection_id = ?',
);

const selectOwed = statement<[connectionId: string], { event_id: number | null }>(`
  select min(event_id) as event_id from outbox
  where connection_id = ? and event_id is not null and settled_at is null`);

const selectFannedOut = statement<[], { position: number }>(
  'select position from event_fan_out where id = 1',
);

/**
 * Up to where a subscription has been brought everything, or it was given up: a client may go on from there and misses
 * nothing. Uses outbox_events_owed, events_by_segment and primary keys.
 * @param newest the last event of the log.
 */
export async function doneUpTo(
  db: Kysely<Schema>,
  {
    connection_id,
    user_id,
    events_after,
  }: Pick<SubscriptionRow, 'connection_id' | 'user_id' | 'events_after'>,
  newest: number,
): Promise<number> {
  const [owed] = await selectOwed(db, connection_id);
  if (owed !== undefined && owed.event_id !== null) return owed.event_id - 1;
  const [fannedOut] = await selectFannedOut(db);
  const from = Math.max(fannedOut?.position ?? 0, events_after);
  const { rows, goOnAfter } = await userEventsAfter(db, user_id, from, 1);
  const [next] = rows;
  if (next !== undefined) return next.id - 1;
  return goOnAfter ?? Math.max(newest, from);
}
