import { systemClock } from '@mahilo/shared/clock';
import type { Database } from '@mahilo/shared/db/database';
import { count } from '../format.ts';
import { operatorActor } from '../operator-audit.ts';
import { answer, progress } from '../output.ts';
import { findDestination } from './queries.ts';
import { type DeadLetterFilter, type Requeued, requeueDeadLetters } from './requeue.ts';

/** Requeues, and prints what became of it. @returns the exit code. @throws Error when there is no such connection. */
export async function requeueAndTell(
  db: Database,
  filter: DeadLetterFilter,
  isDryRun: boolean,
  asJson: boolean,
): Promise<number> {
  const { connectionId } = filter;
  if (connectionId !== undefined && (await findDestination(db.kysely, connectionId, 1)) === undefined) {
    throw new Error(`There is no connection ${connectionId}.`);
  }
  const say = progress();
  const { end: _, ...done } = await requeueDeadLetters(db, filter, {
    isDryRun,
    atMost: Number.POSITIVE_INFINITY,
    lookAtMost: Number.POSITIVE_INFINITY,
    by: operatorActor(),
    now: () => systemClock.now(),
    between: (soFar) => say(() => `${soFar} so far …`),
  });
  answer(asJson, { ...done, dry_run: isDryRun }, () => sentences(done, isDryRun));
  return 0;
}

function sentences({ requeued, agents, skipped }: Omit<Requeued, 'end'>, isDryRun: boolean): string {
  const what = `${count(requeued, 'dead letter')} of ${count(agents, 'agent')}`;
  return [
    isDryRun ? `${what} would be requeued; nothing was changed.` : `${what} requeued: due now.`,
    ...skipped.map(({ connection_id, reason }) => `${connection_id} is left out: ${reason}.`),
  ].join('\n');
}
