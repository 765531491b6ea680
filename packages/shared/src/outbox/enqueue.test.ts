import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../../test/database.ts';
import { sqliteOnly } from '../../test/dialect.ts';
import { leaseDue } from '../../test/outbox.ts';
import { enqueue } from './enqueue.ts';

test('a message owes one delivery to each connection, all due at once', async () => {
  await using here = await testDatabase();
  const connectionIds = [await here.addConnection(), await here.addConnection(), await here.addConnection()];
  const { messageId, deliveryIds } = await here.send(...connectionIds);
  const taken = await leaseDue(here);
  assert.deepEqual(
    taken.map(({ id, connection_id, message_id }) => [id, connection_id, message_id]).sort(),
    deliveryIds.map((id, n) => [id, connectionIds[n], messageId]).sort(),
  );
});

test('a delivery is owed as soon as its message is accepted, and not if it is not', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  const message = here.message();
  const delivery = {
    id: here.newId('dlv'),
    messageId: message.id,
    recipientId: here.recipient,
    connectionId,
  };
  const failing = here.db.write(async (trx) => {
    await trx.insertInto('messages').values(message).execute();
    await enqueue(trx, [delivery], here.clock.ms);
    throw new Error('refused at the last moment');
  });
  await assert.rejects(failing, { message: 'refused at the last moment' });
  assert.deepEqual(await leaseDue(here), []);
});

test('a message that owes nobody anything wakes nobody', async () => {
  await using here = await testDatabase();
  await here.send();
  assert.deepEqual(await here.db.kysely.selectFrom('lanes').selectAll().execute(), []);
});

test(
  'a delivery to a connection that does not exist is refused by the database',
  sqliteOnly('PostgreSQL keeps no foreign key from a delivery to its connection'),
  async () => {
    await using here = await testDatabase();
    await assert.rejects(here.send('conn_unknown'), { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' });
  },
);

test('a message to a group owes one delivery to each of many connections, and wakes their lanes', async () => {
  await using here = await testDatabase();
  const connectionIds = await Promise.all(Array.from({ length: 100 }, () => here.addConnection()));
  const message = here.message();
  const deliveries = connectionIds.map((connectionId) => ({
    id: here.newId('dlv'),
    messageId: message.id,
    recipientId: here.recipient,
    connectionId,
  }));
  const [paused] = connectionIds;
  await here.sendOne(String(paused));
  const later = here.clock.ms + 1000;
  const pause = { paused_until: later, ready_at: later };
  await here.db.kysely.updateTable('lanes').set(pause).execute();
  await here.db.write(async (trx) => {
    await trx.insertInto('messages').values(message).execute();
    await enqueue(trx, deliveries, here.clock.ms);
  });
  const taken = await leaseDue(here, { capacity: 1000 });
  assert.deepEqual(
    taken.map(({ id }) => id).sort(),
    deliveries.slice(1).map(({ id }) => id),
    'all but that of the lane that is paused',
  );
});
