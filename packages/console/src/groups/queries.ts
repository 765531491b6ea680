import { useQuery } from '@tanstack/preact-query';
import { api, type Group, type Member } from '../api.ts';
import { KEYS } from '../queries.ts';

export const useGroup = (id: string) =>
  useQuery({
    queryKey: [...KEYS.groups, id],
    queryFn: () => api<Group>('GET', `/groups/${encodeURIComponent(id)}`),
  });

/** Who is in a group, or invited to it. */
export const useMembers = (id: string) =>
  useQuery({
    queryKey: [...KEYS.members, id],
    queryFn: () => api<Member[]>('GET', `/groups/${encodeURIComponent(id)}/members`),
  });
