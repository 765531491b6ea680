import { isLoopback } from '@mahilo/shared/egress/addresses';
import { MahiloError } from '@mahilo/shared/errors';
import type { FastifyRequest } from 'fastify';

/**
 * Refuses what a page of another site asks, which may run in the browser of somebody who can reach this registry and
 * its author cannot (MCP 2026-07-28, transports, security). Programs send no `Origin`.
 * @param publicUrl the registry's own origin; undefined: not known.
 * @throws MahiloError FORBIDDEN
 */
export function assertOrigin(
  { headers, host, client }: Pick<FastifyRequest, 'headers' | 'host' | 'client'>,
  publicUrl: string | undefined,
): void {
  const { origin } = headers;
  if (origin === undefined || origin === publicUrl) return;
  const isLocal = isLoopback(client.address) && isLoopbackUrl(`http://${host}`);
  if (isLocal && isLoopbackUrl(origin)) return;
  throw new MahiloError('FORBIDDEN', 'Pages of other origins cannot use this server.');
}

function isLoopbackUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname === 'localhost' || isLoopback(hostname.replace(/^\[|\]$/g, ''));
}
