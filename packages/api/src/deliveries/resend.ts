import type { Schema } from '@mahilo/shared/db/schema';
import { eachOf } from '@mahilo/shared/db/words/rows';
import { MahiloError } from '@mahilo/shared/errors';
import { requeueSettled } from '@mahilo/shared/outbox/requeue';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Caller } from '../access/caller.ts';
import type { SendQuota } from '../bounds/send-quota.ts';
import type { ApiDeps } from '../deps.ts';
import { walks } from '../http/walks.ts';
import { type DeliveryRow, findDelivery } from './deliveries.ts';
import type { DeliveryFilter } from './delivery-filter.ts';
import { listDeliveries } from './list-deliveries.ts';
import { refusalToResend } from './may-resend.ts';

/** Dead letters that one request sends again at most. */
const AT_ONCE = 1000;
/** Of them, those of one short transaction: each may be to another agent, which is looked up. */
const BATCH = 50;
/** Of them, those that a dry run looks up before others may run. */
const PIECE = 20;

/**
 * Gives a settled delivery a fresh cycle of attempts, for either of its parties.
 * @throws MahiloError NOT_FOUND, CONNECTION_NOT_FOUND, CONNECTION_INACTIVE, NOT_FRIENDS, NOT_MEMBER, BLOCKED,
 *   DELIVERY_NOT_SETTLED
 */
export async function resendDelivery(deps: ApiDeps, caller: Caller, id: string): Promise<DeliveryRow> {
  const { db, clock } = deps;
  return db.write(caller, async (trx) => {
    const delivery = await findDelivery(trx, caller.id, id);
    if (delivery === undefined) throw new MahiloError('NOT_FOUND', 'You have no delivery with this id.');
    const refusal = await refusalToResend(trx, caller.id, delivery);
    if (refusal !== undefined) throw refusal;
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

/** What a piece of the dead letters that match was, and what was done with it. */
export interface ResentPiece {
  matched: number;
  /** Of them, those that can go out again. */
  resendable: number;
  requeued: number;
  /** The delivery after which the next piece begins; undefined: this was the last one. */
  end: string | undefined;
}

/**
 * Gives the dead letters that match a fresh cycle of attempts, the newest first, in pieces that begin where the one before
 * ended: so what fails again meanwhile is not met twice. A dry run only counts.
 * @throws MahiloError QUOTA_EXCEEDED, before anything is done, when the caller would owe too much.
 */
export async function resendMatching(
  deps: ApiDeps & { quota: SendQuota },
  caller: Caller,
  filter: DeliveryFilter,
  after: string | undefined,
  isDryRun: boolean,
): Promise<ResentPiece> {
  const { db, clock } = deps;
  await db.assertStillValid(caller);
  const page = { limit: AT_ONCE, after };
  const dead: DeliveryFilter = { ...filter, states: ['failed'], hasText: true };
  const { rows, stoppedAt } = await listDeliveries(db.kysely, caller.id, dead, page);
  const piece = rows.slice(0, AT_ONCE);
  const end = rows.length > AT_ONCE ? piece.at(-1)?.id : stoppedAt;
  const matched = piece.length;
  if (isDryRun) {
    return { matched, resendable: await countResendable(db.kysely, caller.id, piece), requeued: 0, end };
  }
  await deps.quota.refresh(caller.id);
  deps.quota.takeAgain(caller.id, piece.filter(({ sender_id }) => sender_id === caller.id).length);
  let requeued = 0;
  for (let from = 0; from < matched; from += BATCH) {
    const batch = piece.slice(from, from + BATCH);
    requeued += await db.write(caller, async (trx) => {
      const ids = await stillFailed(trx, await resendableOf(trx, caller.id, batch));
      return requeueSettled(trx, ids, clock.now());
    });
  }
  return { matched, resendable: requeued, requeued, end };
}

function countResendable(db: Kysely<Schema>, userId: string, rows: readonly DeliveryRow[]): Promise<number> {
  return walks.walk(userId, async (nextPiece) => {
    let count = 0;
    for (let from = 0; from < rows.length; from += PIECE) {
      await nextPiece();
      count += (await resendableOf(db, userId, rows.slice(from, from + PIECE))).length;
    }
    return count;
  });
}

/** The ids of those that can go out again. Of many to the same agent, and on the same way, one is looked at. */
async function resendableOf(
  db: Kysely<Schema>,
  userId: string,
  rows: readonly DeliveryRow[],
): Promise<string[]> {
  const isRefused = new Map<string, boolean>();
  const ids: string[] = [];
  for (const row of rows) {
    const way = `${row.sender_id} ${row.connection_id} ${row.recipient_type} ${row.addressee_id}`;
    if (!isRefused.has(way)) isRefused.set(way, (await refusalToResend(db, userId, row)) !== undefined);
    if (isRefused.get(way) === false) ids.push(row.id);
  }
  return ids;
}

/** Meanwhile somebody may have resent some. Uses the primary key. */
async function stillFailed(trx: Transaction<Schema>, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await trx
    .selectFrom('outbox')
    .select('id')
    .where(sql<boolean>`id in (select value from ${eachOf(ids)})`)
    .where('state', '=', 'failed')
    .execute();
  return rows.map(({ id }) => id);
}
