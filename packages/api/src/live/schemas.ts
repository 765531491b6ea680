import type { EventType } from '@mahilo/shared/db/schema';
import type { Static, TProperties, TSchema } from 'typebox';
import { exampleId, id, oneOf, time, username } from '../http/fields.ts';
import { Type } from '../http/type.ts';

/** An event id as clients have it. Empty means none: an EventSource that has seen no id may send that. */
const EventId = Type.String({
  pattern: '^[0-9]*$',
  maxLength: 15,
  description:
    'The `id` of the last event that arrived: the stream goes on after it. Without it, from now on.',
  examples: ['4711'],
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

const words = (description: string, example: string) => Type.String({ description, examples: [example] });

const messageId = id('msg', 'The message.');
const deliveryId = id('dlv', 'The delivery.');
const correlationId = Type.Optional(words('As its sender gave it.', 'dinner on Friday'));
const groupFields = { group_id: id('grp', 'The group.'), group_name: words('Its name.', 'book-club') };
const friendship = { friendship_id: id('frnd', 'The friendship.'), username: username('The other person.') };
const review = {
  review_id: words('The review.', exampleId('rev_msg')),
  message_id: id('msg', 'The message, if it is sent.'),
  recipient: words('Whom it is for: a username, or a group id.', 'ben'),
  correlation_id: correlationId,
  sender_connection_id: Type.Optional(words('Your agent that wants to send it.', exampleId('conn'))),
};
const agent = {
  connection_id: id('conn', 'Your agent.'),
  framework: words('Its framework.', 'my-framework'),
  label: words('Its label.', 'home'),
};

const thumbprints = (description: string) =>
  Type.Array(words('A thumbprint (RFC 7638).', 'IeQdsZPiu2QBAcaudMAI_9QoLW1HbPg9fvtqzNevFVA'), {
    description,
  });

/** What `data` of each type of event has. */
const EVENT_DATA: Readonly<
  Record<EventType | 'connection', readonly [description: string, data: TProperties]>
> = {
  connection: [
    'The first event of every stream.',
    {
      username: username('You.'),
      resumed_after: Type.Optional(words('The event id that you named.', '4711')),
      events_lost: Type.Boolean({ description: 'Events after the id that you named may be missing.' }),
    },
  ],
  message_received: [
    'A message for you was accepted, or is sent again. The message itself comes by callback or from the inbox.',
    {
      message_id: messageId,
      delivery_id: deliveryId,
      sender: username('Who sent it.'),
      connection_id: id('conn', 'Your agent that gets it.'),
      correlation_id: correlationId,
      group_id: Type.Optional(id('grp', 'The group that it was sent to.')),
      group_name: Type.Optional(words('The name of that group.', 'book-club')),
    },
  ],
  delivery_status: [
    'A delivery of a message of yours has ended.',
    {
      message_id: messageId,
      delivery_id: deliveryId,
      status: oneOf(['delivered', 'failed', 'cancelled'], { description: 'How the delivery ended.' }),
      message_status: oneOf(['pending', 'delivered', 'failed', 'rejected'], {
        description: 'How the whole message stands.',
      }),
      correlation_id: correlationId,
      sender_connection_id: Type.Optional(words('Your agent that sent it.', exampleId('conn'))),
    },
  ],
  friend_request: ['Somebody asks for your friendship.', friendship],
  friend_accepted: ['Somebody has accepted your friendship.', friendship],
  group_invite: [
    'You are invited to a group.',
    {
      ...groupFields,
      membership_id: id('mbr', 'The membership that you are offered.'),
      invited_by: username('Who invites you.'),
    },
  ],
  group_join: [
    'Somebody has joined a group that you run.',
    {
      ...groupFields,
      username: username('Who has joined.'),
      role: oneOf(['owner', 'admin', 'member'], { description: 'In what role.' }),
    },
  ],
  group_leave: [
    'Somebody has left a group that you run, you were removed from one, or one has ended.',
    {
      ...groupFields,
      username: Type.Optional(username('Who has left.')),
      was: Type.Optional(oneOf(['invited', 'active'], { description: 'What they were before.' })),
      removed_by: Type.Optional(username('Who has removed them.')),
      group_deleted: Type.Optional(Type.Literal(true, { description: 'The group is gone.' })),
    },
  ],
  agent_seen: ['An agent of yours has fetched its messages for the first time.', agent],
  agent_failing: ['Every attempt to reach an agent of yours has failed for a day.', agent],
  agent_suspended: ['An agent of yours has failed for so long that it is sent nothing more.', agent],
  review_required: ['A message of yours is held until you decide about it.', review],
  review_closed: [
    'A message of yours is no longer held.',
    {
      ...review,
      status: oneOf(['approved', 'rejected', 'expired'], { description: 'What became of it.' }),
    },
  ],
  key_changed: [
    'The public keys of an agent of a friend have changed, or of one of your own.',
    {
      username: username('Whose agent it is; you, when it is yours.'),
      connection_id: id('conn', 'The agent.'),
      framework: words('Its framework.', 'my-framework'),
      label: words('Its label.', 'home'),
      old_thumbprints: thumbprints('The `kid` of each key that it had.'),
      new_thumbprints: thumbprints('The `kid` of each key that it has now.'),
    },
  ],
};

/** `friend_request` as `FriendRequest`. */
const pascalCase = (type: string) =>
  type.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

function eventSchema(type: string, description: string, data: TProperties): TSchema {
  const fields = {
    id: Type.String({
      pattern: '^[0-9]+$',
      description: 'Its place in the log: go on after it when the stream breaks.',
      examples: ['4711'],
    }),
    type: Type.Literal(type, { description }),
    timestamp: time('When it happened.'),
    data: Type.Object(data, { description: 'What happened.' }),
  };
  return Type.Object(fields, { title: nameOf(type), description });
}

const nameOf = (type: string) => `${pascalCase(type)}Event`;

const MAPPING = Object.fromEntries(
  Object.keys(EVENT_DATA).map((type) => [type, `#/components/schemas/${nameOf(type)}`]),
);

/** Every event that a stream may send. */
const LiveEventAnswer = Type.Union(
  Object.entries(EVENT_DATA).map(([type, [description, data]]) => eventSchema(type, description, data)),
  {
    title: 'Event',
    description: 'Something that happened to you. New types may come: ignore those that you do not know.',
    documented: { discriminator: { propertyName: 'type', mapping: MAPPING } },
  },
);

export const EventText = Type.String({
  description:
    'Events in the format of EventSource, each with its `id`, its type as `event`, and as `data` the JSON of an `Event`. The first is of type `connection`.',
  examples: [
    'id: 4711\nevent: friend_request\ndata: {"id":"4711","type":"friend_request","timestamp":"2026-11-23T20:00:00.000Z","data":{"friendship_id":"…","username":"ben"}}\n\n',
  ],
  documented: { contentMediaType: 'text/event-stream', contentSchema: LiveEventAnswer },
});
