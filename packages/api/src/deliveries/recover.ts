import type { Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import { deadLettersOf } from '@mahilo/shared/outbox/dead-letters';
import { requeueSettled } from '@mahilo/shared/outbox/requeue';
import type { Kysely, Transaction } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { type ConnectionRow, findOwn } from '../agents/connections.ts';
import type { ApiDeps } from '../deps.ts';
import { findBetween } from '../friends/friendships.ts';
import { findMembership } from '../groups/members.ts';
import { type DeliveryRow, findDelivery } from './deliveries.ts';

/**
 * Gives a settled delivery a fresh cycle of attempts, for either of its parties.
 * @throws MahiloError NOT_FOUND, CONNECTION_NOT_FOUND, CONNECTION_INACTIVE, NOT_FRIENDS, NOT_MEMBER, BLOCKED,
 *   DELIVERY_NOT_SETTLED
 */
export async function resendDelivery(deps: ApiDeps, caller: Caller, id: string): Promise<DeliveryRow> {
  const { db, clock } = deps;
  const userId = caller.id;
  return db.write(caller, async (trx) => {
    const delivery = await findDelivery(trx, userId, id);
    if (delivery === undefined) throw new MahiloError('NOT_FOUND', 'You have no delivery with this id.');
    const connection = await findOwn(trx, delivery.recipient_id, delivery.connection_id);
    if (connection === undefined) {
      throw new MahiloError(
        'CONNECTION_NOT_FOUND',
        'The connection that this delivery was for has been deleted.',
      );
    }
    if (delivery.recipient_id !== userId) await assertMayWrite(trx, userId, delivery);
    assertActive(connection);
    if ((await requeueSettled(trx, [id], clock.now())) === 0) {
      const isSettled = delivery.state === 'failed' || delivery.state === 'delivered';
      throw new MahiloError(
        'DELIVERY_NOT_SETTLED',
        isSettled
          ? 'Its message was erased: there is nothing to resend.'
          : `Only a failed or delivered one can be resent; it is ${delivery.state}.`,
      );
    }
    return delivery;
  });
}

/** To an inactive agent nothing can go out: what is requeued would only fail. */
function assertActive({ status }: ConnectionRow): void {
  if (status !== 'inactive') return;
  throw new MahiloError(
    'CONNECTION_INACTIVE',
    'The agent is inactive, because it answered 410 Gone; its owner has to register it first.',
  );
}

/** To bring a message again its sender needs the same right as to send it. */
async function assertMayWrite(
  trx: Transaction<Schema>,
  senderId: string,
  delivery: DeliveryRow,
): Promise<void> {
  const friendship = await findBetween(trx, senderId, delivery.recipient_id);
  if (delivery.recipient_type === 'user') {
    if (friendship?.status !== 'accepted') throw new MahiloError('NOT_FRIENDS', 'You are no longer friends.');
    return;
  }
  for (const userId of [senderId, delivery.recipient_id]) {
    const membership = await findMembership(trx, delivery.addressee_id, userId);
    if (membership?.status === 'active') continue;
    const who = userId === senderId ? 'You are' : `${delivery.recipient} is`;
    throw new MahiloError('NOT_MEMBER', `${who} no longer a member of the group.`);
  }
  if (friendship?.status === 'blocked') throw new MahiloError('BLOCKED', 'One of you has blocked the other.');
}

/** Requeues the dead letters of a user's connection. @returns how many. @throws MahiloError NOT_FOUND, CONNECTION_INACTIVE */
export async function recoverConnection(
  deps: ApiDeps,
  caller: Caller,
  connectionId: string,
  since: number,
): Promise<number> {
  const { db, clock } = deps;
  const assertOwn = async (queries: Kysely<Schema>) => {
    const connection = await findOwn(queries, caller.id, connectionId);
    if (connection === undefined) {
      throw new MahiloError('NOT_FOUND', 'You have no agent connection with this id.');
    }
    assertActive(connection);
  };
  await db.assertStillValid(caller);
  await assertOwn(db.kysely);
  let requeued = 0;
  for await (const batch of deadLettersOf(db.kysely, connectionId, since)) {
    requeued += await db.write(caller, async (trx) => {
      // If the connection was deleted meanwhile, its deliveries stay as they are: nobody would ever take them.
      await assertOwn(trx);
      return requeueSettled(trx, batch, clock.now());
    });
  }
  return requeued;
}
