import type { Kysely, Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { insertStatement, statement } from '../db/statement.ts';
import type { NewId } from '../ids.ts';
import { wakeLanes } from '../outbox/lanes.ts';
import type { LoggedEvent, Subscription } from './wanted.ts';

/** Events that may be owed to one subscription. Later ones are left out, and its client is told that some are missing. */
export const MAX_OWED = 1000;

/** An event that a subscription wants. */
export interface WantedEvent {
  subscription: Subscription;
  event: LoggedEvent;
}

/**
 * Adds the deliveries of events to the outbox, due at once, as far as there is room. Uses outbox_events_owed.
 * @returns how many.
 */
export async function oweEvents(
  trx: Transaction<Schema>,
  newId: NewId,
  wanted: readonly WantedEvent[],
  now: number,
): Promise<number> {
  const owed: DeliveryValues[] = [];
  for (const [{ connection_id, user_id }, own] of Map.groupBy(wanted, ({ subscription }) => subscription)) {
    const room = MAX_OWED - (await countOwed(trx, connection_id));
    if (own.length > room) await markGap(trx, connection_id);
    for (const { event } of own.slice(0, Math.max(0, room))) {
      owed.push([newId('dlv'), event.id, user_id, connection_id, 'pending', isToGroup(event), now, now]);
    }
  }
  await insertDeliveries(trx, owed);
  for (const bulk of [0, 1] as const) {
    const lanes = owed.filter((row) => row[5] === bulk).map((row) => row[3]);
    await wakeLanes(trx, new Set(lanes), now, bulk === 1 ? 'bulk' : 'single');
  }
  return owed.length;
}

/** What a message to a group brings about goes behind what single ones do, as the message itself does. */
function isToGroup({ data_json }: LoggedEvent): 0 | 1 {
  return JSON.parse(data_json).group_id === undefined ? 0 : 1;
}

async function countOwed(db: Kysely<Schema>, connectionId: string): Promise<number> {
  const [row] = await owedTo(db, connectionId, MAX_OWED);
  return row?.owed ?? 0;
}

const owedTo = statement<[connectionId: string, atMost: number], { owed: number }>(`
  select count(*) as owed from (
    select 1 from outbox where connection_id = ? and event_id is not null and settled_at is null limit ?) as counted`);

/** Uses the primary key. */
const markGap = statement<[connectionId: string]>(
  'update event_subscriptions set has_gap = 1 where connection_id = ?',
);

type DeliveryValues = [
  id: string,
  eventId: number,
  recipientId: string,
  connectionId: string,
  state: 'pending',
  bulk: 0 | 1,
  dueAt: number,
  createdAt: number,
];

const insertDeliveries = insertStatement<DeliveryValues>(
  'insert into outbox (id, event_id, recipient_id, connection_id, state, bulk, due_at, created_at)',
  8,
);
