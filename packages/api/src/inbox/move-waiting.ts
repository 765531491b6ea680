import type { ConnectionMode, Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { Kysely, Transaction } from 'kysely';
import { INBOX_OWNER } from './inboxes.ts';

/**
 * After a change of mode, makes up to `limit` waiting deliveries of a connection available in the new mode at once:
 * what the agent fetched and has not acknowledged goes to the callback URL; retries of callbacks go to the front of
 * the inbox, by their age. Callbacks in flight finish.
 * @returns how many were moved; fewer than `limit`: no more are left.
 */
export async function moveWaiting(
  trx: Transaction<Schema>,
  connectionId: string,
  mode: ConnectionMode,
  limit: number,
  now: number,
): Promise<number> {
  const moved =
    mode === 'callback'
      ? await releaseFetched(trx, connectionId, INBOX_OWNER, limit)
      : await bringForward(trx, connectionId, now, limit);
  return moved.length;
}

type Move<Parameters extends readonly unknown[]> = (
  db: Kysely<Schema>,
  ...parameters: Parameters
) => Promise<{ id: string }[]>;

/** Uses outbox_leased. */
const releaseFetched: Move<[connectionId: string, owner: string, limit: number]> = statement(`
  update outbox set state = 'pending', due_at = created_at,
    lease_token = null, lease_owner = null, lease_expires_at = null
  where id in (
    select id from outbox where connection_id = ? and state = 'leased' and lease_owner = ? limit ?)
  returning id`);

/** Uses outbox_pending. */
const bringForward: Move<[connectionId: string, now: number, limit: number]> = statement(`
  update outbox set due_at = created_at
  where id in (
    select id from outbox where connection_id = ? and state = 'pending' and bulk in (0, 1) and due_at > ?
      and due_at > created_at limit ?)
  returning id`);
