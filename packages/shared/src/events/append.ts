import type { Transaction } from 'kysely';
import type { EventType, Schema } from '../db/schema.ts';
import { insertStatement } from '../db/statement.ts';

export interface NewEvent {
  /** The user whose stream gets it. */
  userId: string;
  type: EventType;
  data: Readonly<Record<string, unknown>>;
}

/** Appends to the event log, in the transaction of the change that the events report. Time in ms. */
export async function appendEvents(
  trx: Transaction<Schema>,
  events: readonly NewEvent[],
  now: number,
): Promise<void> {
  await insertEvents(
    trx,
    events.map(({ userId, type, data }) => [userId, type, JSON.stringify(data), now]),
  );
}

const insertEvents = insertStatement<[userId: string, type: EventType, data: string, createdAt: number]>(
  'insert into events (user_id, type, data_json, created_at)',
  4,
);
