import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../../test/database.ts';
import { appendEvents } from './append.ts';

test('events are numbered in the order in which they were committed, and never twice the same', async () => {
  await using here = await testDatabase();
  const append = (...names: string[]) =>
    here.db.write((trx) =>
      appendEvents(
        trx,
        names.map((name) => ({ userId: here.sender, type: 'friend_request', data: { name } })),
        here.clock.ms,
      ),
    );
  await append('a', 'b');
  await here.db.kysely.deleteFrom('events').execute();
  await append('c');
  await append();
  await append('d', 'e');
  const rows = await here.db.kysely.selectFrom('events').selectAll().orderBy('id').execute();
  assert.deepEqual(
    rows.map(({ data_json }) => JSON.parse(data_json).name),
    ['c', 'd', 'e'],
  );
  assert.ok(Number(rows[0]?.id) > 2, 'the number of an event that is gone is not used again');
});

test('an event is for one user, and what its data leaves out is left out', async () => {
  await using here = await testDatabase();
  const data = { message_id: 'msg_1', correlation_id: undefined, text: 'grüße "👋"' };
  const event = { userId: here.recipient, type: 'message_received', data } as const;
  await here.db.write((trx) => appendEvents(trx, [event], here.clock.ms));
  const { id, ...row } = await here.db.kysely.selectFrom('events').selectAll().executeTakeFirstOrThrow();
  assert.deepEqual(row, {
    user_id: here.recipient,
    type: 'message_received',
    data_json: '{"message_id":"msg_1","text":"grüße \\"👋\\""}',
    created_at: here.clock.ms,
  });
  assert.equal(id, 1);
});

test('an event of a change that was undone never happened', async () => {
  await using here = await testDatabase();
  const failing = here.db.write(async (trx) => {
    await appendEvents(trx, [{ userId: here.sender, type: 'friend_request', data: {} }], here.clock.ms);
    throw new Error('undone');
  });
  await assert.rejects(failing, { message: 'undone' });
  assert.deepEqual(await here.db.kysely.selectFrom('events').selectAll().execute(), []);
});

test('many events at once are numbered in the order in which they were given, each with its own data', async () => {
  await using here = await testDatabase();
  const events = Array.from({ length: 1000 }, (_, n) => ({
    userId: n % 2 ? here.sender : here.recipient,
    type: 'message_received' as const,
    data: { n, text: 'grüße "👋"', absent: undefined },
  }));
  await here.db.write((trx) => appendEvents(trx, events, here.clock.ms));
  const rows = await here.db.kysely.selectFrom('events').selectAll().orderBy('id').execute();
  assert.deepEqual(
    rows.map(({ user_id, data_json }) => [user_id, data_json]),
    events.map(({ userId, data }) => [userId, JSON.stringify(data)]),
  );
});
