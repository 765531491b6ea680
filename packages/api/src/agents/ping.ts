import type { AttemptOutcome } from '@mahilo/shared/attempt-outcomes';
import type { ApiDeps } from '../deps.ts';

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
 * Asks a callback URL for a sign of life, through the same guard as deliveries. A status below 500 is one: many
 * agents do not know HEAD. Reports failures in a few fixed words, so that they show nothing of the network behind.
 */
export async function pingAgent({ egress }: ApiDeps, url: string | null): Promise<Pinged> {
  // A polling agent has no URL to connect to.
  if (url === null) return { success: false, latency_ms: 0, error: 'connection' };
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
