import { sql, type Transaction } from 'kysely';
import type { OutboxState, Schema } from '../db/schema.ts';
import { eachOf } from '../db/words/rows.ts';
import { worded } from '../db/words/words.ts';
import { LANE_DETAILS, type LaneDetails } from './lane-details.ts';

/** The delivery of an event to a subscription, with all that an attempt needs. */
export interface EventDetails extends LaneDetails {
  message_id: null;
  event_id: number;
  event_name: string;
  /** How the client knows the subscription. */
  subscription_id: string;
  /** Null when the subscription has ended. */
  arguments_json: string | null;
  /** Null when the event was pruned. */
  data_json: string | null;
  /** When it happened; null when it was pruned. */
  happened_at: number | null;
  /** When the delivery was owed. */
  accepted_at: number;
  /** The oldest event that is still owed to the subscription, this one if no other. */
  first_owed: number;
  /** The message that it is about: its text, if the subscription asks for it. */
  body: string | null;
  payload_type: string | null;
  encryption_json: string | null;
  erased_at: number | null;
  /** What became of the delivery that it is about. */
  delivery_state: OutboxState | null;
}

const DATA = worded(({ json }) => json('events.data_json'));
const ARGUMENTS = worded(({ json }) => json('subscription.arguments_json'));

/** All that an attempt needs to know of deliveries of events. Uses the primary keys, and outbox_events_owed. */
export async function eventDetailsOf(
  trx: Transaction<Schema>,
  ids: readonly string[],
): Promise<EventDetails[]> {
  const { rows } = await sql<EventDetails>`
    select ${LANE_DETAILS}, null as message_id, outbox.event_id, connections.event_name,
      connections.label as subscription_id, subscription.arguments_json,
      events.data_json, events.created_at as happened_at, outbox.created_at as accepted_at,
      (select min(event_id) from outbox as owed
        where owed.connection_id = outbox.connection_id and owed.event_id is not null and owed.settled_at is null)
        as first_owed,
      case when ${ARGUMENTS} ->> 'include_text' is not null then messages.body end as body,
      messages.payload_type, messages.encryption_json, messages.erased_at,
      (select state from outbox as told where told.id = ${DATA} ->> 'delivery_id') as delivery_state
    from ${eachOf(ids)}
    join outbox on outbox.id = value
    join connections on connections.id = outbox.connection_id
    left join lanes on lanes.connection_id = outbox.connection_id
    left join event_subscriptions as subscription on subscription.connection_id = outbox.connection_id
    left join events on events.id = outbox.event_id
    left join messages on messages.id = ${DATA} ->> 'message_id'
    where outbox.event_id is not null
  `.execute(trx);
  return rows;
}
