import { isoTime } from '@mahilo/shared/clock';
import type { Schema } from '@mahilo/shared/db/schema';
import { newestEventId } from '@mahilo/shared/events/tail';
import { cancelAllDeliveries } from '@mahilo/shared/outbox/cancel';
import { reviveLane } from '@mahilo/shared/outbox/lanes';
import { endSubscriptions } from '@mahilo/shared/subscriptions/end';
import { oweEvents } from '@mahilo/shared/subscriptions/owe';
import { isWanted, type Subscription } from '@mahilo/shared/subscriptions/wanted';
import type { Transaction } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { secretAfter } from '../agents/callback-secret.ts';
import { checkCallbackUrl } from '../agents/callback-url.ts';
import {
  type ConnectionRow,
  findByName,
  insertConnection,
  SUBSCRIPTION_FRAMEWORK,
  updateConnection,
} from '../agents/connections.ts';
import { assertRoom } from '../bounds/quota.ts';
import type { ApiDeps } from '../deps.ts';
import type { EndpointVerifier } from './endpoint-verifier.ts';
import { SubscriptionRefusal } from './refusal.ts';
import { replayFor } from './replay.ts';
import { readSubscribe, readUnsubscribe, type SubscribeRequest, subscriptionId } from './request.ts';
import {
  doneUpTo,
  endedOf,
  findSubscription,
  insertSubscription,
  lapsedOf,
  prolong,
  provenWith,
  type SubscriptionRow,
  skipUnwanted,
} from './rows.ts';

const DAY_MS = 86_400_000;
/** How long a subscription lasts unless its client says otherwise, and at most and at least (ms). */
const DEFAULT_TTL_MS = DAY_MS;
const MAX_TTL_MS = 7 * DAY_MS;
const MIN_TTL_MS = 60_000;
/** So that tests of clients need not wait. */
const MIN_TTL_OUTSIDE_PRODUCTION_MS = 3000;

/** The answer to `events/subscribe`. */
export interface Subscribed {
  id: string;
  refreshBefore: string;
  cursor: string;
  truncated: boolean;
}

/** A subscription as a request describes it. */
interface Wish extends SubscribeRequest {
  id: string;
  expiresAt: number;
}

/** A live subscription. */
interface Known {
  connection: ConnectionRow;
  row: SubscriptionRow;
}

/**
 * Subscribes to events, or refreshes the subscription of the same event, arguments and URL (SEP-3415,
 * `events/subscribe`).
 * @param gone aborts when the client has gone.
 * @throws SubscriptionRefusal, MahiloError INVALID_CALLBACK_URL, QUOTA_EXCEEDED, UNAUTHORIZED, and mistakes in the form of
 *   Fastify's validation.
 */
export async function subscribe(
  deps: ApiDeps,
  verifier: EndpointVerifier,
  caller: Caller,
  params: unknown,
  gone: AbortSignal,
): Promise<Subscribed> {
  const { db, clock } = deps;
  const request = readSubscribe(caller, params);
  const url = await checkCallbackUrl(deps, request.url);
  const id = subscriptionId(caller, request, url);
  const proven = (await provenWith(db.kysely, caller.id, url)).length > 0;
  if (!proven) {
    // Who has no room for it shall not have strangers asked.
    await db.write(caller, (trx) => assertRoomFor(deps, trx, caller, clock.now()));
    await verifier.verify({ userId: caller.id, url, secret: request.secret, subscriptionId: id }, gone);
  }
  const { ended, answer } = await db.write(caller, async (trx) => {
    const now = clock.now();
    const wish: Wish = { ...request, url, id, expiresAt: expiryOf(deps, caller, request.ttlMs, now) };
    const known = await findLive(trx, caller.id, id, now);
    if (known !== undefined) return { ended: [], answer: await refresh(deps, trx, known, wish, now) };
    const ended = await endLapsed(trx, caller.id, id, now);
    await assertRoom(deps, trx, 'subscriptions_per_user', caller.id);
    return { ended, answer: await begin(deps, trx, caller, wish, now) };
  });
  await cancelAllDeliveries((work) => db.write('registry', work), ended, clock);
  return answer;
}

/**
 * Ends a subscription (SEP-3415, `events/unsubscribe`).
 * @throws as {@link subscribe}
 */
export async function unsubscribe({ db, clock }: ApiDeps, caller: Caller, params: unknown): Promise<void> {
  const asked = readUnsubscribe(caller, params);
  const href = URL.canParse(asked.url) ? new URL(asked.url).href : asked.url;
  const id = subscriptionId(caller, asked, href);
  const ended = await db.write(caller, async (trx) => {
    const known = await findLive(trx, caller.id, id, clock.now());
    if (known === undefined) {
      const message = 'You have no subscription to this event with these arguments and this URL.';
      throw new SubscriptionRefusal('notFound', message, { kind: 'subscription' });
    }
    await endSubscriptions(trx, [known.connection.id]);
    return known.connection.id;
  });
  await cancelAllDeliveries((work) => db.write('registry', work), [ended], clock);
}

/** Those that are over, and not yet deleted, take no room. */
async function assertRoomFor(
  deps: ApiDeps,
  trx: Transaction<Schema>,
  { id: userId }: Caller,
  now: number,
): Promise<void> {
  const lapsed = await lapsedOf(trx, userId, now);
  await assertRoom(deps, trx, 'subscriptions_per_user', userId, 1 - lapsed.length);
}

async function findLive(
  trx: Transaction<Schema>,
  userId: string,
  id: string,
  now: number,
): Promise<Known | undefined> {
  const connection = await findByName(trx, userId, SUBSCRIPTION_FRAMEWORK, id);
  // Its receiver wanted no more (410).
  if (connection === undefined || connection.status === 'inactive') return undefined;
  const [row] = await findSubscription(trx, connection.id);
  return row === undefined || row.expires_at <= now ? undefined : { connection, row };
}

/** Ends what is over, and one of the same id that is no longer live. @returns the connections. */
async function endLapsed(
  trx: Transaction<Schema>,
  userId: string,
  id: string,
  now: number,
): Promise<string[]> {
  const same = await findByName(trx, userId, SUBSCRIPTION_FRAMEWORK, id);
  const lapsed = (await lapsedOf(trx, userId, now)).map((row) => row.connection_id);
  const ended = [...new Set(same === undefined ? lapsed : [same.id, ...lapsed])];
  await endSubscriptions(trx, ended);
  return ended;
}

/** The client's cursor means nothing while the subscription lives: what it does not have is on its way. */
async function refresh(
  deps: ApiDeps,
  trx: Transaction<Schema>,
  { connection, row }: Known,
  { secret, expiresAt, id }: Wish,
  now: number,
): Promise<Subscribed> {
  const { columns } = secretAfter(deps, connection, 'callback', { callback_secret: secret }, now);
  const restored = connection.status === 'suspended';
  if (Object.keys(columns).length > 0 || restored) {
    await updateConnection(trx, connection.id, { ...columns, status: 'active' });
  }
  if (restored) await reviveLane(trx, connection.id, now, { seen: false, moved: false, restored });
  await prolong(trx, expiresAt, connection.id);
  const cursor = await doneUpTo(trx, row, await newestEventId(trx));
  return answerOf(id, expiresAt, cursor, row.has_gap === 1);
}

async function begin(
  deps: ApiDeps,
  trx: Transaction<Schema>,
  caller: Caller,
  wish: Wish,
  now: number,
): Promise<Subscribed> {
  const newest = await newestEventId(trx);
  await skipUnwanted(trx, newest);
  const connectionId = await connect(deps, trx, caller, wish, now);
  const argumentsJson = JSON.stringify(wish.arguments);
  const agentId = caller.connectionId;
  await insertSubscription(trx, connectionId, caller.id, argumentsJson, agentId, newest, wish.expiresAt);
  const { events, isTruncated } = await replayFor(trx, caller.id, wish, newest, now);
  const subscription: Subscription = {
    connection_id: connectionId,
    user_id: caller.id,
    event_name: wish.name,
    arguments_json: argumentsJson,
    agent_id: agentId,
    events_after: 0,
  };
  const wanted = events.filter((event) => isWanted(subscription, event));
  await oweEvents(
    trx,
    deps.newId,
    wanted.map((event) => ({ subscription, event })),
    now,
  );
  const cursor = await doneUpTo(trx, { ...subscription, events_after: newest }, newest);
  return answerOf(wish.id, wish.expiresAt, cursor, isTruncated);
}

/** The connection of a new subscription, in the row of one that ended if there is one. @returns its id. */
async function connect(
  deps: ApiDeps,
  trx: Transaction<Schema>,
  caller: Caller,
  { id: label, name, arguments: { from, group }, url, secret }: Wish,
  now: number,
): Promise<string> {
  const [ended] = await endedOf(trx, caller.id);
  const id = ended?.id ?? deps.newId('conn');
  const narrowed = [from && ` from ${from}`, group && ` in ${group}`].filter(Boolean).join('');
  const connection = {
    user_id: caller.id,
    framework: SUBSCRIPTION_FRAMEWORK,
    label,
    description: `${name}${narrowed}`,
    capabilities_json: '[]',
    routing_priority: 0,
    mode: 'callback',
    callback_url: url,
    callback_secret: null,
    previous_secret: null,
    previous_secret_expires_at: null,
    public_key: null,
    public_key_alg: null,
    status: 'active',
    proven_at: now,
    event_name: name,
    created_at: now,
    ...secretAfter(deps, { id }, 'callback', { callback_secret: secret }, now).columns,
  } as const;
  if (ended === undefined) {
    await insertConnection(trx, { id, ...connection });
    return id;
  }
  await updateConnection(trx, id, { ...connection, registration: ended.registration + 1 });
  await reviveLane(trx, id, now, { seen: false, moved: true, restored: true });
  return id;
}

/** No subscription outlives the key that it was made or refreshed with. */
function expiryOf(
  { settings }: Pick<ApiDeps, 'settings'>,
  { expiresAt }: Caller,
  asked: number | null | undefined,
  now: number,
): number {
  const least = settings.NODE_ENV === 'production' ? MIN_TTL_MS : MIN_TTL_OUTSIDE_PRODUCTION_MS;
  const ttlMs = asked === null ? MAX_TTL_MS : Math.min(MAX_TTL_MS, Math.max(least, asked ?? DEFAULT_TTL_MS));
  return Math.min(now + ttlMs, expiresAt ?? Number.POSITIVE_INFINITY);
}

function answerOf(id: string, expiresAt: number, cursor: number, truncated: boolean): Subscribed {
  return { id, refreshBefore: isoTime(expiresAt), cursor: String(cursor), truncated };
}
