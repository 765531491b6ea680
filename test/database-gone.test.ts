import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { EXIT_CODE_CONFIG } from '@mahilo/shared/config/load';
import { missingNoteOf } from '@mahilo/shared/db/placed-file';
import { Client } from './world/client.ts';
import { InProcessWorld } from './world/in-process-world.ts';
import { World } from './world/world.ts';

/** Longer than the five seconds in which every process must have noticed, for a busy machine. */
const PATIENCE_MS = 20_000;

/** An API, a worker, two friends, and a message that a polling agent has not fetched yet. */
async function scene() {
  const world = new World();
  const processes = [await world.startApi(), await world.startWorker()];
  const ann = await world.nobody.register('ann');
  const ben = await world.nobody.register('ben');
  await ben.connectPolling();
  await ann.befriend(ben);
  await ann.send(ben, 'Before');
  return { world, ann, ben, processes };
}

/** The next start of an API on the same directory, in this process. */
async function startAgain({ directory }: World): Promise<InProcessWorld> {
  const world = new InProcessWorld({}, { directory });
  await world.startApi();
  return world;
}

/** The same person at another API. */
const at = (world: InProcessWorld, { username, apiKey }: Client) =>
  new Client(() => world.url, username, apiKey);

async function endings(processes: Awaited<ReturnType<typeof scene>>['processes']) {
  return Promise.all(
    processes.map((one) =>
      Promise.race([
        one.ended,
        new Promise((resolve) => setTimeout(() => resolve('still running'), PATIENCE_MS).unref()),
      ]),
    ),
  );
}

test('a database that is renamed under running processes ends them all, and comes back as it was', async () => {
  const { world, ann, ben, processes } = await scene();
  await using _world = world;
  const { databaseFile: file } = world;
  renameSync(file, `${file}.away`);
  // No answer may acknowledge now: the message would be in a file that nobody opens again.
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
    // 90 and the one before fit into one fetch.
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
    // One more can stand there: accepted, when its answer was lost.
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
