import { isoTime } from '@mahilo/shared/clock';
import { isCiphertext } from '@mahilo/shared/messages/ciphertext';
import type { EventDetails } from '@mahilo/shared/outbox/event-details';
import type { EventName } from '@mahilo/shared/subscriptions/wanted';

/** Receivers may refuse more bytes (SEP-3415, delivery profile). */
const MAX_BYTES = 262_144;

/** The id of an event, the same for everybody and however often it comes: receivers dedupe by it. */
export function eventIdOf({ event_id }: Pick<EventDetails, 'event_id'>): string {
  return `evt_${event_id}`;
}

/**
 * The body that tells a subscription of an event (SEP-3415, EventOccurrence). A text that makes it too large is left out:
 * the ids lead to the message.
 */
export function eventBody(delivery: EventDetails): Buffer {
  const whole = bodyWith(delivery, textOf(delivery));
  return whole.length <= MAX_BYTES ? whole : bodyWith(delivery, { text_omitted: true });
}

function bodyWith(delivery: EventDetails, text: object): Buffer {
  const { event_name, data_json, happened_at, accepted_at } = delivery;
  const logged = JSON.parse(data_json ?? '{}');
  return Buffer.from(
    JSON.stringify({
      eventId: eventIdOf(delivery),
      name: event_name,
      timestamp: isoTime(happened_at ?? accepted_at),
      data: { ...DATA[event_name as EventName](logged), ...text },
      cursor: String(cursorOf(delivery)),
    }),
  );
}

type Logged = Readonly<Record<string, unknown>>;

/** What a subscriber is told of an event, from what the log has of it. */
const DATA: Readonly<Record<EventName, (logged: Logged) => object>> = {
  'message.received': ({ message_id, delivery_id, sender, correlation_id, group_id }) => ({
    message_id,
    delivery_id,
    from: sender,
    topic: correlation_id,
    group_id,
  }),
  'friend.requested': ({ friendship_id, username }) => ({ friendship_id, from: username }),
  'delivery.failed': ({ message_id, delivery_id, correlation_id }) => ({
    message_id,
    delivery_id,
    topic: correlation_id,
  }),
};

function textOf(delivery: EventDetails): object {
  if (delivery.body === null) return {};
  return { text: delivery.body, ...(isCiphertext(delivery) && { encrypted: true }) };
}

/** Up to here everything is done once this one is: the client may go on from it and misses nothing. */
function cursorOf({ event_id, first_owed }: EventDetails): number {
  return first_owed < event_id ? first_owed - 1 : event_id;
}
