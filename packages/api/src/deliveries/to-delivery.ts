import { isoTime } from '@mahilo/shared/clock';
import type { DeliveryRow } from './deliveries.ts';
import type { deliveryFields } from './schemas.ts';

/** A delivery as every answer shows it. */
export function toDelivery(row: DeliveryRow) {
  return {
    id: row.id,
    recipient: row.recipient,
    connection_id: row.connection_id,
    status: row.state,
    attempts: row.attempts,
    next_attempt_at: row.state === 'pending' ? isoTime(row.due_at) : undefined,
    last_error: row.last_error ?? undefined,
    delivered_at: row.state === 'delivered' && row.settled_at !== null ? isoTime(row.settled_at) : undefined,
  } satisfies Record<keyof typeof deliveryFields, unknown>;
}
