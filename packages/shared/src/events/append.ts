import { sql, type Transaction } from 'kysely';
import type { EventType, Schema } from '../db/schema.ts';
import { jsonEach } from '../db/sqlite/json-rows.ts';

export interface NewEvent {
  /** Whose stream it belongs to. */
  userId: string;
  type: EventType;
  data: Readonly<Record<string, unknown>>;
}

/** Appends to the event log, in the transaction of the change that the events tell of. Time in ms. */
export async function appendEvents(
  trx: Transaction<Schema>,
  events: readonly NewEvent[],
  now: number,
): Promise<void> {
  if (events.length === 0) return;
  await sql`
    insert into events (user_id, type, data_json, created_at)
    select value ->> 'userId', value ->> 'type', value ->> 'data', ${now} from ${jsonEach(events)}
  `.execute(trx);
}
