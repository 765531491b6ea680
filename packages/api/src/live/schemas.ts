import { type Static, Type } from 'typebox';

/** An event id as clients have it. Empty means none: an EventSource that has seen no id may send that. */
const EventId = Type.String({
  pattern: '^[0-9]*$',
  maxLength: 15,
  description:
    'The `id` of the last event that arrived: the stream goes on after it. Without it, from now on.',
});

export const SseHeaders = Type.Object({ 'last-event-id': Type.Optional(EventId) });

export const SseQuery = Type.Object({ last_event_id: Type.Optional(EventId) });

export const WebSocketQuery = Type.Object({
  last_event_id: Type.Optional(EventId),
  api_key: Type.Optional(
    Type.String({
      maxLength: 4096,
      description: 'The API key, for clients that cannot set the Authorization header.',
    }),
  ),
});

/** The event after which a client wants to continue: the first valid id. */
export function resumeAfter(...ids: (Static<typeof EventId> | undefined)[]): number | undefined {
  const id = ids.find((given) => given !== undefined && given !== '');
  return id === undefined ? undefined : Number(id);
}

export const EventText = Type.String({
  description:
    'Events in the format of EventSource. `data` is `{"id", "type", "timestamp", "data"}`; the first is of type `connection`.',
});
