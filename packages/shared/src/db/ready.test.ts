import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../../test/database.ts';
import { readinessOf } from './ready.ts';

test('a flood of questions whether it is ready costs one commit a second, and the answer does not grow old', async () => {
  await using here = await testDatabase();
  let commits = 0;
  using _counted = here.db.onCommit(() => {
    commits += 1;
  });
  let now = 0;
  const isReady = readinessOf(here.db, 0, { monotonicMs: () => now });
  const ask = (times: number) => Promise.all(Array.from({ length: times }, isReady));
  const asked = [...(await ask(50)), ...(await ask(50))];
  assert.deepEqual(new Set(asked), new Set([true]));
  assert.equal(commits, 1);
  now = 999;
  await ask(1);
  assert.equal(commits, 1);
  now = 1000;
  await ask(1);
  assert.equal(commits, 2);
  const refused = await here.store.refuseWrites(here.db);
  assert.deepEqual(await ask(1), [true], 'still believed');
  now = 2000;
  assert.deepEqual(await ask(3), [false, false, false]);
  await refused[Symbol.asyncDispose]();
  assert.deepEqual(await ask(1), [true], 'a no is not remembered');
});
