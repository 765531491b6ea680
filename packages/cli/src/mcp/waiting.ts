import type { components, Mahilo } from '@mahilo/client';

type Schemas = components['schemas'];

export type WaitingMessage = Schemas['MessageWithDeliveries'];

/** Deliveries in one look: more are for `mahilo inbox`. */
const MAX_LOOKED_AT = 100;

/** The deliveries that wait for polling agents of the caller, newest first. Takes none of them. @throws MahiloError */
export async function waitingDeliveries(mahilo: Mahilo, signal: AbortSignal): Promise<Schemas['Delivery'][]> {
  const query = { status: 'pending', limit: MAX_LOOKED_AT };
  const [{ username }, deliveries] = await Promise.all([
    mahilo.request('GET', '/auth/me', { signal }),
    mahilo.request('GET', '/deliveries', { query, signal }),
  ]);
  return deliveries.filter(({ recipient, held_by }) => recipient === username && held_by === 'polling');
}

/** The messages of deliveries, but those that were erased meanwhile. @throws MahiloError */
export async function messagesOf(
  mahilo: Mahilo,
  deliveries: readonly Pick<Schemas['Delivery'], 'message_id'>[],
  signal: AbortSignal,
): Promise<WaitingMessage[]> {
  const messages = await Promise.all(
    deliveries.map(({ message_id }) => mahilo.request('GET', `/messages/${message_id}`, { signal })),
  );
  return messages.filter(({ erased_at }) => erased_at === undefined);
}
