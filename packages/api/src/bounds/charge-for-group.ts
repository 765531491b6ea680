import { MahiloError } from '@mahilo/shared/errors';
import type { ApiDeps } from '../deps.ts';
import type { WindowCounters } from '../http/window-counters.ts';

/** Members that a message to a group reaches for the price of one request. */
const MEMBERS_PER_REQUEST = 50;

/**
 * Charges a message to a group: takes as many requests of the sender's minute as it costs, beside the one already
 * counted, but never more than a whole minute, so that it can always be sent.
 * @throws MahiloError RATE_LIMITED when fewer are left; then it takes nothing.
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
