import assert from 'node:assert/strict';
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { EXIT_CODE_CONFIG } from '@mahilo/shared/config/load';
import { at, endings, scene, startAgain } from '../database-gone/scene.ts';

test('a database that is replaced under running processes ends them all; the next start takes the new one', async () => {
  const { world, ann, ben, processes } = await scene();
  await using _world = world;
  const { databaseFile: file } = world;
  assert.equal((await world.admin(['backup', '--to', world.directory])).code, 0);
  const { stdout } = await world.admin(['backup', '--to', world.directory, '--json']);
  copyFileSync(JSON.parse(stdout).file, `${file}.new`);
  renameSync(`${file}.new`, file);
  await assert.rejects(ann.send(ben, 'Into the void'));
  assert.deepEqual(await endings(processes), [EXIT_CODE_CONFIG, EXIT_CODE_CONFIG]);
  for (const beside of ['-wal', '-shm']) rmSync(file + beside, { force: true });
  await using again = await startAgain(world);
  assert.equal((await at(again, ben).ok('GET', '/inbox')).length, 1);
});

for (const suffix of ['-wal', '-shm']) {
  test(`without its mahilo.db${suffix} every process ends, and what was accepted is there after the next start`, async () => {
    const { world, ann, ben, processes } = await scene();
    await using _world = world;
    const { databaseFile: file } = world;
    rmSync(file + suffix);
    const accepted = ['Before'];
    // 90 messages and the one before fit into one fetch.
    for (let n = 0; n < 90 && processes.every(({ child }) => child.exitCode === null); n += 1) {
      const text = `After it ${n}`;
      await ann.send(ben, text).then(
        () => accepted.push(text),
        () => undefined,
      );
    }
    assert.deepEqual(await endings(processes), [EXIT_CODE_CONFIG, EXIT_CODE_CONFIG]);
    assert.ok(
      processes.every((one) => one.log().some(({ msg }) => /was deleted or replaced/.test(String(msg)))),
    );
    await using again = await startAgain(world);
    const kept: { message: string }[] = await at(again, ben).ok('GET', '/inbox?limit=100');
    const texts = new Set(kept.map(({ message }) => message));
    assert.deepEqual(
      accepted.filter((text) => !texts.has(text)),
      [],
    );
    const sent: { message: string }[] = await at(again, ann).ok('GET', '/messages?limit=100');
    // One more may be there: accepted, but its answer was lost.
    assert.deepEqual(new Set(sent.map(({ message }) => message)), texts);
    assert.equal((await world.admin(['restore', file, '--check'])).code, 0, 'it is whole');
  });
}

test('a database whose whole directory is deleted is not begun anew', async () => {
  const { world, processes } = await scene();
  await using _world = world;
  rmSync(world.directory, { recursive: true });
  assert.deepEqual(await endings(processes), [EXIT_CODE_CONFIG, EXIT_CODE_CONFIG]);
  assert.equal(await world.spawn('api').ended, EXIT_CODE_CONFIG);
  assert.equal(existsSync(world.databaseFile), false);
});
