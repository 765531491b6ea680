import type { Profile } from '@mahilo/shared/accounts/users';
import { isoTime } from '@mahilo/shared/clock';
import type { Caller } from '../access/caller.ts';

/** A user as they see themselves. */
export function toMe({ session }: Caller, profile: Profile) {
  return {
    user_id: profile.id,
    username: profile.username,
    display_name: profile.display_name ?? undefined,
    created_at: isoTime(profile.created_at),
    ...(session?.isOperator && { operator: true as const }),
  };
}
