import type { Transaction } from 'kysely';
import type { EventType, Schema } from '../db/schema.ts';
import { statement } from '../db/statement.ts';

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
  for (const { userId, type, data } of events)
    await insertEvent(trx, userId, type, JSON.stringify(data), now);
}

const insertEvent = statement<[string, EventType, string, number]>(
  'insert into events (user_id, type, data_json, created_at) values (?, ?, ?, ?)',
);
