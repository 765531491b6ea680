import type { EventType } from '@mahilo/shared/db/schema';
import type { EventRow } from '@mahilo/shared/events/tail';

/** An event of the log, ready to be looked at. */
export interface LiveEvent {
  id: number;
  type: EventType;
  data: Readonly<Record<string, unknown>>;
  /** When it happened (ms). */
  createdAt: number;
}

export function toLiveEvent(row: EventRow): LiveEvent {
  return { id: row.id, type: row.type, data: JSON.parse(row.data_json), createdAt: row.created_at };
}
