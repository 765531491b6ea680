import { newCallbackSecret } from '@mahilo/shared/callback/sign';
import type { ConnectionMode } from '@mahilo/shared/db/schema';
import { invalidField, MahiloError } from '@mahilo/shared/errors';
import { reviveLane, type SignOfLife } from '@mahilo/shared/outbox/lanes';
import type { KeyRing } from '@mahilo/shared/sealing/key-ring';
import { seal, unsealWithRing } from '@mahilo/shared/sealing/seal';
import type { Caller } from '../access/caller.ts';
import { assertRoom } from '../bounds/quota.ts';
import type { ApiDeps } from '../deps.ts';
import { moveWaiting } from '../inbox/move-waiting.ts';
import { checkCallbackUrl } from './callback-url.ts';
import { parseCapabilities } from './capabilities.ts';
import { type ConnectionRow, findByName, insertConnection, updateConnection } from './connections.ts';
import type { RegisterAgent } from './schemas.ts';

/** After a rotation the old secret signs as well for so long (ms), so that the agent can change over. */
const PREVIOUS_SECRET_MS = 86_400_000;
const STANDARD_SECRET = /^whsec_(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Deliveries moved to another mode in one transaction, so that other writes need not wait long. */
const MOVE_BATCH = 500;

const CALLBACK_FIELDS = ['callback_url', 'public_key', 'public_key_alg'] as const;

export interface Registration {
  connectionId: string;
  mode: ConnectionMode;
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
  const mode = body.mode ?? 'callback';
  const callbackUrl = mode === 'callback' ? await checkedCallback(deps, body) : null;
  const described = {
    mode,
    callback_url: callbackUrl,
    ...(body.description !== undefined && { description: body.description }),
    ...(body.capabilities !== undefined && {
      capabilities_json: JSON.stringify(parseCapabilities(body.capabilities)),
    }),
    ...(body.routing_priority !== undefined && { routing_priority: body.routing_priority }),
    ...(body.public_key !== undefined && { public_key: body.public_key }),
    ...(body.public_key_alg !== undefined && { public_key_alg: body.public_key_alg }),
  };
  checkSecret(body.callback_secret);

  const { db, clock, random, newId, keys } = deps;
  const now = clock.now();
  let waiting = 0;
  const registration = await db.write(caller, async (trx) => {
    const existing = await findByName(trx, caller.id, body.framework, body.label);
    if (existing !== undefined) {
      const rotation = rotatedSecret(deps, existing, body, now);
      await updateConnection(trx, existing.id, {
        ...described,
        ...rotation?.columns,
        status: 'active',
        registration: existing.registration + 1,
        // The agent behind another URL has to answer a signed callback first.
        ...(existing.callback_url !== callbackUrl && { proven_at: null }),
      });
      if (existing.mode !== mode) waiting = await moveWaiting(trx, existing.id, mode, MOVE_BATCH, now);
      await reviveLane(trx, existing.id, now, signOfLife(existing, callbackUrl));
      const callbackSecret = body.rotate_secret ? rotation?.secret : undefined;
      return { connectionId: existing.id, mode, created: false, callbackSecret };
    }
    await assertRoom(deps, trx, 'agents_per_user', caller.id);
    const id = newId('conn');
    const secret = body.callback_secret ?? newCallbackSecret(random);
    await insertConnection(trx, {
      id,
      user_id: caller.id,
      framework: body.framework,
      label: body.label,
      description: null,
      capabilities_json: '[]',
      routing_priority: 0,
      callback_secret: seal(keys.current.sealing, secret, id, random),
      previous_secret: null,
      previous_secret_expires_at: null,
      public_key: null,
      public_key_alg: null,
      status: 'active',
      created_at: now,
      ...described,
    });
    return { connectionId: id, mode, created: true, callbackSecret: secret };
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

/** Registering the same host again does not show that it works; one delivery does. */
function signOfLife(known: ConnectionRow, callbackUrl: string | null): SignOfLife {
  const moved = hostOf(known.callback_url) !== hostOf(callbackUrl);
  return { seen: false, moved, restored: known.status === 'suspended' };
}

function hostOf(url: string | null): string | undefined {
  return url === null ? undefined : new URL(url).host;
}

async function checkedCallback(deps: ApiDeps, body: RegisterAgent): Promise<string> {
  const missing = CALLBACK_FIELDS.filter((field) => body[field] === undefined);
  if (missing.length > 0) {
    const message = 'is required in callback mode';
    const details = missing.map((path) => ({ path, message }));
    const sentence = details.map(({ path }) => `${path} ${message}`).join('; ');
    throw new MahiloError('INVALID_REQUEST', `${sentence}.`, { details });
  }
  return checkCallbackUrl(deps, body.callback_url ?? '');
}

function checkSecret(secret: string | undefined): void {
  if (secret?.startsWith('whsec_') && !STANDARD_SECRET.test(secret)) {
    throw invalidField('callback_secret', 'must be valid base64 after whsec_');
  }
}

/** The columns of a new secret that replaces the current one; undefined when the current one stays. */
function rotatedSecret({ keys, random }: ApiDeps, existing: ConnectionRow, body: RegisterAgent, now: number) {
  const present = presentSecret(keys, existing);
  const requested = body.callback_secret ?? (body.rotate_secret ? newCallbackSecret(random) : undefined);
  if (requested === undefined) return undefined;
  if (requested === present) return { secret: requested, columns: {} };
  return {
    secret: requested,
    columns: {
      callback_secret: seal(keys.current.sealing, requested, existing.id, random),
      // A secret that cannot be opened cannot sign.
      previous_secret: present === undefined ? null : existing.callback_secret,
      previous_secret_expires_at: now + PREVIOUS_SECRET_MS,
    },
  };
}

/** Undefined when there is none, or SECRET_KEY was lost: a new secret must still be able to replace it. */
function presentSecret(keys: KeyRing, { id, callback_secret }: ConnectionRow): string | undefined {
  try {
    return callback_secret ? unsealWithRing(keys, callback_secret, id).secret : undefined;
  } catch {
    return undefined;
  }
}
