import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { test } from 'node:test';
import { EXIT_CODE_CONFIG } from '@mahilo/shared/config/load';
import { missingNoteOf } from '@mahilo/shared/db/sqlite/placed-file';
import { onlyWithSqlite } from '@mahilo/shared/test/dialect';
import { at, endings, scene, startAgain } from './database-gone/scene.ts';

onlyWithSqlite('a file that is gone');

test('a database that is renamed under running processes ends them all, and comes back as it was', async () => {
  const { world, ann, ben, processes } = await scene();
  await using _world = world;
  const { databaseFile: file } = world;
  renameSync(file, `${file}.away`);
  // From now on the API must not acknowledge: nobody opens this file again.
  const answers = await Promise.allSettled([ann.send(ben, 'Into the void'), ann.send(ben, 'And again')]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.deepEqual(await endings(processes), [EXIT_CODE_CONFIG, EXIT_CODE_CONFIG]);
  for (const one of processes) {
    const [fatal] = one.log().filter(({ level }) => Number(level) >= 60);
    assert.match(String(fatal?.['msg']), /^The database .* was deleted, renamed or replaced/);
  }
  assert.match(readFileSync(missingNoteOf(file), 'utf8'), /Put it back.*\n.*empty registry/);

  const refused = world.spawn('worker');
  assert.equal(await refused.ended, EXIT_CODE_CONFIG);
  assert.match(refused.errors.join('\n'), /^Worker cannot start: The database .* is gone.*put it back/);
  assert.equal(existsSync(file), false, 'no empty registry was begun');
  assert.equal((await world.admin(['users', 'list'])).code, EXIT_CODE_CONFIG);

  renameSync(`${file}.away`, file);
  await using again = await startAgain(world);
  assert.equal(existsSync(missingNoteOf(file)), false);
  const inbox = await at(again, ben).ok('GET', '/inbox');
  assert.deepEqual(
    inbox.map(({ message }: { message: string }) => message),
    ['Before'],
  );
});
