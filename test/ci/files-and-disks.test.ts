import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, test } from 'node:test';
import { EXIT_CODE_CONFIG } from '@mahilo/shared/config/load';
import { TestDirectory } from '@mahilo/shared/test/directory';
import { dnsServer } from '@mahilo/shared/test/egress/dns-server';
import { SmallDisk } from '@mahilo/shared/test/small-disk';
import { doctorWith } from '../tools/doctor.ts';
import { ROOT } from '../world/compile-cache.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { World } from '../world/world.ts';

let dns: Awaited<ReturnType<typeof dnsServer>>;
before(async () => {
  dns = await dnsServer(() => ({ addresses: ['93.184.215.14'] }));
});
after(() => dns[Symbol.dispose]());
const { problems, assertOne } = doctorWith(() => dns.address);

test('a database that the user of the processes may not write is found', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root can become another user');
  await using healthy = new InProcessWorld();
  await healthy.startApi();
  chmodSync(healthy.directory, 0o755);
  chmodSync(healthy.databaseFile, 0o640);
  const NOBODY = 65_534;
  const run = spawnSync(process.execPath, ['scripts/admin.ts', 'doctor', '--json'], {
    uid: NOBODY,
    encoding: 'utf8',
    env: { SECRET_KEY: 'x'.repeat(32), DATABASE_URL: healthy.databaseFile, DNS_SERVERS: dns.address },
  });
  chmodSync(healthy.databaseFile, 0o600);
  chmodSync(healthy.directory, 0o700);
  if (run.stdout === '') return t.skip('that user may not read the sources here');
  assert.equal(run.status, 1);
  assert.match(run.stdout, /User 65534 may not write to .*mahilo\.db/);
});

test('a full disk, and a database that is gone with the next restart, are found', async (t) => {
  using disk = SmallDisk.mount(8192);
  if (disk === undefined) return t.skip('This machine lets us mount no small file system.');
  await using world = new InProcessWorld({ DATABASE_URL: disk.file('mahilo.db') });
  const api = await world.startApi();
  await api.close();
  const found = await problems(world, { NODE_ENV: 'production' });
  assert.match(found.join('\n'), /^files: .* is on tmpfs: it is gone with the next restart/m);
  assert.match(found.join('\n'), /^disk: Only \d.* are free, less than MIN_FREE_DISK/m);
});

test('a disk that takes no writes, and one that is full at the start, are told as what they are', async (t) => {
  using disk = SmallDisk.mount(1024);
  if (disk === undefined) return t.skip('This machine lets us mount no small file system.');
  const file = disk.file('mahilo.db');
  await using world = new World({ DATABASE_URL: file });
  disk.fill();
  const full = world.spawn('worker');
  assert.equal(await full.ended, 1, 'a supervisor tries again');
  assert.match(JSON.stringify(full.log()), /cannot be opened: database or disk is full\. Make room/);
  disk.free();
  writeFileSync(file, '');
  const { stdout } = await world.admin(['doctor'], { DNS_SERVERS: dns.address });
  assert.match(stdout, /^note {5}database {2}.*mahilo\.db is empty\.$/m);
  const worker = await world.startWorker();
  await worker.kill('SIGTERM');
  const remount = (mode: string) => spawnSync('mount', ['-o', `remount,${mode}`, dirname(file)]).status;
  assert.equal(remount('ro'), 0);
  assert.match((await problems(world)).join('\n'), /^files: The file system of .* is read-only\.$/m);
  const refused = world.spawn('worker');
  assert.equal(await refused.ended, 78);
  assert.match(refused.errors.join('\n'), /The file system of .* is read-only\. The disk may have failed/);
  assert.equal(remount('rw'), 0);
});

test('a backup that was copied over the database after a crash is found, and what to do', async () => {
  await using world = new World();
  const api = await world.startApi();
  const backup = await world.admin(['backup', '--to', world.directory, '--json']);
  await world.nobody.register('ann');
  await api.kill('SIGKILL');
  copyFileSync((backup.json as { file: string }).file, world.databaseFile);
  await assertOne(/^database: .* is another file than the one that .*-wal belongs to/, world);
  const refused = world.spawn('api');
  assert.equal(await refused.ended, 78);
  const restored = await world.admin(['restore', (backup.json as { file: string }).file]);
  assert.equal(restored.code, 0, restored.stderr);
  await world.startApi();
});

test('a directory without rights is told in one sentence that says what to do', (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root can become another user');
  using directory = new TestDirectory();
  chmodSync(directory.path, 0o755);
  const { status, stderr } = spawnSync(process.execPath, ['packages/worker/src/main.ts'], {
    cwd: ROOT,
    env: { SECRET_KEY: 'x'.repeat(32), DATABASE_URL: directory.file('data/mahilo.db') },
    uid: 65_534,
    encoding: 'utf8',
  });
  if (/EACCES|Cannot find|MODULE_NOT_FOUND/.test(stderr))
    return t.skip('that user may not read the sources here');
  assert.equal(status, EXIT_CODE_CONFIG);
  assert.match(
    stderr,
    /^Worker cannot start: The database .* cannot be opened: .*user 65534 may not write to .*chown[^\n]*\n$/,
  );
});
