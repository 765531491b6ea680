import { isoTime } from '@mahilo/shared/clock';
import type { ListedGroup } from './groups.ts';

/** A group as a member or an invited person sees it. */
export function toGroup(row: ListedGroup) {
  return {
    group_id: row.id,
    id: row.id,
    name: row.name,
    // Until it is accepted, an invitation shows only a name.
    description: (row.status === 'active' ? row.description : null) ?? undefined,
    invite_only: row.invite_only === 1,
    role: row.role,
    status: row.status,
    member_count: row.member_count,
    created_at: isoTime(row.created_at),
  };
}
