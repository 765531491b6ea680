import type { Schema } from '@mahilo/shared/db/schema';
import { eachOf } from '@mahilo/shared/db/words/rows';
import { worded } from '@mahilo/shared/db/words/words';
import { type DeliveryDetails, detailsOf, expiredOf, own, waitingOf } from '@mahilo/shared/outbox/lease';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { ApiDatabase } from '../access/api-database.ts';
import type { Caller } from '../access/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { countFitting, mayBeTooLarge } from '../http/page-bytes.ts';
import { giveUpUnacknowledged } from './give-up.ts';
import { INBOX_OWNER, type Inbox, inboxesOf, inboxesWithMail, inboxWithMail, markPolled } from './inboxes.ts';

/**
 * A poll of an empty inbox records when the agent was seen no more often than this (ms), since each record is a
 * write.
 */
const SEEN_EVERY_MS = 60_000;
/** Later than any time. What waits for a polling agent need not be due: retries are spaced to spare a callback URL. */
const ANY_TIME = Number.MAX_SAFE_INTEGER;

/** What the inbox works with. */
export interface InboxDeps extends Pick<ApiDeps, 'clock' | 'random' | 'settings'> {
  db: Pick<ApiDatabase, 'kysely' | 'write'>;
}

export interface FetchRequest {
  caller: Caller;
  connectionId: string | undefined;
  /** When no connection is named: look only at these. */
  among?: readonly string[];
  limit: number;
  /** Bytes of all texts together; absent: a page of a list. */
  pageBytes?: number;
}

/**
 * Leases the oldest messages in one inbox, or in all of a user's, to the caller, including those whose lease has
 * expired. Callers at the same time get different messages. An empty inbox costs no write.
 * @throws MahiloError CONNECTION_NOT_FOUND, NOT_POLLING, NO_CONNECTIONS
 */
export async function fetchMessages(deps: InboxDeps, request: FetchRequest): Promise<DeliveryDetails[]> {
  const { db, clock } = deps;
  const { caller, connectionId, among } = request;
  const inboxes = among === undefined ? await inboxesOf(db.kysely, caller.id, connectionId) : [];
  const now = clock.now();
  const withMail = await inboxesToFetch(db.kysely, request, now);
  if ((await oldestOf(db.kysely, withMail, 1, now)).length === 0) {
    await noteSeen(deps, caller, inboxes);
    return [];
  }
  return db.write(caller, (trx) => take(deps, trx, request));
}

/** The named inbox, else those that have something, so that the others need not be asked one by one. */
async function inboxesToFetch(
  db: Kysely<Schema>,
  { caller, connectionId, among }: FetchRequest,
  now: number,
): Promise<readonly Inbox[]> {
  if (connectionId !== undefined) return inboxesOf(db, caller.id, connectionId);
  if (among === undefined) return inboxesWithMail(db, caller.id, now);
  const found: Inbox[] = [];
  for (const id of among) found.push(...(await inboxWithMail(db, id, caller.id, now)));
  return found;
}

async function take(
  deps: InboxDeps,
  trx: Transaction<Schema>,
  request: FetchRequest,
): Promise<DeliveryDetails[]> {
  const now = deps.clock.now();
  const inboxes = await inboxesToFetch(trx, request, now);
  const { INBOX_LEASE_MS: leaseMs, MAX_RETRIES: maxRetries } = deps.settings;
  const oldest = await fitting(trx, await oldestOf(trx, inboxes, request.limit, now), request.pageBytes);
  const ids = await giveUpUnacknowledged(trx, oldest, { now, leaseMs, maxRetries });
  const token = deps.random.bytes(16).toString('base64url');
  await Promise.all(ids.map((id) => own(trx, token, INBOX_OWNER, now + leaseMs, id)));
  const taken = await detailsOf(trx, ids);
  const fetching = new Set(taken.map((delivery) => delivery.connection_id));
  await markPolled(
    trx,
    request.caller.id,
    inboxes.filter(({ id }) => fetching.has(id)),
    now,
  );
  return taken.sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** Ids of the oldest deliveries that may be leased: ids sort by time. */
async function oldestOf(
  db: Kysely<Schema>,
  inboxes: readonly Inbox[],
  limit: number,
  now: number,
): Promise<string[]> {
  const found: { id: string }[] = [];
  for (const { id } of inboxes) {
    found.push(...(await expiredOf(db, id, now, limit)));
    for (const bulk of [0, 1] as const) found.push(...(await waitingOf(db, id, bulk, ANY_TIME, limit)));
  }
  return found
    .map(({ id }) => id)
    .sort()
    .slice(0, limit);
}

/** The first messages that fit into one answer. Uses the primary keys. */
async function fitting(
  trx: Transaction<Schema>,
  ids: readonly string[],
  pageBytes: number | undefined,
): Promise<string[]> {
  const bytesOf = await bytesOfTexts(trx, ids, false);
  const kept = ids.slice(
    0,
    countFitting(ids, (id) => bytesOf.get(id) ?? 0, pageBytes),
  );
  const bytes = kept.reduce((sum, id) => sum + (bytesOf.get(id) ?? 0), 0);
  if (!mayBeTooLarge(bytes, pageBytes)) return kept;
  const bytesAsJson = await bytesOfTexts(trx, kept, true);
  return kept.slice(
    0,
    countFitting(kept, (id) => bytesAsJson.get(id) ?? 0, pageBytes),
  );
}

const BODY_AS_JSON = worded(({ quoted }) => quoted('messages.body'));
const CONTEXT_AS_JSON = worded(({ quoted }) => quoted("coalesce(messages.context, '')"));

/** What the texts of deliveries take, plain (which the row says without being read) or as JSON. */
async function bytesOfTexts(
  trx: Transaction<Schema>,
  ids: readonly string[],
  asJson: boolean,
): Promise<ReadonlyMap<string, number>> {
  const bytes = asJson
    ? sql`octet_length(${BODY_AS_JSON}) + octet_length(${CONTEXT_AS_JSON})`
    : sql`octet_length(messages.body) + coalesce(octet_length(messages.context), 0)`;
  const { rows } = await sql<{ id: string; bytes: number }>`
    select outbox.id, ${bytes} as bytes
    from ${eachOf(ids)} join outbox on outbox.id = value join messages on messages.id = outbox.message_id
  `.execute(trx);
  return new Map(rows.map(({ id, bytes }) => [id, bytes]));
}

async function noteSeen({ db, clock }: InboxDeps, caller: Caller, inboxes: readonly Inbox[]): Promise<void> {
  const now = clock.now();
  const stale = inboxes.filter(({ last_seen }) => (last_seen ?? 0) < now - SEEN_EVERY_MS);
  if (stale.length > 0) await db.write(caller, (trx) => markPolled(trx, caller.id, stale, now));
}
