import type { Schema } from '@mahilo/shared/db/schema';
import { eachOf } from '@mahilo/shared/db/words/rows';
import { type Settlement, settleIfLeased } from '@mahilo/shared/outbox/settle';
import { sql, type Transaction } from 'kysely';
import { INBOX_OWNER } from './inboxes.ts';

const UNACKNOWLEDGED = 'It was fetched, and not acknowledged in time.';

interface Unacknowledged {
  id: string;
  lease_token: string;
  lease_expires_at: number;
  attempts_in_cycle: number;
}

export interface GiveUpOptions {
  now: number;
  leaseMs: number;
  maxRetries: number;
}

/**
 * Counts a fetch that was not acknowledged in time as a failed attempt of the delivery, as a callback without an answer
 * is. Out of retries, it becomes a dead letter. Uses the primary key.
 * @param ids of deliveries that are about to be fetched, again or for the first time.
 * @returns those that may be.
 */
export async function giveUpUnacknowledged(
  trx: Transaction<Schema>,
  ids: readonly string[],
  { now, leaseMs, maxRetries }: GiveUpOptions,
): Promise<string[]> {
  const { rows } = await sql<Unacknowledged>`
    select outbox.id, lease_token, lease_expires_at, attempts - attempts_before_cycle as attempts_in_cycle
    from ${eachOf(ids)} join outbox on outbox.id = value
    where state = 'leased' and lease_owner = ${INBOX_OWNER}
  `.execute(trx);
  const settlements = rows.map((row): Settlement => {
    const startedAt = row.lease_expires_at - leaseMs;
    const isLast = row.attempts_in_cycle >= maxRetries;
    return {
      delivery: row,
      state: isLast ? 'failed' : 'pending',
      dueAt: now,
      error: UNACKNOWLEDGED,
      attempt: {
        startedAt,
        durationMs: leaseMs,
        outcome: 'timeout',
        statusCode: null,
        responseExcerpt: null,
      },
    };
  });
  await settleIfLeased(trx, settlements, now);
  const ended = new Set(
    settlements.filter(({ state }) => state === 'failed').map(({ delivery }) => delivery.id),
  );
  return ids.filter((id) => !ended.has(id));
}
