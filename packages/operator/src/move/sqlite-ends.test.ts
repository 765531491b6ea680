import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { TestDirectory } from '@mahilo/shared/test/directory';
import { sqliteTarget } from './sqlite-ends.ts';

test('a file that somebody makes under the name of the target while a registry is moved is not replaced', async () => {
  using directory = new TestDirectory();
  const file = directory.file('new.db');
  await using target = await sqliteTarget(file);
  const filling = target.fill(0, async () => writeFileSync(file, 'of a process that was started too early'));
  await assert.rejects(filling, /There is a file .* already/);
  assert.equal(readFileSync(file, 'utf8'), 'of a process that was started too early');
});
