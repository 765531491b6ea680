import { useQuery } from '@tanstack/preact-query';
import { api, type Policy } from '../api.ts';
import { ROLES } from '../friends/roles.ts';
import { KEYS, useFriends, useGroups } from '../queries.ts';

export const usePolicies = () =>
  useQuery({ queryKey: KEYS.policies, queryFn: () => api<Policy[]>('GET', '/policies') });

/** What people call what policies are for: the registry names it by an id. */
export function useTargetNames(): (policy: Pick<Policy, 'scope' | 'target_id'>) => string {
  const [friends, groups] = [useFriends(), useGroups()];
  return ({ scope, target_id = '' }) => {
    if (scope === 'global') return 'everybody';
    if (scope === 'role') return ROLES[target_id] ?? target_id;
    if (scope === 'user')
      return friends.data?.find(({ user_id }) => user_id === target_id)?.username ?? target_id;
    return groups.data?.find(({ group_id }) => group_id === target_id)?.name ?? target_id;
  };
}

/** Whether one may change a policy: those of a group only its owner and its admins. */
export function useMayChange(): (policy: Pick<Policy, 'scope' | 'target_id'>) => boolean {
  const groups = useGroups();
  return ({ scope, target_id }) =>
    scope !== 'group' ||
    groups.data?.some((one) => one.group_id === target_id && one.role !== 'member') === true;
}
