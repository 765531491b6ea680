import type { EventType } from '../db/schema.ts';
import type { EventRow } from '../events/tail.ts';

/** The events that one can subscribe to, and what the log calls them. */
export const LOGGED_AS = {
  'message.received': 'message_received',
  'friend.requested': 'friend_request',
  'delivery.failed': 'delivery_status',
} as const satisfies Readonly<Record<string, EventType>>;

export type EventName = keyof typeof LOGGED_AS;

/** What a subscription asks for. Absent: everything, without the texts. */
export interface EventArguments {
  /** Only what this user sent. */
  from?: string;
  /** Only what was sent to this group, by its id. */
  group?: string;
  include_text?: boolean;
}

export interface Subscription {
  connection_id: string;
  user_id: string;
  event_name: EventName;
  arguments_json: string;
  agent_id: string | null;
  events_after: number;
}

/** An event of the log, as far as it decides who gets it. */
export type LoggedEvent = Pick<EventRow, 'id' | 'user_id' | 'type' | 'data_json'>;

/** Whether an event of the log is one that a subscription asks for. */
export function isWanted(subscription: Subscription, event: LoggedEvent): boolean {
  const { user_id, event_name, agent_id, events_after } = subscription;
  if (event.user_id !== user_id || event.type !== LOGGED_AS[event_name] || event.id <= events_after)
    return false;
  const data = JSON.parse(event.data_json);
  if (event_name === 'delivery.failed' && data.status !== 'failed') return false;
  if (agent_id !== null && agentOf(event_name, data) !== agent_id) return false;
  const { from, group }: EventArguments = JSON.parse(subscription.arguments_json);
  return (from === undefined || data.sender === from) && (group === undefined || data.group_id === group);
}

/** The user's own connection that an event is about. */
function agentOf(name: EventName, data: Readonly<Record<string, unknown>>): unknown {
  return name === 'delivery.failed' ? data['sender_connection_id'] : data['connection_id'];
}
