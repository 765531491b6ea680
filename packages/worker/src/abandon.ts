import { setImmediate as turn } from 'node:timers/promises';
import type { Schema } from '@mahilo/shared/db/schema';
import { wakeLanes } from '@mahilo/shared/outbox/lanes';
import { reportEnded, type SettledRow } from '@mahilo/shared/outbox/settle';
import { type Kysely, type RawBuilder, type Selectable, sql, type Transaction } from 'kysely';
import type { WorkerDeps } from './deps.ts';
import { BATCH, inBatches } from './in-batches.ts';

/** Connections looked at in one statement. */
const PAGE = 500;

const ABANDONED =
  'Nobody has taken it in time: the agent does not poll, is suspended, or is held by the operator.';

/**
 * Makes dead letters of deliveries that polling, suspended and held agents should have taken before a time (ms) and did
 * not. Works in small batches, so that others can write in between.
 * @returns how many.
 */
export async function endAbandoned(
  { db, clock }: Pick<WorkerDeps, 'db' | 'clock'>,
  before: number,
  signal: AbortSignal,
): Promise<number> {
  let ended = 0;
  let position = '';
  for (;;) {
    const page = await connectionsBehind(db.kysely, position);
    for (const { id } of page.filter(isHeld)) {
      ended += await inBatches(signal, async () => {
        if (!(await isOwedOld(db.kysely, id, before))) return 0;
        return db.write((trx) => endOf(trx, id, before, clock.now()));
      });
    }
    position = page.at(-1)?.id ?? position;
    if (page.length < PAGE || signal.aborted) return ended;
    await turn();
  }
}

type Connection = Pick<Selectable<Schema['connections']>, 'id' | 'status' | 'mode' | 'held_at'>;

/** By id, also those that are not asked for: of deleted ones there may be very many in a row. Uses the primary key. */
function connectionsBehind(db: Kysely<Schema>, position: string): Promise<Connection[]> {
  return db
    .selectFrom('connections')
    .select(['id', 'status', 'mode', 'held_at'])
    .where('id', '>', position)
    .orderBy('id')
    .limit(PAGE)
    .execute();
}

/** Whether workers send nothing to it: its agent polls, is suspended, or is held by the operator. */
function isHeld({ status, mode, held_at }: Connection): boolean {
  return status !== 'deleted' && (status === 'suspended' || mode === 'polling' || held_at !== null);
}

/** Most owe nothing, and nobody has to wait for finding that out. */
async function isOwedOld(db: Kysely<Schema>, connectionId: string, before: number): Promise<boolean> {
  const { rows } = await owedSince(connectionId, before, 1).execute(db);
  return rows.length > 0;
}

/** Deliveries that wait, or were fetched and never acknowledged. Uses outbox_pending and outbox_leased. */
function owedSince(connectionId: string, before: number, limit: number): RawBuilder<{ id: string }> {
  return sql`
    select id from (
      select id, created_at from outbox
      where connection_id = ${connectionId} and state = 'pending' and bulk in (0, 1) and due_at < ${before}
      union all
      select id, created_at from outbox
      where connection_id = ${connectionId} and state = 'leased' and lease_expires_at < ${before}) as held
    where created_at < ${before} limit ${limit}`;
}

async function endOf(
  trx: Transaction<Schema>,
  connectionId: string,
  before: number,
  now: number,
): Promise<number> {
  const { rows } = await sql<SettledRow>`
    update outbox set state = 'failed', settled_at = ${now}, last_error = ${ABANDONED},
      lease_token = null, lease_owner = null, lease_expires_at = null
    where id in (${owedSince(connectionId, before, BATCH)})
    returning id, message_id, state, attempts
  `.execute(trx);
  if (rows.length === 0) return 0;
  await reportEnded(trx, rows, now);
  await wakeLanes(trx, new Set([connectionId]), now);
  return rows.length;
}
