import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { batched } from './batched.ts';

/** Adds several users at once, and keeps the calls. */
function adder(here: TestDatabase) {
  const calls: (readonly string[])[] = [];
  const add = batched<string, string>(here.db.write, async (trx, names) => {
    calls.push(names);
    const taken = names.filter((name) => name !== 'refused');
    await trx
      .insertInto('users')
      .values(taken.map((name) => ({ id: name, username: name, display_name: null, created_at: 0 })))
      .execute();
    return names.map((name) =>
      name === 'refused' ? { ok: false, error: new Error('refused') } : { ok: true, value: `added ${name}` },
    );
  });
  return { add, calls };
}

const settle = async (promises: Promise<string>[]) =>
  (await Promise.allSettled(promises)).map((one) =>
    one.status === 'fulfilled' ? one.value : String(one.reason).split('\n')[0],
  );

test('items that wait together are one call and one commit, and each has its own answer', async () => {
  await using here = await testDatabase();
  const { add, calls } = adder(here);
  const before = await here.store.commits();
  const answers = await settle(['new1', 'refused', 'new2'].map(add));
  assert.deepEqual(answers, ['added new1', 'Error: refused', 'added new2']);
  assert.deepEqual(calls, [['new1', 'refused', 'new2']]);
  assert.equal((await here.store.commits()) - before, 1);
});

test('more items than a call takes are several calls, and none is left behind', async () => {
  await using here = await testDatabase();
  const { add, calls } = adder(here);
  const names = Array.from({ length: 600 }, (_, n) => `new${n}`);
  assert.deepEqual(
    await settle(names.map(add)),
    names.map((name) => `added ${name}`),
  );
  assert.deepEqual(calls.flat(), names);
  assert.ok(calls.every((call) => call.length <= 256));
});

test('an item that makes the whole call fail fails alone', async () => {
  await using here = await testDatabase();
  const { add, calls } = adder(here);
  await add('taken');
  const answers = await settle(['new1', 'taken', 'new2'].map(add));
  assert.deepEqual([answers[0], answers[2]], ['added new1', 'added new2']);
  assert.match(String(answers[1]), /unique constraint/i);
  assert.deepEqual(calls.slice(1), [['new1', 'taken', 'new2'], ['new1'], ['taken'], ['new2']]);
});
