import { isoTime } from '@mahilo/shared/clock';
import type { Schema } from '@mahilo/shared/db/schema';
import type { Kysely } from 'kysely';
import type { Hold } from '../waiting/hold.ts';
import { holdsOf } from '../waiting/holds.ts';
import type { DeliveryRow } from './deliveries.ts';
import type { deliveryFields } from './schemas.ts';

/** Deliveries as every answer shows them, in the order of the rows, with what keeps each from being tried now. */
export async function toDeliveries(db: Kysely<Schema>, rows: readonly DeliveryRow[], now: number) {
  const holds = await holdsOf(db, rows, now);
  return rows.map((row) => toDelivery(row, holds.get(row.id)));
}

function toDelivery(row: DeliveryRow, hold: Hold | undefined) {
  const deliveredAt = row.first_delivered_at ?? (row.state === 'delivered' ? row.settled_at : null);
  return {
    id: row.id,
    recipient: row.recipient,
    connection_id: row.connection_id,
    status: row.state,
    attempts: row.attempts,
    next_attempt_at: hold?.next_attempt_at,
    held_by: hold?.held_by,
    held_because: hold?.held_because,
    last_error: row.last_error ?? undefined,
    delivered_at: deliveredAt === null ? undefined : isoTime(deliveredAt),
  } satisfies Record<keyof typeof deliveryFields, unknown>;
}
