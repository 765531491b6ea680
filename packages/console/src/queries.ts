import { useQuery } from '@tanstack/preact-query';
import {
  type Agent,
  api,
  type Delivery,
  type Friend,
  type Group,
  type Key,
  type Limit,
  type Profile,
  page,
  type Review,
  type Session,
} from './api.ts';
import { addressOf } from './parts/filters.ts';

/** What the page asks for, by the names under which it is remembered. */
export const KEYS = {
  me: ['me'],
  agents: ['agents'],
  requests: ['requests'],
  friends: ['friends'],
  blocked: ['blocked'],
  links: ['links'],
  contacts: ['contacts'],
  groups: ['groups'],
  members: ['members'],
  policies: ['policies'],
  reviews: ['reviews'],
  refused: ['refused'],
  sessions: ['sessions'],
  keys: ['keys'],
  deliveries: ['deliveries'],
  threads: ['threads'],
  limits: ['limits'],
  operator: ['operator'],
} as const;

/** Who is signed in. */
export const useMe = () =>
  useQuery({
    queryKey: KEYS.me,
    queryFn: () => api<Profile>('GET', '/auth/me'),
    staleTime: Number.POSITIVE_INFINITY,
    // Whoever has just registered looks at a key that is shown once, and perhaps at another tab to keep it there.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

export const useAgents = () =>
  useQuery({ queryKey: KEYS.agents, queryFn: () => api<Agent[]>('GET', '/agents') });

/** The newest people to write to: where there are more (`next`), others are named. */
export const useFriends = () =>
  useQuery({ queryKey: KEYS.friends, queryFn: () => page<Friend>('/friends?limit=100') });

/** A page of the groups that one is a member of, or invited to. */
export const useGroups = (status: Group['status'], cursor?: string) =>
  useQuery({
    queryKey: [...KEYS.groups, status, cursor],
    queryFn: () => page<Group>(addressOf('/groups', { status, limit: '100', cursor })),
  });

const groupQuery = (id: string) => ({
  queryKey: [...KEYS.groups, id],
  queryFn: () => api<Group>('GET', `/groups/${encodeURIComponent(id)}`),
});

/** One group. */
export const useGroup = (id: string) => useQuery(groupQuery(id));

/** One of one's groups, once it is known: the newest ones come with one request for all of them. */
export function useMyGroup(id: string | undefined): Group | undefined {
  const newest = useGroups('active');
  const known = newest.data?.items.find(({ group_id }) => group_id === id);
  const isOlder = newest.data?.next !== undefined && known === undefined;
  const older = useQuery({ ...groupQuery(id ?? ''), enabled: id !== undefined && isOlder });
  return known ?? older.data;
}

/** A page of the messages that wait for a person to decide. */
export const useReviews = (cursor?: string) =>
  useQuery({
    queryKey: [...KEYS.reviews, 'list', cursor],
    queryFn: () =>
      page<Review, { reviews: Review[] }>(addressOf('/plugin/reviews', { cursor }), ({ reviews }) => reviews),
  });

export const useSessions = () =>
  useQuery({ queryKey: KEYS.sessions, queryFn: () => api<Session[]>('GET', '/auth/sessions') });

export const useKeys = () =>
  useQuery({ queryKey: KEYS.keys, queryFn: () => api<Key[]>('GET', '/auth/keys') });

/** How much of everything one has. It is looked at again with each visit. */
export const useLimits = () =>
  useQuery({ queryKey: KEYS.limits, queryFn: () => api<Limit[]>('GET', '/auth/limits') });

/** The latest deliveries to an agent. */
export const useDeliveriesTo = (agentId: string) =>
  useQuery({
    queryKey: [...KEYS.deliveries, agentId],
    queryFn: () =>
      api<Delivery[]>('GET', `/deliveries?limit=20&connection_id=${encodeURIComponent(agentId)}`),
  });
