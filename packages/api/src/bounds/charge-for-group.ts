import { MahiloError } from '@mahilo/shared/errors';
import type { ApiDeps } from '../deps.ts';
import type { WindowCounters } from '../http/window-counters.ts';

/** Members that a message to a group reaches for one request. */
const MEMBERS_PER_REQUEST = 50;

/**
 * Takes as many requests of the sender's minute as a message to a group of so many members costs, beside the one that was
 * counted when it came; but never more than a minute has, or it could never be sent.
 * @throws MahiloError RATE_LIMITED, and takes nothing, when fewer are left.
 */
export function chargeForGroup(
  userRequests: WindowCounters,
  { settings, telemetry }: Pick<ApiDeps, 'settings' | 'telemetry'>,
  senderId: string,
  members: number,
): void {
  const cost = Math.min(Math.ceil(members / MEMBERS_PER_REQUEST), settings.RATE_LIMIT);
  if (cost <= 1) return;
  const { count, leftMs } = userRequests.read(senderId);
  if (count + cost - 1 > settings.RATE_LIMIT) {
    telemetry.rateLimited('user');
    const retryAfterSeconds = Math.max(1, Math.ceil(leftMs / 1000));
    throw new MahiloError(
      'RATE_LIMITED',
      `A message to ${members} members takes ${cost} of ${settings.RATE_LIMIT} requests in a minute, and fewer are left; try again in ${retryAfterSeconds} s.`,
      { retryAfterSeconds },
    );
  }
  userRequests.add(senderId, cost - 1);
}
