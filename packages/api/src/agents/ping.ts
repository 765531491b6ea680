import type { AttemptOutcome } from '@mahilo/shared/attempt-outcomes';
import { reviveLane } from '@mahilo/shared/outbox/lanes';
import type { Caller } from '../access/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { type ConnectionRow, unsuspendConnection } from './connections.ts';
import { assertNotHeld } from './refusals.ts';

const PING_TIMEOUT_MS = 5000;

/** Reasons why there was no answer. */
export const PING_ERRORS = [
  'timeout',
  'refused_address',
  'dns',
  'tls',
  'connection',
] as const satisfies readonly AttemptOutcome[];
type PingError = (typeof PING_ERRORS)[number];

export interface Pinged {
  success: boolean;
  latency_ms: number;
  status_code?: number;
  error?: PingError;
}

/**
 * Asks an agent for a sign of life, and records one. An agent that polls has no URL to ask: all is well with that, but
 * it is no sign of life.
 * @throws MahiloError CONNECTION_INACTIVE while the operator holds it, UNAUTHORIZED when the caller's key has died meanwhile.
 */
export async function pingAgent(deps: ApiDeps, caller: Caller, connection: ConnectionRow): Promise<Pinged> {
  const { id, callback_url: url } = connection;
  await deps.db.assertStillValid(caller);
  if (url === null) return { success: true, latency_ms: 0 };
  assertNotHeld(connection);
  const pinged = await askUrl(deps, url);
  await deps.db.assertStillValid(caller);
  if (pinged.success) await noteSignOfLife(deps, caller, id);
  return pinged;
}

/** Records that an agent has answered: it was seen, and a suspension ends. */
export async function noteSignOfLife({ db, clock }: ApiDeps, caller: Caller, id: string): Promise<void> {
  await db.write(caller, async (trx) => {
    const restored = await unsuspendConnection(trx, id);
    await reviveLane(trx, id, clock.now(), { seen: true, moved: false, restored });
  });
}

/**
 * Asks a callback URL, through the same guard as deliveries. A status below 500 is a sign of life: many agents do not
 * know HEAD. Reports failures in a few fixed words, so that they show nothing of the network behind.
 */
async function askUrl({ egress }: ApiDeps, url: string): Promise<Pinged> {
  const exchange = await egress.head({ url, timeoutMs: PING_TIMEOUT_MS });
  const latency_ms = exchange.durationMs;
  if (exchange.kind === 'response') {
    return { success: exchange.statusCode < 500, latency_ms, status_code: exchange.statusCode };
  }
  return {
    success: false,
    latency_ms,
    error: exchange.outcome === 'response' ? 'connection' : exchange.outcome,
  };
}
