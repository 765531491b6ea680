import { useQuery } from '@tanstack/preact-query';
import { api, type Policy, page } from '../api.ts';
import { ROLES } from '../friends/roles.ts';
import { addressOf } from '../parts/filters.ts';
import { KEYS, useMyGroup } from '../queries.ts';

/** A page of the policies that bind one's agents and have this scope. */
export const usePolicies = (scope: Policy['scope'], cursor: string | undefined) =>
  useQuery({
    queryKey: [...KEYS.policies, scope, cursor],
    queryFn: () => page<Policy>(addressOf('/policies', { scope, limit: '50', cursor })),
  });

export const usePolicy = (id: string) =>
  useQuery({
    queryKey: [...KEYS.policies, id],
    queryFn: () => api<Policy>('GET', `/policies/${encodeURIComponent(id)}`),
  });

/** What people call whom a policy is for. */
export function targetNameOf({ scope, target_id = '', target_name }: Policy): string {
  if (scope === 'global') return 'everybody';
  if (scope === 'role') return ROLES[target_id] ?? target_id;
  return target_name ?? target_id;
}

/** Whether one may change a policy: those of a group only its owner and its admins. */
export function useMayChange({ scope, target_id }: Policy): boolean {
  const group = useMyGroup(scope === 'group' ? target_id : undefined);
  return scope !== 'group' || (group !== undefined && group.role !== 'member');
}
