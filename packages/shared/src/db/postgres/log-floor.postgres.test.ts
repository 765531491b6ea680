import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../../../test/database.ts';
import type { Database } from '../database.ts';
import { openDatabase } from '../open.ts';

/** Appends an event as a process that has just started does. @returns its id. */
async function append(db: Database, userId: string): Promise<number> {
  const event = { user_id: userId, type: 'friend_request' as const, data_json: '{}', created_at: 0 };
  const { id } = await db.write((trx) =>
    trx.insertInto('events').values(event).returning('id').executeTakeFirstOrThrow(),
  );
  return id;
}

test('after a failover no event has an id that the server before may have given, and only then is there a gap', async () => {
  await using here = await testDatabase();
  const first = await append(here.db, here.sender);
  const restarted = await openDatabase(here.store.url);
  assert.equal(await append(restarted, here.sender), first + 1);
  await restarted.close();
  const startedAt = here.db.clock.now();
  await here.store.query("update log set timeline = '000000FF'");
  const promoted = await openDatabase(here.store.url);
  const raised = await append(promoted, here.sender);
  assert.ok(raised >= startedAt - 1000, `${raised} is above all that one server may have given`);
  assert.equal(await append(promoted, here.sender), raised + 1);
  await promoted.close();
});

test('also ids that are later than the time, as after a move, leave a gap', async () => {
  await using here = await testDatabase();
  await append(here.db, here.sender);
  const ahead = here.db.clock.now() + 1_000_000_000;
  await here.store.query("select setval(pg_get_serial_sequence('events', 'id'), $1)", ahead);
  // What the server before has given, and the replica that is promoted never had.
  const forgotten = ahead + 1000;
  await here.store.query("update log set timeline = '000000FF'");
  const promoted = await openDatabase(here.store.url);
  assert.ok((await append(promoted, here.sender)) > forgotten);
  await promoted.close();
});
