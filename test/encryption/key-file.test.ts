import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, promises, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Mahilo, type MahiloError } from '@mahilo/client';
import { TestDirectory } from '@mahilo/shared/test/directory';
import { ROOT } from '../world/compile-cache.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { MemoryKeys } from './keyed-people.ts';

const world = new InProcessWorld();
const directory = new TestDirectory();
before(() => world.startApi());
after(async () => {
  directory[Symbol.dispose]();
  await world[Symbol.asyncDispose]();
});

test('the file is its owner’s alone, holds the keys across restarts, and leaves nothing beside it', async () => {
  const ann = await world.newcomer('ann');
  const keys = directory.file('new/folder/ann.json');
  const options = { url: world.url, key: ann.apiKey ?? '', keys };
  const first = await new Mahilo(options).connect();
  const text = readFileSync(keys, 'utf8');
  assert.equal(statSync(keys).mode & 0o777, 0o600);
  assert.equal(statSync(join(keys, '..')).mode & 0o777, 0o700);
  assert.deepEqual(await new Mahilo(options).connect(), { ...first, updated: true });
  assert.equal(readFileSync(keys, 'utf8'), text);
  assert.deepEqual(readdirSync(join(keys, '..')), ['ann.json']);
  chmodSync(keys, 0o644);
  await new Mahilo(options).connect();
  assert.equal(statSync(keys).mode & 0o777, 0o600);
  const nowhere = new Mahilo({ ...options, keys: join(keys, 'inside-a-file') });
  await assert.rejects(nowhere.connect(), (error: MahiloError) => error.code === 'INVALID_KEYS');
});

test('several clients at the same time lose nothing of each other’s', async () => {
  const ben = await world.newcomer('ben');
  await connectAtOnce(ben.apiKey ?? '', directory.file('ben.json'));
});

test('a lock that a dead process left is taken away, and not that of who was faster', async (t) => {
  const cid = await world.newcomer('cid');
  const keys = directory.file('cid.json');
  const lock = `${keys}.lock`;
  const { pid } = spawnSync(process.execPath, ['--version']);
  const leftBehind = `${pid} ${hostname()} left behind`;
  writeFileSync(lock, leftBehind);
  // The second one comes while the first one has the file.
  const { unlink } = promises;
  let taken = 0;
  t.mock.method(promises, 'unlink', async (path: string) => {
    const isSecond = path === lock && taken++ > 0;
    for (let i = 0; isSecond && i < 1000 && !existsSync(lock); i++) await setImmediate();
    return unlink(path);
  });
  await connectAtOnce(cid.apiKey ?? '', keys);
  assert.deepEqual(
    readdirSync(join(keys, '..')).filter((name) => name.startsWith('cid')),
    ['cid.json'],
  );
});

async function connectAtOnce(key: string, keys: string): Promise<void> {
  const labels = Array.from({ length: 8 }, (_, i) => `agent-${i}`);
  const connections = await Promise.all(
    labels.map((label) => new Mahilo({ url: world.url, key, keys }).connect({ label })),
  );
  const { own } = JSON.parse(readFileSync(keys, 'utf8'));
  assert.deepEqual(
    own.map(({ connectionId }: { connectionId: string }) => connectionId).sort(),
    connections.map(({ connection_id }) => connection_id).sort(),
  );
}

test('keys that cannot be read are not replaced by new ones', async () => {
  const dora = await world.newcomer('dora');
  const broken = ['{"version":1', '{"version":2}', 'words'];
  for (const text of broken) {
    const keys = new MemoryKeys();
    keys.kept = text;
    const mahilo = new Mahilo({ url: world.url, key: dora.apiKey ?? '', keys });
    await assert.rejects(mahilo.connect(), (error: MahiloError) => error.code === 'INVALID_KEYS');
    assert.equal(keys.kept, text);
  }
});

test('a client that does not encrypt loads no jose', () => {
  const program = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    const { Mahilo } = await import('@mahilo/client');
    const mahilo = new Mahilo({ url: 'http://127.0.0.1:1', key: 'mhl_a_b', retries: 0 });
    await mahilo.send({ to: 'ben', message: 'x' }).catch(() => undefined);
    const before = loaded.filter((url) => /jose|encryption\\/encryption/.test(url)).length;
    const keyed = new Mahilo({ url: 'http://127.0.0.1:1', key: 'mhl_a_b', retries: 0, keys: { async update(change) { change(); } } });
    await keyed.send({ to: 'ben', message: 'x', encrypt: true }).catch(() => undefined);
    console.log(before, loaded.some((url) => /jose/.test(url)));
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  assert.equal(stdout, '0 true\n', stderr);
});
