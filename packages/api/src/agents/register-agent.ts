import type { ConnectionMode, Schema } from '@mahilo/shared/db/schema';
import { invalidField, MahiloError } from '@mahilo/shared/errors';
import { reviveLane, type SignOfLife } from '@mahilo/shared/outbox/lanes';
import type { Transaction } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { assertRoom } from '../bounds/quota.ts';
import type { ApiDeps } from '../deps.ts';
import { moveWaiting } from '../inbox/move-waiting.ts';
import { checkSecret, secretAfter } from './callback-secret.ts';
import { checkHeaders, shapeAfter } from './callback-shape.ts';
import { checkCallbackUrl } from './callback-url.ts';
import { parseCapabilities } from './capabilities.ts';
import {
  type ConnectionRow,
  findByName,
  insertConnection,
  type ModeShown,
  modeShown,
  SUBSCRIPTION_FRAMEWORK,
  updateConnection,
} from './connections.ts';
import { checkedPublicKeys, checkPublicKey, keyChange } from './public-keys.ts';
import type { RegisterAgent } from './schemas.ts';
import { beginTelling, countFriends, keyNews, tellRest } from './tell-key-change.ts';

/** Deliveries moved to another mode in one transaction, so that other writes need not wait long. */
const MOVE_BATCH = 500;

export interface Registration {
  connectionId: string;
  mode: ModeShown;
  created: boolean;
  /** Present when a new secret was created or asked for. */
  callbackSecret: string | undefined;
}

/** A registration, and what further transactions do so that none of them takes long. */
interface Registered extends Registration {
  /** Waiting deliveries that were moved to another mode. */
  moved: number;
}

/**
 * Connects an agent, or updates the user's agent with the same framework and label: absent fields stay as they were,
 * and the connection is active again. The user's friends are told when its public keys change.
 * @param charge takes what it costs to tell so many friends, or refuses it.
 * @throws MahiloError INVALID_REQUEST, INVALID_CALLBACK_URL, INVALID_CAPABILITIES, AGENT_EXISTS, QUOTA_EXCEEDED, RATE_LIMITED,
 *   UNAUTHORIZED
 */
export async function registerAgent(
  deps: ApiDeps,
  caller: Caller,
  body: RegisterAgent,
  charge: (friends: number) => void = () => undefined,
): Promise<Registration> {
  if (body.framework === SUBSCRIPTION_FRAMEWORK) throw invalidField('framework', 'is kept for subscriptions');
  const mode = modeOf(body);
  const described = { mode, ...(await describedBy(deps, body, mode)) };
  checkSecret(body.callback_secret);
  checkHeaders(body.callback_headers);
  checkPublicKey(body);
  const keys = checkedPublicKeys(body.public_keys);

  const now = deps.clock.now();
  const { registered, telling } = await deps.db.write(caller, async (trx) => {
    const existing = await findByName(trx, caller.id, body.framework, body.label);
    if (existing !== undefined && body.create_only) throw agentExists(body);
    const change = keyChange(existing, keys, now);
    const asked = { ...described, ...change?.columns };
    const registered =
      existing === undefined
        ? await connect(deps, trx, caller, body, asked, now)
        : await update(deps, trx, existing, body, asked, now);
    if (change === undefined) return { registered, telling: undefined };
    charge(await countFriends(trx, caller.id));
    const news = keyNews(caller, { ...body, id: registered.connectionId }, change);
    return { registered, telling: await beginTelling(trx, caller.id, news, now) };
  });
  await moveRest(deps, registered, now);
  await tellRest((work) => deps.db.write('registry', work), telling);
  return registered;
}

function agentExists({ framework, label }: RegisterAgent): MahiloError {
  const sentence = `You have an agent ${framework}/${label} already: give this one another name.`;
  return new MahiloError('AGENT_EXISTS', sentence);
}

async function update(
  deps: ApiDeps,
  trx: Transaction<Schema>,
  existing: ConnectionRow,
  body: RegisterAgent,
  described: Described,
  now: number,
): Promise<Registered> {
  const { mode } = described;
  const secret = secretAfter(deps, existing, mode, body, now);
  await updateConnection(trx, existing.id, {
    ...described,
    ...secret.columns,
    ...shapeAfter(deps, existing, described, body),
    status: 'active',
    registration: existing.registration + 1,
    // The agent behind another URL has to answer a signed callback first.
    ...(existing.callback_url !== described.callback_url && { proven_at: null }),
  });
  const moved = existing.mode === mode ? 0 : await moveWaiting(trx, existing.id, mode, MOVE_BATCH, now);
  await reviveLane(trx, existing.id, now, signOfLife(existing, described.callback_url));
  return {
    connectionId: existing.id,
    mode: modeShown({ ...existing, ...described }),
    created: false,
    callbackSecret: secret.shown,
    moved,
  };
}

/** If the process dies meanwhile, the rest comes when its lease expires or its retry is due. */
async function moveRest(
  { db }: ApiDeps,
  { connectionId, mode, moved }: Registered,
  now: number,
): Promise<void> {
  const to = mode === 'polling' ? 'polling' : 'callback';
  for (let last = moved; last === MOVE_BATCH; ) {
    last = await db.write('registry', async (trx) => {
      const count = await moveWaiting(trx, connectionId, to, MOVE_BATCH, now);
      // They took the lane's slots while they were moved.
      await reviveLane(trx, connectionId, now, { seen: false, moved: false, restored: false });
      return count;
    });
  }
}

/** Without a word, an agent with a URL takes callbacks, and one without polls. @throws MahiloError INVALID_REQUEST */
function modeOf({ mode, callback_url }: RegisterAgent): ConnectionMode {
  // Without a challenge and what to listen to there is none.
  if (mode === 'events')
    throw invalidField('mode', 'events is for subscriptions, which begin with events/subscribe at /mcp');
  if (mode === undefined) return callback_url === undefined ? 'polling' : 'callback';
  return mode === 'webhook' ? 'callback' : mode;
}

/** The columns that a request sets. */
type Described = Awaited<ReturnType<typeof describedBy>> &
  Pick<ConnectionRow, 'mode'> &
  Partial<Pick<ConnectionRow, 'public_keys_json' | 'public_keys_since'>>;

async function describedBy(deps: ApiDeps, body: RegisterAgent, mode: ConnectionMode) {
  return {
    ...(body.mode !== undefined && { mode_word: body.mode === 'webhook' ? body.mode : null }),
    callback_url: mode === 'callback' ? await checkedUrl(deps, body.callback_url) : null,
    ...(body.description !== undefined && { description: body.description }),
    ...(body.capabilities !== undefined && {
      capabilities_json: JSON.stringify(parseCapabilities(body.capabilities)),
    }),
    ...(body.routing_priority !== undefined && { routing_priority: body.routing_priority }),
    ...(body.public_key !== undefined && { public_key: body.public_key }),
    ...(body.public_key_alg !== undefined && { public_key_alg: body.public_key_alg }),
  };
}

async function checkedUrl(deps: ApiDeps, url: string | undefined): Promise<string> {
  if (url === undefined) throw invalidField('callback_url', 'is required in callback mode');
  return checkCallbackUrl(deps, url);
}

async function connect(
  deps: ApiDeps,
  trx: Transaction<Schema>,
  { id: userId }: Caller,
  body: RegisterAgent,
  described: Described,
  now: number,
): Promise<Registered> {
  await assertRoom(deps, trx, 'agents_per_user', userId);
  const id = deps.newId('conn');
  const secret = secretAfter(deps, { id }, described.mode, body, now);
  const connection = {
    id,
    user_id: userId,
    framework: body.framework,
    label: body.label,
    description: null,
    capabilities_json: '[]',
    routing_priority: 0,
    callback_secret: null,
    previous_secret: null,
    previous_secret_expires_at: null,
    public_key: null,
    public_key_alg: null,
    status: 'active' as const,
    created_at: now,
    mode_word: null,
    event_name: null,
    ...described,
    ...secret.columns,
    ...shapeAfter(deps, { id }, described, body),
  };
  await insertConnection(trx, connection);
  const mode = modeShown(connection);
  return { connectionId: id, mode, created: true, callbackSecret: secret.shown, moved: 0 };
}

/** Registering the same host again does not show that it works; one delivery does. */
function signOfLife(known: ConnectionRow, callbackUrl: string | null): SignOfLife {
  const moved = hostOf(known.callback_url) !== hostOf(callbackUrl);
  return { seen: false, moved, restored: known.status === 'suspended' };
}

function hostOf(url: string | null): string | undefined {
  return url === null ? undefined : new URL(url).host;
}
