import type { components } from '@mahilo/client';
import { useQuery } from '@tanstack/preact-query';
import { api, page } from '../api.ts';
import { addressOf } from '../parts/filters.ts';
import { KEYS } from '../queries.ts';

type Schemas = components['schemas'];
export type RegistryHealth = Schemas['RegistryHealth'];
export type Processes = Schemas['Processes'];
export type Queue = Schemas['Queue'];
export type QueueHost = Schemas['QueueHost'];
export type QueueAgent = Schemas['QueueAgent'];
export type DeadLetters = Schemas['DeadLetters'];
export type DeadLetterGroup = Schemas['DeadLetterGroup'];
export type RequeuedDeadLetters = Schemas['RequeuedDeadLetters'];
export type User = Schemas['User'];
export type UserDetails = Schemas['UserDetails'];
export type CreatedUser = Schemas['CreatedUser'];
export type SignInLink = Schemas['SignInLink'];
export type Invite = Schemas['Invite'];
export type CreatedInvite = Schemas['CreatedInvite'];
export type AuditLine = Schemas['AuditLine'];
export type Settings = Schemas['Settings'];
export type SecretState = Schemas['SecretState'];
export type Traffic = Schemas['Traffic'];

/** Nothing tells when these grow old: they are asked for when somebody looks, and again when somebody comes back to the tab. */
const useAdmin = <Answer>(path: string) =>
  useQuery({ queryKey: [...KEYS.operator, path], queryFn: () => api<Answer>('GET', `/admin${path}`) });

const useAdminPage = <Item>(path: string) =>
  useQuery({ queryKey: [...KEYS.operator, path], queryFn: () => page<Item>(`/admin${path}`) });

type Filter = Readonly<Record<string, string | undefined>>;

export const useHealth = () => useAdmin<RegistryHealth>('/health');
export const useProcesses = () => useAdmin<Processes>('/processes');
export const useQueue = (filter: Filter) => useAdmin<Queue>(addressOf('/queue', { limit: '100', ...filter }));
export const useDeadLetters = () => useAdmin<DeadLetters>('/dead-letters');
export const useUsers = (filter: Filter) => useAdminPage<User>(addressOf('/users', filter));
export const useUser = (id: string) => useAdmin<UserDetails>(`/users/${encodeURIComponent(id)}`);
export const useInvites = (filter: Filter) => useAdminPage<Invite>(addressOf('/invites', filter));
export const useAudit = (filter: Filter) => useAdminPage<AuditLine>(addressOf('/audit', filter));
export const useSettings = () => useAdmin<Settings>('/settings');
export const useSecret = () => useAdmin<SecretState>('/secret');
export const useTraffic = (filter: Filter) => useAdmin<Traffic>(addressOf('/stats', filter));
