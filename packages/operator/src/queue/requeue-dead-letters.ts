import { systemClock } from '@mahilo/shared/clock';
import type { Database } from '@mahilo/shared/db/database';
import type { Schema } from '@mahilo/shared/db/schema';
import { deadLettersOf } from '@mahilo/shared/outbox/dead-letters';
import { requeueSettled } from '@mahilo/shared/outbox/requeue';
import type { Transaction } from 'kysely';
import { count } from '../format.ts';
import { auditOperator } from '../operator-audit.ts';
import { answer, progress } from '../output.ts';
import { destinationIds, findDestination } from './queries.ts';

export interface RequeueRequest {
  /** Undefined: every connection. */
  connectionId: string | undefined;
  /** Messages accepted at this time (ms) or later. */
  since: number;
  isDryRun: boolean;
}

interface Requeued {
  requeued: number;
  agents: number;
  /** Connections whose dead letters stay, because nobody would take them. */
  skipped: { connection_id: string; reason: string }[];
}

/** @returns the exit code. @throws Error when there is no such connection. */
export async function requeueDeadLetters(
  db: Database,
  request: RequeueRequest,
  asJson: boolean,
): Promise<number> {
  const { connectionId } = request;
  const ids =
    connectionId === undefined
      ? await destinationIds(db.kysely, ['failed'], Number.POSITIVE_INFINITY)
      : [connectionId];
  const done: Requeued = { requeued: 0, agents: 0, skipped: [] };
  const say = progress();
  for (const id of ids) {
    const reason = await whyNot(db.kysely, id);
    if (reason !== undefined) {
      done.skipped.push({ connection_id: id, reason });
      continue;
    }
    let ofThis = 0;
    for await (const batch of deadLettersOf(db.kysely, id, request.since)) {
      ofThis += request.isDryRun ? batch.length : await db.write((trx) => requeue(trx, id, batch));
      say(() => `${done.requeued + ofThis} so far …`);
    }
    done.requeued += ofThis;
    if (ofThis > 0) done.agents += 1;
  }
  answer(asJson, { ...done, dry_run: request.isDryRun }, () => sentences(done, request.isDryRun));
  return 0;
}

async function requeue(
  trx: Transaction<Schema>,
  connectionId: string,
  batch: readonly string[],
): Promise<number> {
  const now = systemClock.now();
  const deliveries = await requeueSettled(trx, batch, now);
  if (deliveries > 0) await auditOperator(trx, 'queue.requeue', connectionId, now, { deliveries });
  return deliveries;
}

async function whyNot(db: Database['kysely'], id: string): Promise<string | undefined> {
  const destination = await findDestination(db, id);
  if (destination === undefined) throw new Error(`There is no connection ${id}.`);
  if (destination.status === 'deleted') return 'it was deleted';
  if (destination.status === 'inactive')
    return 'it is inactive: its agent answered 410, and has to register again';
  return undefined;
}

function sentences({ requeued, agents, skipped }: Requeued, isDryRun: boolean): string {
  const what = `${count(requeued, 'dead letter')} of ${count(agents, 'agent')}`;
  return [
    isDryRun ? `${what} would be requeued; nothing was changed.` : `${what} requeued: due now.`,
    ...skipped.map(({ connection_id, reason }) => `${connection_id} is left out: ${reason}.`),
  ].join('\n');
}
