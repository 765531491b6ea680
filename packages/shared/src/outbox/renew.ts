import { sql, type Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { jsonEach } from '../db/sqlite/json-rows.ts';
import { type LaneLimits, refreshLanes } from './lanes.ts';

export interface HeldLease {
  id: string;
  token: string;
}

/**
 * Prolongs leases whose callbacks still run, until `expiresAt` (ms).
 * @returns the ids of those that this worker still has; other workers have taken over the rest.
 */
export async function renewLeases(
  trx: Transaction<Schema>,
  leases: readonly HeldLease[],
  expiresAt: number,
  limits: LaneLimits,
  now: number,
): Promise<Set<string>> {
  const { rows } = await sql<{ id: string; connection_id: string }>`
    update outbox set lease_expires_at = ${expiresAt} from ${jsonEach(leases)} as held
    where outbox.id = held.value ->> 'id' and outbox.lease_token = held.value ->> 'token'
    returning outbox.id, outbox.connection_id
  `.execute(trx);
  await refreshLanes(trx, new Set(rows.map((row) => row.connection_id)), limits, now);
  return new Set(rows.map((row) => row.id));
}
