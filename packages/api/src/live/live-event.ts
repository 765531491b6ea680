import { isoTime } from '@mahilo/shared/clock';
import type { EventType } from '@mahilo/shared/db/schema';
import type { EventRow } from '@mahilo/shared/events/tail';

/** An event as listeners and clients get it. */
export interface LiveEvent {
  /** Its position in the log. A client that reconnects names it to continue after it. */
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

/** The event as clients get it: its id is an opaque text. */
export function eventJson(event: LiveEvent): string {
  return JSON.stringify({ ...event, id: String(event.id) });
}
