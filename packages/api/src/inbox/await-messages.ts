import type { DeliveryDetails } from '@mahilo/shared/outbox/lease';
import { keyNoLongerValid } from '../access/caller.ts';
import type { Feed } from '../live/feed.ts';
import type { LiveEvent } from '../live/live-event.ts';
import { type FetchRequest, fetchMessages, type InboxDeps } from './fetch.ts';
import { nextExpiry } from './inboxes.ts';

export interface InboxWaitOptions {
  waitMs: number;
  /** Aborts when the client has gone: nothing must be leased to it. */
  signal: AbortSignal;
  /** Whether the request's key is still valid. */
  isKeyValid(): Promise<boolean>;
}

/**
 * Fetches messages. While there are none, waits until one is accepted or resent, or another poll's lease on one ends.
 * @returns none when the time is over, or the process stops.
 * @throws MahiloError UNAUTHORIZED, and what {@link fetchMessages} throws.
 */
export async function awaitMessages(
  deps: InboxDeps,
  feed: Feed,
  request: FetchRequest,
  { waitMs, signal, isKeyValid }: InboxWaitOptions,
): Promise<DeliveryDetails[]> {
  if (waitMs === 0) return fetchMessages(deps, request);
  const { db, clock, settings } = deps;
  const { caller, connectionId } = request;
  const deadline = clock.monotonicMs() + waitMs;
  /** The connections that got something since the last look; undefined: any of them may have. */
  let woken: Set<string> | undefined;
  const concerns = ({ type, data }: LiveEvent) => {
    const receiver = String(data['connection_id']);
    const isMine = type === 'message_received' && (connectionId ?? receiver) === receiver;
    if (isMine) woken?.add(receiver);
    return isMine;
  };
  const look = async () => {
    // If the key was replaced during the wait, the poll gets nothing more.
    if (!(await isKeyValid())) throw keyNoLongerValid();
    const among = connectionId === undefined && woken !== undefined ? { among: [...woken] } : {};
    woken = new Set();
    const fetched = await fetchMessages(deps, { ...request, ...among });
    return fetched.length > 0 ? fetched : undefined;
  };
  for (;;) {
    // A lease may have expired in any inbox.
    woken = undefined;
    const leftMs = deadline - clock.monotonicMs();
    const now = clock.now();
    const expiry = (await nextExpiry(db.kysely, caller.id, connectionId)) ?? Number.POSITIVE_INFINITY;
    // No lease that begins from now on ends earlier than INBOX_LEASE_MS.
    const timeoutMs = Math.min(leftMs, expiry - now, settings.INBOX_LEASE_MS);
    const found = await feed.until(caller.id, concerns, look, { timeoutMs, signal });
    if (found !== undefined) return found;
    if (signal.aborted || feed.isClosed || clock.monotonicMs() >= deadline) return [];
  }
}
