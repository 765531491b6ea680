import { systemClock } from '@mahilo/shared/clock';
import type { Database } from '@mahilo/shared/db/open';
import { requeueSettled } from '@mahilo/shared/outbox/requeue';
import { count } from '../format.ts';
import { answer, progress } from '../output.ts';
import { type DeadLetter, deadLettersAfter, destinationIds, findDestination } from './queries.ts';

/** Dead letters requeued in one transaction: few enough that nobody notices the write lock. */
const BATCH = 200;

export interface Wanted {
  /** Undefined: every connection. */
  connectionId: string | undefined;
  /** Messages accepted at this time (ms) or later. */
  since: number;
  isDryRun: boolean;
}

interface Requeued {
  requeued: number;
  agents: number;
  /** Connections whose dead letters stay: nobody would take them. */
  skipped: { connection_id: string; reason: string }[];
}

/** @returns the exit code. @throws Error when there is no such connection. */
export async function requeueDeadLetters(db: Database, wanted: Wanted, asJson: boolean): Promise<number> {
  const { connectionId } = wanted;
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
    for await (const batch of deadLetters(db.kysely, id, wanted.since)) {
      ofThis += wanted.isDryRun
        ? batch.length
        : await db.write((trx) => requeueSettled(trx, batch, systemClock.now()));
      say(() => `${done.requeued + ofThis} so far …`);
    }
    done.requeued += ofThis;
    if (ofThis > 0) done.agents += 1;
  }
  answer(asJson, { ...done, dry_run: wanted.isDryRun }, () => sentences(done, wanted.isDryRun));
  return 0;
}

async function whyNot(db: Database['kysely'], id: string): Promise<string | undefined> {
  const destination = await findDestination(db, id);
  if (destination === undefined) throw new Error(`There is no connection ${id}.`);
  if (destination.status === 'deleted') return 'it was deleted';
  if (destination.status === 'inactive')
    return 'it is inactive: its agent answered 410, and has to register again';
  return undefined;
}

/**
 * Each dead letter that there is now, once. What fails again meanwhile keeps its place, which has been passed, so this
 * ends.
 */
async function* deadLetters(db: Database['kysely'], id: string, since: number): AsyncGenerator<string[]> {
  let last: DeadLetter = { id: '', created_at: 0 };
  for (;;) {
    const rows = await deadLettersAfter(db, id, since, last.created_at, last.id, BATCH);
    if (rows.length === 0) return;
    yield rows.map((row) => row.id);
    last = rows.at(-1) ?? last;
  }
}

function sentences({ requeued, agents, skipped }: Requeued, isDryRun: boolean): string {
  const what = `${count(requeued, 'dead letter')} of ${count(agents, 'agent')}`;
  return [
    isDryRun ? `${what} would be requeued; nothing was changed.` : `${what} requeued: due now.`,
    ...skipped.map(({ connection_id, reason }) => `${connection_id} is left out: ${reason}.`),
  ].join('\n');
}
