import { isoTime, systemClock } from '@mahilo/shared/clock';
import type { Database } from '@mahilo/shared/db/database';
import { answer, printable, table } from '../output.ts';
import { json as destinationJson, destinationTable } from './list.ts';
import {
  findDestination,
  type InspectedDelivery,
  inspectAttempts,
  inspectDelivery,
  inspectLane,
  inspectMessage,
} from './queries.ts';

type Show = (db: Database['kysely'], id: string, limit: number, asJson: boolean) => Promise<void>;

const KINDS: Readonly<Record<string, Show>> = {
  conn: showConnection,
  dlv: showDelivery,
  msg: showMessage,
};

/** Prints a connection, a delivery or a message. @returns the exit code. @throws Error when there is none. */
export async function showOne(
  db: Database['kysely'],
  id: string,
  limit: number,
  asJson: boolean,
): Promise<number> {
  const kind = id.split('_')[0] ?? '';
  const show = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (show === undefined) throw new Error(`An ID begins with conn_, dlv_ or msg_, but it is "${id}".`);
  await show(db, id, limit, asJson);
  return 0;
}

async function showConnection(
  db: Database['kysely'],
  id: string,
  limit: number,
  asJson: boolean,
): Promise<void> {
  const found = await findDestination(db, id);
  if (found === undefined) throw new Error(`There is no connection ${id}.`);
  const deliveries = [
    ...(await inspectLane.leased(db, id, limit)),
    ...(await inspectLane.pending(db, id, limit)),
    ...(await inspectLane.failed(db, id, limit)),
  ];
  answer(asJson, { ...destinationJson(found), deliveries: deliveries.map(json) }, () =>
    [
      destinationTable([found], systemClock.now()),
      deliveries.length > 0
        ? deliveryTable(deliveries)
        : 'Nothing is owed to it, and it has no dead letters.',
    ].join('\n\n'),
  );
}

async function showDelivery(
  db: Database['kysely'],
  id: string,
  limit: number,
  asJson: boolean,
): Promise<void> {
  const [found] = await inspectDelivery(db, id);
  if (found === undefined) throw new Error(`There is no delivery ${id}.`);
  const attempts = await inspectAttempts(db, id, limit);
  const times = attempts.map((row) => ({ ...row, started_at: isoTime(row.started_at) }));
  answer(asJson, { ...json(found), attempts: times }, () =>
    [
      Object.entries(json(found))
        .map(([name, value]) => `${name.padEnd(20)}${printable(String(value ?? ''))}`)
        .join('\n'),
      times.length === 0
        ? 'There was no attempt yet.'
        : table(
            ['Attempt', 'Started', 'Took', 'Outcome', 'Status', 'Error'],
            times.map((row) => [
              row.attempt,
              row.started_at,
              `${row.duration_ms} ms`,
              row.outcome,
              row.status_code ?? '',
              row.error ?? '',
            ]),
          ),
    ].join('\n\n'),
  );
}

async function showMessage(
  db: Database['kysely'],
  id: string,
  limit: number,
  asJson: boolean,
): Promise<void> {
  const deliveries = await inspectMessage(db, id, limit);
  if (deliveries.length === 0) throw new Error(`There is no delivery of a message ${id}.`);
  answer(asJson, { message_id: id, deliveries: deliveries.map(json) }, () => deliveryTable(deliveries));
}

function deliveryTable(deliveries: readonly InspectedDelivery[]): string {
  return table(
    ['Delivery', 'From', 'State', 'Attempts', 'Accepted', 'Due', 'Last error'],
    deliveries
      .map(json)
      .map((row) => [
        row.id,
        row.sender ?? `event ${row.event_id}`,
        row.state,
        row.attempts,
        row.created_at,
        row.state === 'pending' ? row.due_at : '',
        row.last_error ?? '',
      ]),
  );
}

function json({ due_at, lease_expires_at, created_at, settled_at, event_id, ...row }: InspectedDelivery) {
  const time = (ms: number | null) => (ms === null ? null : isoTime(ms));
  return {
    ...row,
    event_id: event_id ?? undefined,
    created_at: isoTime(created_at),
    due_at: isoTime(due_at),
    lease_expires_at: time(lease_expires_at),
    settled_at: time(settled_at),
  };
}
