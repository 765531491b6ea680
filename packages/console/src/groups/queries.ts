import { useQuery } from '@tanstack/preact-query';
import { type Member, page } from '../api.ts';
import { addressOf } from '../parts/filters.ts';
import { KEYS } from '../queries.ts';

/** A page of those who are in a group, or invited to it. */
export const useMembers = (id: string, cursor: string | undefined) =>
  useQuery({
    queryKey: [...KEYS.members, id, cursor],
    queryFn: () =>
      page<Member>(addressOf(`/groups/${encodeURIComponent(id)}/members`, { limit: '100', cursor })),
  });
