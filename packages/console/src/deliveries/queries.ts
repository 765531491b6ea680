import { keepPreviousData, useQuery } from '@tanstack/preact-query';
import { api, type Delivery, type DeliveryAttempt, type MessageWithDeliveries, page } from '../api.ts';
import { addressOf } from '../parts/filters.ts';
import { KEYS } from '../queries.ts';
import { registryNow } from '../registry-clock.ts';

/** The filters of the list, as the address and the API name them. */
export const FILTERS = [
  'status',
  'direction',
  'with',
  'with_type',
  'connection_id',
  'outcome',
  'correlation_id',
  'since',
] as const;

export type DeliveryQuery = Partial<Record<(typeof FILTERS)[number] | 'cursor', string>>;

/** How far back (ms) the list goes, by the word in the address. */
const SPANS: Readonly<Record<string, number>> = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000 };

/** The filters as the API takes them: it knows points in time only. */
export function requestOf({ since, ...rest }: DeliveryQuery): DeliveryQuery {
  if (since === undefined) return rest;
  const span = SPANS[since];
  return { ...rest, since: span === undefined ? since : new Date(registryNow() - span).toISOString() };
}

/** A page of deliveries. What was there stays until the next is there. */
export const useDeliveries = (query: DeliveryQuery) =>
  useQuery({
    queryKey: [...KEYS.deliveries, 'list', query],
    queryFn: () => page<Delivery>(addressOf('/deliveries', requestOf(query))),
    placeholderData: keepPreviousData,
  });

export const useDelivery = (id: string) =>
  useQuery({
    queryKey: [...KEYS.deliveries, 'one', id],
    queryFn: () => api<Delivery>('GET', `/deliveries/${encodeURIComponent(id)}`),
  });

export const useAttempts = (id: string) =>
  useQuery({
    queryKey: [...KEYS.deliveries, 'attempts', id],
    queryFn: () => api<DeliveryAttempt[]>('GET', `/deliveries/${encodeURIComponent(id)}/attempts`),
  });

/** A message, and what has become of it. */
export const useMessage = (id: string) =>
  useQuery({
    queryKey: [...KEYS.deliveries, 'message', id],
    queryFn: () => api<MessageWithDeliveries>('GET', `/messages/${encodeURIComponent(id)}`),
  });
