import { sql, type Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { Rows } from '../db/words/rows.ts';
import { type LaneLimits, refreshLanes } from './lanes.ts';

export interface HeldLease {
  id: string;
  token: string;
}

const HELD = new Rows<HeldLease>('held', { id: 'text', token: 'text' });

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
    update outbox set lease_expires_at = ${expiresAt} from ${HELD.of(leases)}
    where outbox.id = held.id and outbox.lease_token = held.token
    returning outbox.id, outbox.connection_id
  `.execute(trx);
  await refreshLanes(trx, new Set(rows.map((row) => row.connection_id)), limits, now);
  return new Set(rows.map((row) => row.id));
}
