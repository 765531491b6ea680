import type { AuditActor } from '@mahilo/shared/audit/append';
import { appendAudit } from '@mahilo/shared/audit/append';
import type { Schema } from '@mahilo/shared/db/schema';
import type { Work } from '@mahilo/shared/db/write';
import { type DeadLetter, deadLetterRowsOf } from '@mahilo/shared/outbox/dead-letters';
import { requeueSettled } from '@mahilo/shared/outbox/requeue';
import type { Kysely } from 'kysely';
import { type Destination, destinationIds, findDestination, hostOf } from './queries.ts';

/** Which dead letters. */
export interface DeadLetterFilter {
  /** Undefined: every connection. */
  connectionId?: string | undefined;
  /** Callbacks to this host; null: agents that fetch their messages; undefined: all. */
  host?: string | null | undefined;
  /** Those that failed with this sentence; undefined: all. */
  error?: string | undefined;
  /** Messages accepted at this time (ms) or later. */
  since: number;
}

export interface Requeued {
  requeued: number;
  agents: number;
  /** Connections whose dead letters stay, because nobody would take them. */
  skipped: { connection_id: string; reason: string }[];
  /** Whether it stopped at its bound, and there is more. */
  more: boolean;
}

interface RequeueOptions {
  /** Only counts. */
  isDryRun: boolean;
  /** Ends after so many, or when it has looked at so many. */
  atMost: number;
  lookAtMost: number;
  by: AuditActor;
  now(): number;
  between?(soFar: number): Promise<void> | void;
}

interface Access {
  kysely: Kysely<Schema>;
  write<T>(work: Work<T>): Promise<T>;
}

/** Gives dead letters a fresh cycle of attempts, in small batches, each with its line in the audit trail. */
export async function requeueDeadLetters(
  db: Access,
  filter: DeadLetterFilter,
  options: RequeueOptions,
): Promise<Requeued> {
  const { between = () => undefined } = options;
  const done: Progress = { requeued: 0, agents: 0, skipped: [], more: false, lookedAt: 0 };
  for (const id of await connectionsOf(db.kysely, filter, () => between(0))) {
    await between(done.requeued);
    const destination = await findDestination(db.kysely, id, 1);
    if (destination === undefined || !isAt(destination, filter)) continue;
    const reason = whyNot(destination);
    if (reason === undefined) await requeueOf(db, id, filter, options, done);
    else done.skipped.push({ connection_id: id, reason });
    done.more = isEnough(done, options);
    if (done.more) break;
  }
  const { lookedAt: _, ...requeued } = done;
  return requeued;
}

interface Progress extends Requeued {
  lookedAt: number;
}

function isEnough({ requeued, lookedAt }: Progress, { atMost, lookAtMost }: RequeueOptions): boolean {
  return requeued >= atMost || lookedAt >= lookAtMost;
}

/** Those of one connection; adds to `done`. */
async function requeueOf(
  db: Access,
  connectionId: string,
  filter: DeadLetterFilter,
  options: RequeueOptions,
  done: Progress,
): Promise<void> {
  const { isDryRun, atMost, between = () => undefined } = options;
  const before = done.requeued;
  for await (const rows of deadLetterRowsOf(db.kysely, connectionId, filter.since)) {
    const batch = rows.filter((row) => hasError(row, filter)).slice(0, atMost - done.requeued);
    done.lookedAt += rows.length;
    if (batch.length > 0) {
      done.requeued += isDryRun ? batch.length : await requeueBatch(db, connectionId, batch, options);
    }
    await between(done.requeued);
    if (isEnough(done, options)) break;
  }
  if (done.requeued > before) done.agents += 1;
}

async function connectionsOf(
  db: Kysely<Schema>,
  { connectionId }: DeadLetterFilter,
  between: () => Promise<void> | void,
): Promise<string[]> {
  return connectionId === undefined
    ? destinationIds(db, ['failed'], Number.POSITIVE_INFINITY, between)
    : [connectionId];
}

async function requeueBatch(
  db: Access,
  connectionId: string,
  batch: readonly DeadLetter[],
  { by, now }: RequeueOptions,
): Promise<number> {
  return db.write(async (trx) => {
    const ids = batch.map(({ id }) => id);
    const deliveries = await requeueSettled(trx, ids, now());
    if (deliveries > 0) {
      const entry = {
        actor: by,
        action: 'queue.requeue',
        subject: connectionId,
        details: { deliveries },
      } as const;
      await appendAudit(trx, entry, now());
    }
    return deliveries;
  });
}

function isAt(destination: Destination, { host }: DeadLetterFilter): boolean {
  return host === undefined || (hostOf(destination) ?? null) === host;
}

function hasError({ last_error }: DeadLetter, { error }: DeadLetterFilter): boolean {
  return error === undefined || (last_error ?? '') === error;
}

function whyNot({ status }: Destination): string | undefined {
  if (status === 'deleted') return 'it was deleted';
  if (status === 'inactive') return 'it is inactive: its agent answered 410, and has to register again';
  return undefined;
}
