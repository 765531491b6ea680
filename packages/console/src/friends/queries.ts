import { useQuery } from '@tanstack/preact-query';
import { api, type Contact, type Friend, type FriendLink, type FriendLinkMaker, page } from '../api.ts';
import { addressOf } from '../parts/filters.ts';
import { KEYS } from '../queries.ts';

const KEY_OF: Readonly<Record<Friend['status'], readonly string[]>> = {
  accepted: KEYS.friends,
  pending: KEYS.requests,
  blocked: KEYS.blocked,
};

interface PeopleQuery {
  status: Friend['status'];
  direction?: Friend['direction'];
  /** Only this person. */
  with?: string | undefined;
  cursor?: string | undefined;
}

/** A page of one's friends, of requests that wait, or of those whom one has blocked. */
export const usePeople = (query: PeopleQuery) =>
  useQuery({
    queryKey: [...KEY_OF[query.status], query],
    queryFn: () => page<Friend>(addressOf('/friends', { ...query, limit: '50' })),
  });

/** Links of one's own that nobody has used yet. */
export const useFriendLinks = () =>
  useQuery({ queryKey: KEYS.links, queryFn: () => api<FriendLink[]>('GET', '/friends/links') });

/** The agents of a friend. */
export const useContacts = (username: string) =>
  useQuery({
    queryKey: [...KEYS.contacts, username],
    queryFn: () => api<Contact[]>('GET', `/contacts/${encodeURIComponent(username)}/connections`),
  });

/** Who made a link that somebody came with. */
export const useLinkMaker = (token: string) =>
  useQuery({
    queryKey: ['link-maker', token],
    queryFn: () => api<FriendLinkMaker>('GET', `/friends/links/${encodeURIComponent(token)}`),
  });
