import type { Schema } from '@mahilo/shared/db/schema';
import { eachOf } from '@mahilo/shared/db/words/rows';
import type { DeliveryDetails } from '@mahilo/shared/outbox/lease';
import { type Settlement, settleIfLeased } from '@mahilo/shared/outbox/settle';
import { sql, type Transaction } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { mayUse } from '../access/scopes.ts';
import type { InboxDeps } from './fetch.ts';
import { INBOX_OWNER, markSeen } from './inboxes.ts';

/** What is acknowledged: a delivery, whoever fetched it, or exactly what was fetched under a receipt. */
export interface Acknowledgements {
  deliveryIds: readonly string[];
  receipts: readonly string[];
}

/**
 * Settles fetched messages as delivered. It counts also after the lease has expired: the message was received, and would
 * else only come twice. What is not fetched, fetched again under another receipt, settled already, or not the user's stays
 * as it is, so that this can be repeated.
 * @returns how many were settled now.
 */
export async function acknowledge(
  { db, clock, settings }: InboxDeps,
  caller: Caller,
  { deliveryIds, receipts }: Acknowledgements,
): Promise<number> {
  const tokens = new Map(receipts.map((receipt) => partsOf(receipt)));
  const byId = new Set(deliveryIds);
  return db.write(caller, async (trx) => {
    const now = clock.now();
    const found = await fetchedOf(trx, caller, [...byId, ...tokens.keys()]);
    const fetched = found.filter((row) => byId.has(row.id) || tokens.get(row.id) === row.lease_token);
    await settleIfLeased(
      trx,
      fetched.map((delivery) => received(delivery, settings.INBOX_LEASE_MS, now)),
      now,
    );
    await markSeen(trx, new Set(fetched.map((delivery) => delivery.connection_id)), now);
    return fetched.length;
  });
}

/** What an agent proves with that it is who fetched a delivery last: the delivery and its lease token. */
export function receiptOf(delivery: Pick<DeliveryDetails, 'id' | 'lease_token'>): string {
  return `${delivery.id}.${delivery.lease_token}`;
}

function partsOf(receipt: string): [deliveryId: string, leaseToken: string] {
  const at = receipt.indexOf('.');
  return at === -1 ? [receipt, ''] : [receipt.slice(0, at), receipt.slice(at + 1)];
}

interface Fetched {
  id: string;
  recipient_id: string;
  connection_id: string;
  lease_token: string;
  lease_expires_at: number;
}

/**
 * Uses the primary key. The statement does not filter by user: SQLite would go through everything that the user ever
 * received.
 */
async function fetchedOf(
  trx: Transaction<Schema>,
  caller: Caller,
  deliveryIds: readonly string[],
): Promise<Fetched[]> {
  const { rows } = await sql<Fetched>`
    select outbox.id, recipient_id, connection_id, lease_token, lease_expires_at
    from ${eachOf([...new Set(deliveryIds)])} join outbox on outbox.id = value
    where lease_owner = ${INBOX_OWNER}
  `.execute(trx);
  return rows.filter((row) => row.recipient_id === caller.id && mayUse(caller, row.connection_id));
}

/** The fetch and its acknowledgement are the delivery's attempt. */
function received(delivery: Fetched, leaseMs: number, now: number): Settlement {
  const startedAt = Math.min(delivery.lease_expires_at - leaseMs, now);
  return {
    delivery,
    state: 'delivered',
    dueAt: now,
    error: null,
    attempt: {
      startedAt,
      durationMs: now - startedAt,
      outcome: 'delivered',
      statusCode: null,
      responseExcerpt: null,
    },
  };
}
