import { isoTime } from '@mahilo/shared/clock';
import type { ListedFriend } from './friendships.ts';

/** A friendship as one of its two sees it. */
export function toFriend(row: ListedFriend, userId: string) {
  return {
    id: row.id,
    friendship_id: row.id,
    user_id: row.user_id,
    username: row.username,
    // A stranger must not be able to show somebody a text of their own.
    display_name: (row.status === 'accepted' ? row.display_name : null) ?? undefined,
    status: row.status,
    // Of blocks only the user's own are listed, whoever had asked before.
    direction:
      row.status === 'blocked' || row.requester_id === userId ? ('sent' as const) : ('received' as const),
    since: isoTime(row.since),
  };
}
