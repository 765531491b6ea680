import assert from 'node:assert/strict';
import { existsSync, globSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { TestDirectory } from '@mahilo/shared/test/directory';
import BetterSqlite3 from 'better-sqlite3';
import { eventually } from '../world/eventually.ts';
import { World } from '../world/world.ts';

const [LIBFAKETIME] = globSync('/usr/lib/*/faketime/libfaketime.so.1');
const IS_CI = process.env['CI'] === 'true';
/** Mended within 30 s; the rest is for a busy machine. */
const MENDED_WITHIN_MS = 60_000;

const clock = new TestDirectory();
const CLOCK_FILE = clock.file('clock');
after(() => clock[Symbol.dispose]());

/** Processes with a wall clock that can be set; the monotonic one stays right, as in a machine. */
function timedWorld(settings: Record<string, string> = {}): World {
  set('+0');
  return new World({
    LD_PRELOAD: LIBFAKETIME ?? '',
    FAKETIME_TIMESTAMP_FILE: CLOCK_FILE,
    FAKETIME_NO_CACHE: '1',
    DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
    ...settings,
  });
}

/** Sets the clock: `+40d`, `-1h` from the right time. */
function set(offset: string): void {
  writeFileSync(CLOCK_FILE, `${offset}\n`);
}

const skip = LIBFAKETIME === undefined || !existsSync(LIBFAKETIME) ? 'libfaketime is not installed' : false;
if (IS_CI) test('libfaketime is installed where CI runs', () => assert.equal(skip, false));

test('a clock that was 40 days ahead for a minute delays nothing for longer than half a minute', {
  skip,
}, async () => {
  await using world = timedWorld({
    RETRY_BASE_MS: '3600000',
    RETRY_FACTOR: '1',
    BREAKER_MAX_MS: '60000',
  });
  const agent = await world.startAgent();
  await world.startApi();
  set('+40d');
  const worker = await world.startWorker();
  const { ann, ben } = await world.twoFriends(agent);
  agent.behave = (_request, response) => response.writeHead(503).end();
  const retried = await ann.send(ben, 'To be retried');
  await agent.callback(1);
  let hanging = 0;
  agent.behave = () => void hanging++;
  const leased = await ann.send(ben, 'In the hands of a worker that dies');
  await eventually(() => hanging === 1);
  await worker.kill('SIGKILL');
  agent.behave = (_request, response) => response.writeHead(200).end();
  set('+0');
  await world.startWorker({ LEASE_MS: '2000' });
  for (const { message_id } of [retried, leased]) {
    await eventually(async () => {
      const { status } = await ann.ok('GET', `/messages/${message_id}`);
      return status === 'delivered';
    }, MENDED_WITHIN_MS);
  }
});

test('a clock that is set ahead under a running worker deletes nothing', { skip }, async () => {
  await using world = timedWorld();
  await world.startApi();
  const worker = await world.startWorker();
  const agent = await world.startAgent();
  const { ann, ben } = await world.twoFriends(agent);
  await ann.send(ben, 'Kept');
  await agent.callback(1);
  set('+400d');
  await worker.logged(/^The clock of this machine was set/);
  set('+0');
  await eventually(
    () => worker.log().filter(({ msg }) => /^The clock of this/.test(String(msg))).length === 2,
  );
  const sqlite = new BetterSqlite3(world.databaseFile, { readonly: true });
  assert.equal(sqlite.prepare('select count(*) from messages').pluck().get(), 1);
  sqlite.close();
});

test('waits end on time when the clock is set back an hour, and a rate limit is over after a minute', {
  skip,
}, async () => {
  await using world = timedWorld({ RATE_LIMIT: '20' });
  await world.startApi();
  const ann = await world.nobody.register('ann');
  await ann.connectPolling();
  const startedAt = performance.now();
  const poll = ann.ok('GET', '/inbox?wait=3');
  set('-1h');
  assert.deepEqual(await poll, []);
  const waited = performance.now() - startedAt;
  assert.ok(waited > 2500 && waited < 30_000, `${waited} ms`);
  await eventually(async () => (await ann.call('GET', '/auth/me')).status === 429);
  set('-2h');
  await eventually(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5000));
    return (await ann.call('GET', '/auth/me')).status === 200;
  }, 90_000);
});
