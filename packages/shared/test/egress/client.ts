import { createEgressClient, type EgressClient, type Exchange } from '../../src/egress/client.ts';
import type { EgressSettings } from '../../src/egress/policy.ts';
import { policyWith } from './policy.ts';
import { RECEIVER_CERT } from './receiver.ts';

/** A client that closes with its scope. `trusting`: RECEIVER_CERT is a known authority. */
export function clientWith(
  settings: Partial<EgressSettings> = {},
  { timeoutMs = 5000, trusting = true } = {},
): EgressClient & Disposable {
  const client = createEgressClient({
    policy: policyWith(settings),
    timeoutMs,
    userAgent: 'Mahilo-Registry/test',
    ...(trusting ? { ca: RECEIVER_CERT } : {}),
  });
  return { ...client, [Symbol.dispose]: () => client.close() };
}

/** A POST of a small body. */
export function post(client: EgressClient, url: string, signal?: AbortSignal): Promise<Exchange> {
  return client.post({
    url,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from('{}'),
    signal,
  });
}

/** How an exchange ended, in one word and without what differs from run to run. */
export function ending(exchange: Exchange): string | number {
  if (exchange.kind === 'response') return exchange.statusCode;
  return exchange.fault === 'receiver' ? exchange.outcome : `${exchange.fault}: ${exchange.outcome}`;
}
