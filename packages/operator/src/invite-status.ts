import type { InviteRow } from '@mahilo/shared/accounts/invites';

/** What an invitation may be at most. */
export const INVITE_BOUNDS = { days: 365, uses: 100, note: 200 } as const;

export const INVITE_STATES = ['open', 'used up', 'expired', 'revoked'] as const;

/** How an invitation is at a time (ms). */
export function statusOfInvite(
  { revoked_at, expires_at, used, uses }: InviteRow,
  now: number,
): (typeof INVITE_STATES)[number] {
  if (revoked_at !== null) return 'revoked';
  if (used >= uses) return 'used up';
  return expires_at <= now ? 'expired' : 'open';
}
