import { useQuery } from '@tanstack/preact-query';
import { api, type Contact, type Friend, type FriendLink, type FriendLinkMaker } from '../api.ts';
import { KEYS } from '../queries.ts';

/** Whom one has blocked. */
export const useBlocked = () =>
  useQuery({ queryKey: KEYS.blocked, queryFn: () => api<Friend[]>('GET', '/friends?status=blocked') });

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
