import type { Schema } from '@mahilo/shared/db/schema';
import { eachOf } from '@mahilo/shared/db/words/rows';
import { deadLettersOf } from '@mahilo/shared/outbox/dead-letters';
import { requeueSettled } from '@mahilo/shared/outbox/requeue';
import { type Kysely, sql } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { findOwn } from '../agents/connections.ts';
import { noSuchAgent } from '../agents/refusals.ts';
import type { SendQuota } from '../bounds/send-quota.ts';
import type { ApiDeps } from '../deps.ts';
import { refusalOfInactive } from './may-resend.ts';

/**
 * Requeues the dead letters of a user's connection, in short transactions. @returns how many.
 * @throws MahiloError NOT_FOUND, CONNECTION_INACTIVE, QUOTA_EXCEEDED when the caller would owe too much: what was requeued
 *   before is, and the rest can be asked for again.
 */
export async function recoverConnection(
  deps: ApiDeps & { quota: SendQuota },
  caller: Caller,
  connectionId: string,
  since: number,
): Promise<number> {
  const { db, clock } = deps;
  const assertOwn = async (queries: Kysely<Schema>) => {
    const connection = await findOwn(queries, caller.id, connectionId);
    if (connection === undefined) throw noSuchAgent();
    const refusal = refusalOfInactive(connection);
    if (refusal !== undefined) throw refusal;
  };
  await db.assertStillValid(caller);
  await assertOwn(db.kysely);
  await deps.quota.refresh(caller.id);
  let requeued = 0;
  for await (const batch of deadLettersOf(db.kysely, connectionId, since)) {
    deps.quota.takeAgain(caller.id, await countSentBy(db.kysely, caller.id, batch));
    requeued += await db.write(caller, async (trx) => {
      // If the connection was deleted meanwhile, its deliveries stay as they are: nobody would ever take them.
      await assertOwn(trx);
      return requeueSettled(trx, batch, clock.now());
    });
  }
  return requeued;
}

/** How many of some deliveries are of messages of the user's own. Uses the primary keys. */
async function countSentBy(db: Kysely<Schema>, userId: string, ids: readonly string[]): Promise<number> {
  const { count } = await db
    .selectFrom('outbox')
    .innerJoin('messages', 'messages.id', 'outbox.message_id')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where(sql<boolean>`outbox.id in (select value from ${eachOf(ids)})`)
    .where('messages.sender_id', '=', userId)
    .executeTakeFirstOrThrow();
  return count;
}
