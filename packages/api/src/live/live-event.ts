import { isoTime } from '@mahilo/shared/clock';
import type { EventType } from '@mahilo/shared/db/schema';
import type { EventRow } from '@mahilo/shared/events/tail';

/** An event as it is looked at, and sent to clients. */
export interface LiveEvent {
  /** Where in the log it stands: what a client that comes back names to go on after it. */
  id: number;
  type: EventType | 'connection';
  /** When it happened (ISO 8601). */
  timestamp: string;
  data: Readonly<Record<string, unknown>>;
}

export function toLiveEvent(row: EventRow): LiveEvent {
  const { id, type, data_json, created_at } = row;
  return { id, type, timestamp: isoTime(created_at), data: JSON.parse(data_json) };
}

/** As it stands on the wire: the id is a text that means nothing to clients. */
export function eventJson(event: LiveEvent): string {
  return JSON.stringify({ ...event, id: String(event.id) });
}
