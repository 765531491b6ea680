import type { Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import { deadLettersOf } from '@mahilo/shared/outbox/dead-letters';
import { requeueSettled } from '@mahilo/shared/outbox/requeue';
import type { Kysely } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { findOwn } from '../agents/connections.ts';
import type { ApiDeps } from '../deps.ts';
import { refusalOfInactive } from './may-resend.ts';

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
    const refusal = refusalOfInactive(connection);
    if (refusal !== undefined) throw refusal;
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
