import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transaction } from 'kysely';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { onlyWithSqlite } from '../../test/dialect.ts';
import { fill } from '../../test/fill.ts';
import { LIMITS, leaseRequest, settlement } from '../../test/outbox.ts';
import { CAN_COUNT_READS, pageReads } from '../../test/page-reads.ts';
import type { Schema } from '../db/schema.ts';
import { enqueue } from './enqueue.ts';
import { refreshLanes, reviveLane } from './lanes.ts';
import { lease } from './lease.ts';
import { settleIfLeased } from './settle.ts';

onlyWithSqlite('counts the pages of the file that are read');

const FEW = 1000;
const MANY = 100_000;

/** What a worker and an API do with the lanes, one after the other. */
async function work(here: TestDatabase, dead: string, live: string, trx: Transaction<Schema>) {
  const message = here.message();
  await trx.insertInto('messages').values(message).execute();
  const delivery = {
    id: here.newId('dlv'),
    messageId: message.id,
    recipientId: here.recipient,
    connectionId: live,
  };
  await enqueue(trx, [delivery], here.clock.ms);
  const held = await lease(trx, leaseRequest(here));
  assert.equal(held.length, LIMITS.slots + 1);
  const settlements = held.map((taken) => settlement(here, taken, 'delivered'));
  await settleIfLeased(trx, settlements, here.clock.ms);
  await refreshLanes(trx, [dead, live], LIMITS, here.clock.ms);
}

async function readsWith(count: number, state: 'pending' | 'delivered'): Promise<number> {
  await using here = await testDatabase();
  const [dead, live] = [await here.addConnection(), await here.addConnection()];
  await fill(here, dead, state === 'pending' ? count : LIMITS.slots, 'pending');
  if (state === 'delivered') await fill(here, dead, count, 'delivered');
  await here.db.write((trx) =>
    reviveLane(trx, dead, here.clock.ms, { seen: true, moved: true, restored: false }),
  );
  return pageReads(here.file, (trx) => work(here, dead, live, trx));
}

for (const [state, title] of [
  [
    'pending',
    'a backlog of 100,000 deliveries for a dead agent costs a worker as many reads as one of 1,000',
  ],
  ['delivered', 'a history of 100,000 deliveries costs a worker as many reads as one of 1,000'],
] as const) {
  test(title, { skip: !CAN_COUNT_READS }, async () => {
    const [few, many] = [await readsWith(FEW, state), await readsWith(MANY, state)];
    assert.ok(few > 0);
    // A hundred times the rows make the trees of an index one level deeper.
    assert.ok(many <= 2 * few, `${few} pages were read with ${FEW} rows, ${many} with ${MANY}`);
  });
}
