import type { ConnectionMode, Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { Kysely, Transaction } from 'kysely';
import { INBOX_OWNER } from './inboxes.ts';

/**
 * Lets some of what a connection waits for go the way of its new mode, at once: what its agent fetched and has not
 * acknowledged to the callback URL, retries of callbacks to the front of the inbox, where they belong by their age. A
 * callback that is on its way ends as it ends.
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
