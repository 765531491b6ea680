import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSettings } from '@mahilo/shared/config/load';
import type { Schema } from '@mahilo/shared/db/schema';
import { type TestDatabase, testDatabase } from '@mahilo/shared/test/database';
import { onlyWithSqlite } from '@mahilo/shared/test/dialect';
import { fill } from '@mahilo/shared/test/fill';
import { CAN_COUNT_READS, pageReads } from '@mahilo/shared/test/page-reads';
import { dear, plansOf } from '@mahilo/shared/test/plans';
import type { Transaction } from 'kysely';
import { acknowledge } from '../src/inbox/acknowledge.ts';
import { fetchMessages, type InboxDeps } from '../src/inbox/fetch.ts';
import { nextExpiry } from '../src/inbox/inboxes.ts';
import { moveWaiting } from '../src/inbox/move-waiting.ts';
import { callerDouble } from './caller-double.ts';

onlyWithSqlite('the plans of SQLite, and the pages of the file that are read');

const FEW = 1000;
const MANY = 100_000;
const settings = loadSettings({ SECRET_KEY: 'a-secret-key-for-tests-that-is-long-enough' });

/** The inbox, working in this one transaction. */
function inTransaction(here: TestDatabase, trx: Transaction<Schema>): InboxDeps {
  const db: InboxDeps['db'] = { kysely: trx, write: (_by, work) => work(trx) };
  return { db, clock: here.clock, random: here.random, settings };
}

/** A polling connection; the recipient has two, of which the other is empty. */
async function inbox(here: TestDatabase): Promise<string> {
  const polling = { mode: 'polling', callback_url: null } as const;
  await here.addConnection(polling);
  return here.addConnection(polling);
}

const request = (here: TestDatabase, connectionId?: string) => ({
  caller: callerDouble(here.recipient),
  connectionId,
  limit: 50,
});

/** What agents and their owner do with an inbox, one after the other. */
async function use(here: TestDatabase, connectionId: string, trx: Transaction<Schema>): Promise<void> {
  const deps = inTransaction(here, trx);
  const named = await fetchMessages(deps, request(here, connectionId));
  const all = await fetchMessages(deps, request(here));
  assert.deepEqual([named.length, all.length], [50, 50]);
  await nextExpiry(trx, here.recipient, undefined);
  const ids = named.map(({ id }) => id);
  assert.equal(await acknowledge(deps, callerDouble(here.recipient), { deliveryIds: ids, receipts: [] }), 50);
  await moveWaiting(trx, connectionId, 'callback', 100, here.clock.ms);
  await moveWaiting(trx, connectionId, 'polling', 100, here.clock.ms);
}

test('fetching, acknowledging and moving look everything up by an index, however much there is', async () => {
  await using here = await testDatabase();
  const connectionId = await inbox(here);
  await fill(here, connectionId, FEW, 'pending');
  const plans = await plansOf(here.file, (trx) => use(here, connectionId, trx));
  assert.ok(plans.length > 10);
  for (const plan of plans) assert.deepEqual(dear(plan), [], plan.statement);
});

async function readsWith(count: number, state: 'pending' | 'delivered'): Promise<number> {
  await using here = await testDatabase();
  const connectionId = await inbox(here);
  await fill(here, connectionId, state === 'pending' ? count : FEW, 'pending');
  if (state === 'delivered') await fill(here, connectionId, count, 'delivered');
  return pageReads(here.file, (trx) => use(here, connectionId, trx));
}

for (const state of ['pending', 'delivered'] as const) {
  test(`an inbox of 100,000 ${state} messages costs as many reads as one of 1,000`, {
    skip: !CAN_COUNT_READS,
  }, async () => {
    const [few, many] = [await readsWith(FEW, state), await readsWith(MANY, state)];
    assert.ok(few > 0);
    // A hundred times the rows make the trees one or two levels deeper.
    assert.ok(many <= 3 * few, `${few} pages were read with ${FEW} rows, ${many} with ${MANY}`);
  });
}
