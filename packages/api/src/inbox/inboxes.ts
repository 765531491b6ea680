import type { ConnectionMode, ConnectionStatus, Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { MahiloError } from '@mahilo/shared/errors';
import { appendEvents } from '@mahilo/shared/events/append';
import type { Kysely, Transaction } from 'kysely';

/** The lease owner of messages that polling agents have fetched. A worker's is the id of its process. */
export const INBOX_OWNER = 'inbox';

/** An active connection whose agent polls. */
export interface Inbox {
  id: string;
  /** When the agent last polled (ms). */
  last_seen: number | null;
}

interface Candidate extends Inbox {
  mode: ConnectionMode;
  status: ConnectionStatus;
}

/**
 * The inbox of a user's connection, or all of the user's inboxes when none is named.
 * @throws MahiloError CONNECTION_NOT_FOUND, NOT_POLLING, NO_CONNECTIONS
 */
export async function inboxesOf(
  db: Kysely<Schema>,
  userId: string,
  connectionId: string | undefined,
): Promise<readonly Inbox[]> {
  if (connectionId !== undefined) return [await inboxNamed(db, userId, connectionId)];
  const inboxes = (await connectionsOfUser(db, userId)).filter(isInbox);
  if (inboxes.length > 0) return inboxes;
  throw new MahiloError(
    'NO_CONNECTIONS',
    'You have no polling connection; connect an agent with mode "polling".',
  );
}

async function inboxNamed(db: Kysely<Schema>, userId: string, id: string): Promise<Inbox> {
  const [connection] = await ownConnection(db, id, userId);
  if (connection?.status !== 'active') {
    throw new MahiloError('CONNECTION_NOT_FOUND', 'connection_id is no active connection of yours.');
  }
  if (isInbox(connection)) return connection;
  throw new MahiloError(
    'NOT_POLLING',
    'Messages for this connection go to its callback URL; connect it again with mode "polling" to fetch them.',
  );
}

function isInbox({ mode, status }: Candidate): boolean {
  return mode === 'polling' && status === 'active';
}

/** Uses the primary key of lanes. */
const LAST_SEEN = '(select last_seen from lanes where connection_id = connections.id) as last_seen';

/** Whether a message waits, or a lease has expired. Uses outbox_pending and outbox_leased. */
const HAS_MAIL = `(
  exists (select 1 from outbox where connection_id = connections.id and state = 'pending')
  or exists (select 1 from outbox where connection_id = connections.id and state = 'leased' and lease_expires_at <= ?))`;

/** The user's inboxes that have something to fetch: one statement for any number of them. */
export const inboxesWithMail = statement<[userId: string, now: number], Inbox>(`
  select id, ${LAST_SEEN} from connections
  where user_id = ? and status <> 'deleted' and status = 'active' and mode = 'polling' and ${HAS_MAIL}`);

/** One of a user's inboxes, if it has something to fetch. */
export const inboxWithMail = statement<[id: string, userId: string, now: number], Inbox>(`
  select id, ${LAST_SEEN} from connections
  where id = ? and user_id = ? and status = 'active' and mode = 'polling' and ${HAS_MAIL}`);

/** Uses connections_by_name and the primary key of lanes. */
const connectionsOfUser = statement<[userId: string], Candidate>(`
  select id, mode, status, last_seen from connections left join lanes on lanes.connection_id = connections.id
  where user_id = ? and status <> 'deleted'`);

/** Uses the primary keys. */
const ownConnection = statement<[id: string, userId: string], Candidate>(`
  select id, mode, status, last_seen from connections left join lanes on lanes.connection_id = connections.id
  where id = ? and user_id = ? and status <> 'deleted'`);

/**
 * When the next lease of these inboxes ends (ms), so that its messages come again; undefined: none is leased.
 * @throws as {@link inboxesOf}
 */
export async function nextExpiry(
  db: Kysely<Schema>,
  userId: string,
  connectionId: string | undefined,
): Promise<number | undefined> {
  await inboxesOf(db, userId, connectionId);
  const [first] =
    connectionId === undefined ? await earliestExpiry(db, userId) : await firstExpiry(db, connectionId);
  return first?.expires_at ?? undefined;
}

const FIRST_EXPIRY =
  "select min(lease_expires_at) as expires_at from outbox where state = 'leased' and connection_id =";

interface Expiry {
  expires_at: number | null;
}

/** Uses outbox_leased. */
const firstExpiry = statement<[connectionId: string], Expiry>(`${FIRST_EXPIRY} ?`);

/** One statement for any number of inboxes. Uses connections_by_name and outbox_leased. */
const earliestExpiry = statement<[userId: string], Expiry>(`
  select min((${FIRST_EXPIRY} connections.id)) as expires_at from connections
  where user_id = ? and status <> 'deleted' and status = 'active' and mode = 'polling'`);

/** Records that agents fetch now (ms), and tells their owner of each that has never been here before. */
export async function markPolled(
  trx: Transaction<Schema>,
  userId: string,
  inboxes: readonly Inbox[],
  now: number,
): Promise<void> {
  for (const { id, last_seen } of inboxes) {
    // Another of its requests may have been the first one meanwhile.
    const firsts = last_seen === null ? await neverSeen(trx, id) : [];
    await appendEvents(
      trx,
      firsts.map((data) => ({ userId, type: 'agent_seen' as const, data: { ...data } })),
      now,
    );
  }
  await markSeen(
    trx,
    inboxes.map(({ id }) => id),
    now,
  );
}

/** Uses the primary keys. */
const neverSeen = statement<[id: string], { connection_id: string; framework: string; label: string }>(`
  select id as connection_id, framework, label from connections left join lanes on lanes.connection_id = connections.id
  where id = ? and last_seen is null`);

/** Records that agents were seen now (ms). */
export async function markSeen(
  trx: Transaction<Schema>,
  connectionIds: Iterable<string>,
  now: number,
): Promise<void> {
  for (const connectionId of connectionIds) await setLastSeen(trx, connectionId, now);
}

/** Uses the primary key. */
const setLastSeen = statement<[connectionId: string, now: number]>(`
  insert into lanes (connection_id, last_seen) values (?, ?)
  on conflict (connection_id) do update set last_seen = excluded.last_seen`);
