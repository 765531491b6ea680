import type { ComponentChildren } from 'preact';
import { addressOf } from '../parts/filters.ts';
import { Text } from '../parts/page.tsx';
import type { LiveEvent } from './recent.ts';

type Data = LiveEvent['data'];

const text = (value: unknown) => <Text>{String(value ?? '')}</Text>;
const agent = ({ framework, label }: Data) => <Text>{`${framework}/${label}`}</Text>;

/** Where more of it stands. */
const deliveryOf = ({ delivery_id }: Data, word: string) => (
  <a href={addressOf('/console/deliveries', { delivery: String(delivery_id) })}>{word}</a>
);

const inGroup = ({ group_name }: Data) => (group_name === undefined ? null : <> in {text(group_name)}</>);
const about = ({ correlation_id }: Data) =>
  correlation_id === undefined ? null : <> about {text(correlation_id)}</>;

const ENDS: Readonly<Record<string, string>> = {
  delivered: 'has arrived',
  failed: 'is a dead letter',
  cancelled: 'was cancelled',
};

/** What happened, as a sentence. */
const WORDS: Readonly<Record<string, (data: Data) => ComponentChildren>> = {
  connection: ({ events_lost }) =>
    events_lost === true ? 'Listening again; something before this is missing.' : 'Listening from here on.',
  message_received: (data) => (
    <>
      {text(data['sender'])} has written{inGroup(data)}
      {about(data)}: {deliveryOf(data, 'look')}
    </>
  ),
  delivery_status: (data) => (
    <>
      A message of yours{about(data)} {ENDS[String(data['status'])] ?? text(data['status'])}:{' '}
      {deliveryOf(data, 'look')}
    </>
  ),
  friend_request: ({ username }) => (
    <>
      {text(username)} asks for your friendship: <a href="/console">decide</a>
    </>
  ),
  friend_accepted: ({ username }) => <>{text(username)} is your friend now.</>,
  group_invite: ({ invited_by, group_name }) => (
    <>
      {text(invited_by)} invites you to {text(group_name)}: <a href="/console">decide</a>
    </>
  ),
  group_join: ({ username, group_name }) => (
    <>
      {text(username)} has joined {text(group_name)}.
    </>
  ),
  group_leave: ({ username, group_name, group_deleted }) =>
    group_deleted === true ? (
      <>The group {text(group_name)} has ended.</>
    ) : (
      <>
        {username === undefined ? 'You were removed from' : <>{text(username)} has left</>} {text(group_name)}
        .
      </>
    ),
  agent_seen: (data) => <>{agent(data)} has asked for its messages, for the first time.</>,
  agent_failing: (data) => <>Every attempt to reach {agent(data)} has failed for a day.</>,
  agent_suspended: (data) => <>{agent(data)} has failed for so long that it is sent nothing more.</>,
  review_required: ({ recipient }) => (
    <>
      A message to {text(recipient)} waits for you: <a href="/console">decide</a>
    </>
  ),
  review_closed: ({ recipient, status }) => (
    <>
      The message to {text(recipient)} that waited is {text(status)}.
    </>
  ),
  key_changed: (data) => (
    <>
      The public keys of {agent(data)} of {text(data['username'])} have changed.
    </>
  ),
};

/** The types of events, in words, for a choice. */
export const TYPES = [
  ['', 'everything'],
  ['message_received', 'messages to me'],
  ['delivery_status', 'what became of mine'],
  ['friend', 'friends'],
  ['group', 'groups'],
  ['agent', 'agents'],
  ['review', 'reviews'],
  ['key', 'public keys'],
] as const;

/** What happened, for people; a type that is not known yet by its name. */
export function Sentence({ event: { type, data } }: { event: LiveEvent }) {
  return <>{WORDS[type]?.(data) ?? text(type)}</>;
}
