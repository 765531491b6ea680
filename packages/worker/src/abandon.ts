import type { Schema } from '@mahilo/shared/db/schema';
import { wakeLanes } from '@mahilo/shared/outbox/lanes';
import { reportEnded, type SettledRow } from '@mahilo/shared/outbox/settle';
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
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
    const ids = await heldConnections(db.kysely, position);
    for (const id of ids) {
      ended += await inBatches(signal, async () => {
        if (!(await isOwedOld(db.kysely, id, before))) return 0;
        return db.write((trx) => endOf(trx, id, before, clock.now()));
      });
    }
    position = ids.at(-1) ?? position;
    if (ids.length < PAGE || signal.aborted) return ended;
  }
}

/** Connections whose agents poll, or that are suspended or held. Uses the primary key. */
async function heldConnections(db: Kysely<Schema>, position: string): Promise<string[]> {
  const rows = await db
    .selectFrom('connections')
    .select('id')
    .where('id', '>', position)
    .where('status', '<>', 'deleted')
    .where((or) =>
      or.or([or('status', '=', 'suspended'), or('mode', '=', 'polling'), or('held_at', 'is not', null)]),
    )
    .orderBy('id')
    .limit(PAGE)
    .execute();
  return rows.map((row) => row.id);
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
