import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadLettersOf } from '@mahilo/shared/outbox/dead-letters';
import { testDatabase } from '@mahilo/shared/test/database';
import { sqliteOnly } from '@mahilo/shared/test/dialect';
import { dear, plansOf } from '@mahilo/shared/test/plans';
import {
  destinationIds,
  findDestination,
  inspectAttempts,
  inspectDelivery,
  inspectLane,
  inspectMessage,
} from './queries.ts';

test(
  'looking at a long queue: everything is looked up by an index',
  sqliteOnly('the plans of SQLite'),
  async () => {
    await using here = await testDatabase();
    const id = await here.addConnection();
    const delivery = await here.sendOne(id);
    const plans = await plansOf(here.file, async (trx) => {
      await destinationIds(trx, ['pending', 'leased', 'failed'], 10);
      await findDestination(trx, id);
      await inspectDelivery(trx, delivery);
      await inspectMessage(trx, 'msg_1', 10);
      await inspectAttempts(trx, delivery, 10);
      await deadLettersOf(trx, id, 0).next();
      for (const look of Object.values(inspectLane)) await look(trx, id, 10);
    });
    // The newest attempts of one delivery, 10 of them, are turned round.
    const sorting = plans.filter((plan) => !plan.statement.includes('delivery_attempts'));
    assert.equal(sorting.length, plans.length - 1);
    for (const plan of sorting) assert.deepEqual(dear(plan), [], plan.statement);
  },
);

test('destinations are those with a delivery in one of the states, each once, up to a limit', async () => {
  await using here = await testDatabase();
  const [waiting, failed, both, settled] = await Promise.all(
    Array.from({ length: 4 }, () => here.addConnection()),
  );
  await here.sendMany(String(waiting), 3);
  const end = async (connectionId: string | undefined, state: 'failed' | 'delivered') => {
    const id = await here.sendOne(String(connectionId));
    const ended = { state, settled_at: here.clock.ms };
    await here.db.kysely.updateTable('outbox').set(ended).where('id', '=', id).execute();
  };
  await end(failed, 'failed');
  await end(both, 'failed');
  await here.sendOne(String(both));
  await end(settled, 'delivered');
  const ids = (states: Parameters<typeof destinationIds>[1], limit = 10) =>
    destinationIds(here.db.kysely, states, limit);
  assert.deepEqual(await ids(['pending', 'leased', 'failed']), [waiting, failed, both].sort());
  assert.deepEqual(await ids(['failed']), [failed, both].sort());
  assert.equal((await ids(['pending', 'failed'], 2)).length, 2);
});
