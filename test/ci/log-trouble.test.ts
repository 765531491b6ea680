import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SmallDisk } from '@mahilo/shared/test/small-disk';
import { Api } from '../logs/api-with-log.ts';
import { eventually } from '../world/eventually.ts';

test('a log that cannot be written costs its lines and nothing else', async () => {
  const full = openSync('/dev/full', 'w');
  await using api = await Api.start(full);
  closeSync(full);
  await api.makeLines(50);
  assert.equal(await api.isHealthy(), true);
  await eventually(async () => (await api.linesLost()) >= 50);
  const { databaseFile } = api.world;
  await eventually(() => readFileSync(`${databaseFile}-log-lost`, 'utf8').includes(' api '));
  assert.equal(await api.stop(), 0);
});

test('a log that nobody reads holds neither the service nor the stop', async () => {
  await using api = await Api.start('pipe');
  // More than a pipe holds.
  await api.makeLines(500);
  assert.equal(await api.isHealthy(), true);
  assert.equal(await api.stop(), 0);
});

test('a disk that is full of log and database is answered with 503; it goes on when there is room, and stops', async (t) => {
  using disk = SmallDisk.mount(2048);
  if (disk === undefined) return t.skip('This machine lets us mount no small file system.');
  const logFile = disk.file('api.log');
  const log = openSync(logFile, 'a');
  await using api = await Api.start(log, { database: disk.file('mahilo.db') });
  closeSync(log);
  const register = (username: string) =>
    fetch(`${api.url}/api/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, display_name: 'x'.repeat(100) }),
    });
  assert.equal((await register('ann')).status, 201);
  disk.fill();
  let n = 0;
  await eventually(async () => {
    const { status } = await register(`user-${n++}`);
    assert.ok([201, 503].includes(status), String(status));
    return status === 503;
  });
  await eventually(async () => (await fetch(`${api.url}/ready`)).status === 503);
  await api.makeLines(50);
  assert.equal(await api.isHealthy(), true);
  const metrics = await (await fetch(api.metrics)).text();
  assert.match(metrics, /^mahilo_unavailable_total\{[^}]*reason="disk"[^}]*\} [1-9]/m);
  disk.free();
  await eventually(async () => (await register('ben')).status === 201);
  assert.equal((await fetch(`${api.url}/ready`)).status, 200);
  await eventually(() =>
    readFileSync(logFile, 'utf8').includes('Log lines before this one could not be written'),
  );
  assert.equal(await api.stop(), 0);
  const whole = readFileSync(logFile, 'utf8')
    .trimEnd()
    .split('\n')
    .filter((line) => line.endsWith('}'));
  for (const line of whole) assert.doesNotThrow(() => JSON.parse(line), line.slice(0, 200));
});

test('SIGHUP stops a process as SIGTERM does', async () => {
  await using api = await Api.start('pipe');
  assert.equal(await api.stop('SIGHUP'), 0);
});

for (const launcher of [['nohup'], ['sh', '-c', 'trap "" HUP; "$@"; exit $?', 'sh']]) {
  test(`SIGHUP is nothing to a process that was to outlive its terminal (${launcher[0]})`, async () => {
    await using api = await Api.start('pipe', { launcher });
    const { pid } = api.child;
    const child =
      launcher[0] === 'nohup' ? pid : Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
    process.kill(Number(child), 'SIGHUP');
    await api.makeLines(50);
    assert.equal(await api.isHealthy(), true);
    process.kill(Number(child), 'SIGTERM');
    assert.deepEqual(await once(api.child, 'exit'), [0, null]);
  });
}
