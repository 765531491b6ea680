import type { ConnectionMode, Schema } from '@mahilo/shared/db/schema';
import { invalidField } from '@mahilo/shared/errors';
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
import type { RegisterAgent } from './schemas.ts';

/** Deliveries moved to another mode in one transaction, so that other writes need not wait long. */
const MOVE_BATCH = 500;

export interface Registration {
  connectionId: string;
  mode: ModeShown;
  created: boolean;
  /** Present when a new secret was created or asked for. */
  callbackSecret: string | undefined;
}

/**
 * Connects an agent, or updates the user's agent with the same framework and label: absent fields stay as they were,
 * and the connection is active again.
 * @throws MahiloError INVALID_REQUEST, INVALID_CALLBACK_URL, INVALID_CAPABILITIES, QUOTA_EXCEEDED, UNAUTHORIZED
 */
export async function registerAgent(
  deps: ApiDeps,
  caller: Caller,
  body: RegisterAgent,
): Promise<Registration> {
  if (body.framework === SUBSCRIPTION_FRAMEWORK) throw invalidField('framework', 'is kept for subscriptions');
  const mode = modeOf(body);
  const described = { mode, ...(await describedBy(deps, body, mode)) };
  checkSecret(body.callback_secret);
  checkHeaders(body.callback_headers);

  const { db, clock } = deps;
  const now = clock.now();
  let waiting = 0;
  const registration = await db.write(caller, async (trx) => {
    const existing = await findByName(trx, caller.id, body.framework, body.label);
    if (existing === undefined) return connect(deps, trx, caller, body, described, now);
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
    if (existing.mode !== mode) waiting = await moveWaiting(trx, existing.id, mode, MOVE_BATCH, now);
    await reviveLane(trx, existing.id, now, signOfLife(existing, described.callback_url));
    return {
      connectionId: existing.id,
      mode: modeShown({ ...existing, ...described }),
      created: false,
      callbackSecret: secret.shown,
    };
  });
  // If the process dies meanwhile, the rest comes when its lease expires or its retry is due.
  while (waiting === MOVE_BATCH) {
    waiting = await db.write('registry', async (trx) => {
      const count = await moveWaiting(trx, registration.connectionId, mode, MOVE_BATCH, now);
      // They took the lane's slots while they were moved.
      await reviveLane(trx, registration.connectionId, now, { seen: false, moved: false, restored: false });
      return count;
    });
  }
  return registration;
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
type Described = Awaited<ReturnType<typeof describedBy>> & Pick<ConnectionRow, 'mode'>;

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
): Promise<Registration> {
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
  return { connectionId: id, mode: modeShown(connection), created: true, callbackSecret: secret.shown };
}

/** Registering the same host again does not show that it works; one delivery does. */
function signOfLife(known: ConnectionRow, callbackUrl: string | null): SignOfLife {
  const moved = hostOf(known.callback_url) !== hostOf(callbackUrl);
  return { seen: false, moved, restored: known.status === 'suspended' };
}

function hostOf(url: string | null): string | undefined {
  return url === null ? undefined : new URL(url).host;
}
