import type { AuditActor } from '@mahilo/shared/audit/append';
import { appendAudit } from '@mahilo/shared/audit/append';
import type { Schema } from '@mahilo/shared/db/schema';
import type { Work } from '@mahilo/shared/db/write';
import { type DeadLetter, type DeadLetterPlace, deadLetterRowsOf } from '@mahilo/shared/outbox/dead-letters';
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

/** How far it came: to a dead letter of a connection, or to the end of that. */
export interface Reached {
  connectionId: string;
  letter: DeadLetterPlace | undefined;
}

export interface Requeued {
  requeued: number;
  agents: number;
  /** Connections whose dead letters stay, because nobody would take them. */
  skipped: { connection_id: string; reason: string }[];
  /** Where it stopped at its bound; undefined: it came to the end. */
  end: Reached | undefined;
}

interface RequeueOptions {
  /** Only counts. */
  isDryRun: boolean;
  /** Goes on where an earlier one stopped: so it never meets what has failed again meanwhile. */
  after?: Reached | undefined;
  /** Ends after so many, or when it has looked at so many dead letters and connections. */
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
  const { between = () => undefined, after } = options;
  const done: Progress = { requeued: 0, agents: 0, skipped: [], end: undefined, lookedAt: 0 };
  for await (const id of connectionsOf(db.kysely, filter, after)) {
    await between(done.requeued);
    done.lookedAt += 1;
    const destination = await findDestination(db.kysely, id, 1);
    const isMeant = destination !== undefined && isAt(destination, filter);
    const reason = isMeant ? whyNot(destination) : undefined;
    if (reason !== undefined) done.skipped.push({ connection_id: id, reason });
    const letter = isMeant && reason === undefined && (await requeueOf(db, id, filter, options, done));
    done.end = isEnough(done, options) ? { connectionId: id, letter: letter || undefined } : undefined;
    if (done.end !== undefined) break;
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

/** Those of one connection; adds to `done`. @returns the one after which to go on; undefined: it was all of them. */
async function requeueOf(
  db: Access,
  connectionId: string,
  filter: DeadLetterFilter,
  options: RequeueOptions,
  done: Progress,
): Promise<DeadLetterPlace | undefined> {
  const { isDryRun, atMost, after, between = () => undefined } = options;
  const before = done.requeued;
  const from = after?.connectionId === connectionId ? after.letter : undefined;
  let last: DeadLetterPlace | undefined;
  for await (const rows of deadLetterRowsOf(db.kysely, connectionId, filter.since, from)) {
    const fitting = rows.filter((row) => hasError(row, filter));
    const batch = fitting.slice(0, atMost - done.requeued);
    done.lookedAt += rows.length;
    last = (batch.length < fitting.length ? batch : rows).at(-1);
    if (batch.length > 0) {
      done.requeued += isDryRun ? batch.length : await requeueBatch(db, connectionId, batch, options);
    }
    await between(done.requeued);
    if (isEnough(done, options)) break;
  }
  if (done.requeued > before) done.agents += 1;
  return last;
}

/** Those with dead letters, in the order of their ids, from where an earlier one stopped. */
async function* connectionsOf(
  db: Kysely<Schema>,
  { connectionId }: DeadLetterFilter,
  after: Reached | undefined,
): AsyncGenerator<string> {
  if (connectionId !== undefined) {
    yield connectionId;
    return;
  }
  if (after?.letter !== undefined) yield after.connectionId;
  for (let from = after?.connectionId; ; ) {
    const [next] = await destinationIds(db, ['failed'], 1, undefined, from);
    if (next === undefined) return;
    yield next;
    from = next;
  }
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
