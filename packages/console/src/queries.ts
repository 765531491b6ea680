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
  type Reviews,
  type Session,
} from './api.ts';

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

/** Friend requests that wait, in both directions. */
export const useRequests = () =>
  useQuery({ queryKey: KEYS.requests, queryFn: () => api<Friend[]>('GET', '/friends?status=pending') });

/** People to write to, and to be written to by. */
export const useFriends = () =>
  useQuery({ queryKey: KEYS.friends, queryFn: () => api<Friend[]>('GET', '/friends') });

export const useGroups = () =>
  useQuery({ queryKey: KEYS.groups, queryFn: () => api<Group[]>('GET', '/groups') });

/** Messages that wait for a person to decide. */
export const useReviews = () =>
  useQuery({ queryKey: KEYS.reviews, queryFn: () => api<Reviews>('GET', '/plugin/reviews') });

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
