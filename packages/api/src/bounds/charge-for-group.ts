import { MahiloError } from '@mahilo/shared/errors';
import type { ApiDeps } from '../deps.ts';
import { secondsLeft, type WindowCounters } from '../http/window-counters.ts';

/** Members that a message to a group reaches for the price of one request. */
const MEMBERS_PER_REQUEST = 50;

/**
 * Charges a message to a group: takes as many requests of the sender's minute as it costs, beside the one already
 * counted, but never more than a whole minute, so that it can always be sent.
 * @throws MahiloError RATE_LIMITED when fewer are left; then it takes nothing.
 */
export function chargeForGroup(
  userRequests: WindowCounters,
  deps: ChargeDeps,
  senderId: string,
  members: number,
): void {
  chargeRequests(userRequests, deps, senderId, requestsFor(members), `A message to ${members} members`);
}

/** How many requests it costs to reach so many members. */
export function requestsFor(members: number): number {
  return Math.ceil(members / MEMBERS_PER_REQUEST);
}

type ChargeDeps = Pick<ApiDeps, 'settings' | 'telemetry'>;

/** The same for something else that costs as much as so many requests; `what` begins the sentence of a refusal. */
export function chargeRequests(
  userRequests: WindowCounters,
  { settings, telemetry }: ChargeDeps,
  userId: string,
  requests: number,
  what: string,
): void {
  const cost = Math.min(requests, settings.RATE_LIMIT);
  if (cost <= 1) return;
  const { count, leftMs } = userRequests.read(userId);
  if (count + cost - 1 > settings.RATE_LIMIT) {
    telemetry.rateLimited('user');
    const retryAfterSeconds = secondsLeft(leftMs);
    throw new MahiloError(
      'RATE_LIMITED',
      `${what} takes ${cost} of ${settings.RATE_LIMIT} requests in a minute, and fewer are left; try again in ${retryAfterSeconds} s.`,
      { retryAfterSeconds },
    );
  }
  userRequests.add(userId, cost - 1);
}

/** For a charge within a transaction, which may be done again: it is taken once. */
export function chargedOnce<Charged extends readonly unknown[]>(
  charge: (...charged: Charged) => void,
): (...charged: Charged) => void {
  let isCharged = false;
  return (...charged) => {
    if (!isCharged) charge(...charged);
    isCharged = true;
  };
}
