import { newCallbackSecret } from '@mahilo/shared/callback/sign';
import type { ConnectionMode } from '@mahilo/shared/db/schema';
import { invalidField } from '@mahilo/shared/errors';
import type { KeyRing } from '@mahilo/shared/sealing/key-ring';
import { seal, unsealWithRing } from '@mahilo/shared/sealing/seal';
import type { ApiDeps } from '../deps.ts';
import type { ConnectionRow } from './connections.ts';
import type { RegisterAgent } from './schemas.ts';

/** After a rotation the old secret signs as well for so long (ms), so that the agent can change over. */
const PREVIOUS_SECRET_MS = 86_400_000;
const STANDARD_SECRET = /^whsec_(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Where nothing is signed there is nothing to keep. */
const NONE = { callback_secret: null, previous_secret: null, previous_secret_expires_at: null } as const;

/** @throws MahiloError INVALID_REQUEST when a secret only looks like one of Standard Webhooks. */
export function checkSecret(secret: string | undefined): void {
  if (secret?.startsWith('whsec_') && !STANDARD_SECRET.test(secret)) {
    throw invalidField('callback_secret', 'must be valid base64 after whsec_');
  }
}

/** What a registration does to the secret of a connection. */
export interface SecretChange {
  columns: Partial<Pick<ConnectionRow, 'callback_secret' | 'previous_secret' | 'previous_secret_expires_at'>>;
  /** What the answer shows, if anything. */
  shown: string | undefined;
}

/**
 * The secret that a connection has in this mode. A new one of callbacks, and one that polled until now, gets a fresh secret;
 * another keeps its own unless it asks for a change.
 */
export function secretAfter(
  { keys, random }: Pick<ApiDeps, 'keys' | 'random'>,
  connection: Pick<ConnectionRow, 'id'> & Partial<ConnectionRow>,
  mode: ConnectionMode,
  body: Pick<RegisterAgent, 'callback_secret' | 'rotate_secret'>,
  now: number,
): SecretChange {
  if (mode === 'polling') return { columns: NONE, shown: undefined };
  const isFresh = connection.mode !== 'callback';
  const isNew = isFresh || body.rotate_secret === true;
  const secret = body.callback_secret ?? (isNew ? newCallbackSecret(random) : undefined);
  if (secret === undefined) return { columns: {}, shown: undefined };
  const shown = isNew ? secret : undefined;
  const present = isFresh ? undefined : presentSecret(keys, connection);
  if (secret === present) return { columns: {}, shown };
  const columns = {
    callback_secret: seal(keys.current.sealing, secret, connection.id, random),
    // A secret that cannot be opened cannot sign.
    previous_secret: present === undefined ? null : (connection.callback_secret ?? null),
    previous_secret_expires_at: present === undefined ? null : now + PREVIOUS_SECRET_MS,
  };
  return { columns, shown };
}

/** Undefined when there is none, or SECRET_KEY was lost: a new secret must still be able to replace it. */
function presentSecret(
  keys: KeyRing,
  { id, callback_secret }: Pick<ConnectionRow, 'id'> & Partial<ConnectionRow>,
): string | undefined {
  try {
    return callback_secret ? unsealWithRing(keys, callback_secret, id).secret : undefined;
  } catch {
    return undefined;
  }
}
