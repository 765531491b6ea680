import type { Transaction } from 'kysely';
import { atTheEnd, type LastStep, takeTurn } from '../db/beside.ts';
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
  await atTheEnd(
    trx,
    APPEND,
    events.map(({ userId, type, data }) => [userId, type, JSON.stringify(data), now]),
  );
}

type EventValues = [userId: string, type: EventType, data: string, createdAt: number];

/** The very last: whoever has the turn waits for nobody, and everybody else who appends for its commit. */
const APPEND: LastStep<EventValues> = {
  order: 2,
  run: (trx, events) => Promise.all([takeTurn(trx), insertEvents(trx, events)]),
};

const insertEvents = insertStatement<EventValues>(
  'insert into events (user_id, type, data_json, created_at)',
  4,
);
