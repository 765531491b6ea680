import assert from 'node:assert/strict';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Patience } from '@mahilo/operator/doctor/finding';
import { onlyWithSqlite } from '@mahilo/shared/test/dialect';
import { TestDirectory } from '@mahilo/shared/test/directory';
import { dnsServer } from '@mahilo/shared/test/egress/dns-server';
import BetterSqlite3 from 'better-sqlite3';
import { eventually } from '../world/eventually.ts';
import { freePort } from '../world/free-port.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import type { Environment } from '../world/process.ts';
import type { Surroundings } from '../world/surroundings.ts';
import { doctorWith, type Finding } from './doctor.ts';

onlyWithSqlite('what the doctor says of files');

const PAGE = 2048;

let dns: Awaited<ReturnType<typeof dnsServer>>;
/** Healthy, with everything running. A test that breaks something mends it. */
const healthy = new InProcessWorld();
before(async () => {
  dns = await dnsServer(() => ({ addresses: ['93.184.215.14'] }));
  await healthy.startApi();
  await healthy.startWorker();
  await healthy.twoFriends(await healthy.startAgent());
});
after(async () => {
  dns[Symbol.dispose]();
  await healthy[Symbol.asyncDispose]();
});

const { problems, assertOne } = doctorWith(() => dns.address);
const impatient = (patience: Partial<Patience>) => doctorWith(() => dns.address, patience);

/** Changes a database as an operator must not. */
function sql(world: Surroundings, text: string): void {
  const sqlite = new BetterSqlite3(world.databaseFile);
  sqlite.exec(text);
  sqlite.close();
}

test('a healthy registry has no problem, with everything running, and is told so check by check', async () => {
  assert.deepEqual(await problems(healthy), []);
  assert.deepEqual(await problems(healthy, {}, '--full'), []);
  const { stdout, code } = await healthy.admin(['doctor'], { DNS_SERVERS: dns.address });
  assert.equal(code, 0);
  for (const check of [
    'settings',
    'files',
    'disk',
    'database',
    'secret',
    'clock',
    'log',
    'dns',
    'workers',
    'queue',
    'bounds',
  ]) {
    assert.match(stdout, new RegExp(`^ok {7}${check} `, 'm'));
  }
  assert.match(stdout, /^note {5}settings {2}NODE_ENV is development: .*\n +→ Set NODE_ENV=production/m);
});

test('every mistake in the settings is found, and the rest is looked at all the same', async () => {
  const found = await problems(healthy, { PORT: 'http', RATE_LIMIT: '0', SECRET_KEY: 'hunter2' });
  assert.deepEqual(found.map((text) => /^settings: (\w+) /.exec(text)?.[1]).sort(), [
    'PORT',
    'RATE_LIMIT',
    'SECRET_KEY',
  ]);
  assert.doesNotMatch(found.join(), /hunter2/);
  await assertOne(/^settings: EGRESS_DENY /, healthy, { EGRESS_DENY: 'everything' });
  await assertOne(/^settings: TRUST_PROXY /, healthy, { TRUST_PROXY: 'everybody' });
  await assertOne(/^settings: DATABASE_URL is no URL of a PostgreSQL database/, healthy, {
    DATABASE_URL: 'postgres://db',
  });
});

test('a server that does not answer is found', async () => {
  await assertOne(/^database: The database .* cannot be used now: PostgreSQL cannot be reached/, healthy, {
    DATABASE_URL: 'postgres://127.0.0.1:1/mahilo',
  });
});

test('a SECRET_KEY that does not belong to the database is found, also when it is only half of the truth', async () => {
  await using world = await InProcessWorld.start();
  await world.twoFriends(await world.startAgent());
  const OTHER = 'another-secret-key-that-is-long-enough-too';
  await assertOne(/^secret: SECRET_KEY is not the one/, world, { SECRET_KEY: OTHER });
  await world.endAll();
  await world.admin(['secret', 'adopt'], { SECRET_KEY: OTHER });
  await world.startApi({ SECRET_KEY: OTHER });
  await world.startWorker({ SECRET_KEY: OTHER });
  await world.nobody.register('cid');
  await assertOne(/^secret: 2 API keys and 1 callback secrets are under another/, world, {
    SECRET_KEY: OTHER,
  });
});

test('a registry without a worker is found, and what it leaves undone', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  const { ann, ben } = await world.twoFriends(await world.startAgent());
  await assertOne(/^workers: No worker runs/, world);
  await ann.send(ben, 'Who brings this?');
  sql(world, 'update lanes set ready_at = ready_at - 3600000');
  const found = await problems(world);
  assert.equal(found.length, 2);
  assert.match(found[1] ?? '', /^queue: Something has been due for (60 min|1 h), and no worker/);
});

test('a worker that was killed a moment ago is waited for, and not counted', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  const beat = (ago: number) =>
    sql(world, `insert or replace into workers values ('wkr_killed', 0, ${Date.now() - ago})`);
  beat(7000);
  await impatient({ heartbeatMs: 200 }).assertOne(
    /^workers: No worker has been heard of for [\d.]+ s: nothing is delivered/,
    world,
  );
  beat(7000);
  const look = problems(world);
  setTimeout(() => beat(0), 500);
  assert.deepEqual(await look, [], 'it was only late');
});

test('a write lock that somebody keeps is found', async () => {
  const sqlite = new BetterSqlite3(healthy.databaseFile);
  sqlite.exec('begin immediate');
  const found = await impatient({ writeLockMs: 200 }).problems(healthy);
  sqlite.exec('rollback');
  sqlite.close();
  assert.match(found[0] ?? '', /^database: Something holds the write lock for more than 0.2 s/);
});

test('a clock that was set back is found', async () => {
  sql(healthy, `insert into workers values ('wkr_future', 0, ${Date.now() + 7_200_000})`);
  await assertOne(/^clock: It says .*, but the newest heartbeat is of 2 h later/, healthy);
  sql(healthy, "delete from workers where id = 'wkr_future'");
});

test('a clock that a worker has seen jump is found for an hour, and worth a note for a day', async () => {
  const file = `${healthy.databaseFile}-clock-set`;
  const set = (ago: number) => writeFileSync(file, `${new Date(Date.now() - ago).toISOString()} -3600000\n`);
  set(1_800_000);
  await assertOne(/^clock: It was set back by 1 h, 30 min ago\./, healthy);
  set(7_200_000);
  assert.deepEqual(await problems(healthy), []);
  const { stdout } = await healthy.admin(['doctor'], { DNS_SERVERS: dns.address });
  assert.match(stdout, /^note {5}clock {5}It was set back by 1 h, 2 h ago\.$/m);
  rmSync(file);
});

test('a damaged database, one of a newer version and one that is none are found', async () => {
  await using world = new InProcessWorld();
  const api = await world.startApi();
  await world.nobody.register('ann');
  await api.close();
  sql(world, "insert into kysely_migration values ('0999-future', '')");
  await assertOne(/^database: A newer version .* has written it/, world);
  sql(world, "delete from kysely_migration where name = '0999-future'");
  const bytes = readFileSync(world.databaseFile);
  bytes.fill(0xff, 3 * PAGE, 4 * PAGE);
  writeFileSync(world.databaseFile, bytes);
  assert.match((await problems(world)).join('\n'), /^database: .*(damaged|malformed|cannot be read)/m);
  writeFileSync(world.databaseFile, 'no database at all'.repeat(1000));
  assert.match((await problems(world)).join('\n'), /^database: .* cannot be read: .*not a database/m);
});

test('a database that was in use and is gone, and one of another application, are found', async () => {
  using directory = new TestDirectory();
  const file = directory.file('mahilo.db');
  const look = (world: Surroundings) => problems(world, { DATABASE_URL: file });
  writeFileSync(`${file}.missing`, 'gone');
  assert.match((await look(healthy)).join(), /^database: The database .* is gone, although it was in use/);
  const other = new BetterSqlite3(file);
  other.exec('create table kysely_migration (name text, timestamp text); create table theirs (a)');
  other.close();
  const before = readFileSync(file);
  assert.match((await look(healthy)).join('\n'), /^database: .* is the database of another application/m);
  assert.deepEqual(readFileSync(file), before);
});

test('lines of a log that were lost are found for a day', async () => {
  const file = `${healthy.databaseFile}-log-lost`;
  const lost = (ago: number) =>
    writeFileSync(file, `${new Date(Date.now() - ago).toISOString()} worker 12\n`);
  lost(7_200_000);
  await assertOne(/^log: The worker has lost 12 lines of its log, the last one 2 h ago/, healthy);
  lost(25 * 3_600_000);
  assert.deepEqual(await problems(healthy), []);
});

test('in production a TRUST_PROXY that is not the proxy on this host is noted', async () => {
  const notes = async (environment: Environment) => {
    const { json } = await healthy.admin(['doctor', '--json'], {
      DNS_SERVERS: dns.address,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      ...environment,
    });
    const { findings } = json as { findings: Finding[] };
    return findings.filter(({ finding }) => finding.includes('TRUST_PROXY')).map(({ finding }) => finding);
  };
  assert.match((await notes({})).join(), /not set: behind a reverse proxy all clients count as one/);
  assert.match((await notes({ TRUST_PROXY: '10.0.0.1' })).join(), /comes from 127\.0\.0\.1/);
  assert.deepEqual(await notes({ TRUST_PROXY: '10.0.0.1, 127.0.0.0/8' }), []);
});

test('backups that stopped being made are found', async () => {
  const file = `${healthy.databaseFile}-backed-up`;
  writeFileSync(file, new Date(Date.now() - 48 * 3_600_000).toISOString());
  await assertOne(/^backups: The last good one is 2 d old\./, healthy);
  await healthy.admin(['backup', '--to', join(healthy.directory, 'backups')]);
  assert.deepEqual(await problems(healthy), []);
});

test('a database that everybody may read, or others write, is found', async () => {
  chmodSync(healthy.directory, 0o755);
  chmodSync(healthy.databaseFile, 0o644);
  await assertOne(/^files: Everybody on this host may read /, healthy);
  chmodSync(healthy.databaseFile, 0o662);
  await assertOne(/^files: Others than its owner may write to /, healthy);
  chmodSync(healthy.directory, 0o750);
  assert.deepEqual(await problems(healthy), [], 'nobody gets as far as the file');
  chmodSync(healthy.databaseFile, 0o600);
  chmodSync(healthy.directory, 0o700);
});

test('name servers that do not answer are found', async () => {
  using silent = await dnsServer(() => 'silence');
  await impatient({ exchangeMs: 400 }).assertOne(/^dns: No DNS server answers/, healthy, {
    DNS_SERVERS: silent.address,
  });
});

test('dead letters are worth a note', async () => {
  await using world = await InProcessWorld.start({ MAX_RETRIES: '0' });
  const agent = await world.startAgent();
  agent.behave = (_request, response) => response.writeHead(500).end();
  const { ann, ben } = await world.twoFriends(agent);
  await ann.send(ben, 'This fails.');
  await eventually(async () => {
    const { stdout } = await world.admin(['doctor'], { DNS_SERVERS: dns.address });
    return /^note {5}queue {5}1 agent has dead letters\./m.test(stdout);
  });
});

test('users who are near a bound are named, with the setting', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  const ann = await world.nobody.register('ann');
  for (const label of ['a', 'b', 'c', 'd']) await ann.connectPolling(label);
  await ann.ok('POST', '/groups', { name: 'a' });
  const ben = await world.nobody.register('ben');
  await ann.befriend(ben);
  await ben.send(ann, 'x'.repeat(900));
  const { stdout } = await world.admin(['doctor'], {
    DNS_SERVERS: dns.address,
    AGENTS_PER_USER: '5',
    GROUPS_PER_USER: '1',
    STORED_BYTES_PER_USER: '1000',
    OWED_PER_USER: '1',
  });
  assert.match(stdout, /^note {5}bounds {4}1 user has 80 % or more of `AGENTS_PER_USER`: ann 4 of 5\.$/m);
  assert.match(stdout, /^note {5}bounds {4}1 user has 80 % or more of `GROUPS_PER_USER`: ann 1 of 1\.$/m);
  assert.match(stdout, /1 user has 80 % or more of `STORED_BYTES_PER_USER`: ben 900 of 1000\.$/m);
  assert.match(stdout, /1 user has 80 % or more of `OWED_PER_USER`: ben 1 of 1\.$/m);
});

test('what an API has only so much of in memory is told from 80 % on, where its metrics are', async () => {
  const METRICS_PORT = String(await freePort());
  await using world = new InProcessWorld({ MAX_STREAMS: '5', METRICS_PORT });
  const api = await world.startApi();
  const room = async () => {
    const { stdout } = await world.admin(['doctor'], { DNS_SERVERS: dns.address, METRICS_PORT });
    return stdout.split('\n').filter((line) => / bounds /.test(line));
  };
  assert.match((await room()).join('\n'), /^ok .*The API has room for connections, streams and bytes/m);
  const polls = Array.from({ length: 4 }, async (_, n) => {
    const person = await world.nobody.register(`person-${n}`);
    await person.connectPolling();
    return person.call('GET', '/inbox?wait=20').catch(() => undefined);
  });
  await eventually(async () =>
    /The API has 4 of 5 streams and polls: 80 % or more/.test((await room()).join()),
  );
  await api.close();
  await Promise.all(polls);
  assert.match((await room()).join('\n'), /does not answer, so nothing is known of connections/);
});

test('a registry that was never started is no problem, and none is made', async () => {
  await using world = new InProcessWorld();
  assert.deepEqual(await problems(world), []);
  await assertOne(/^files: The directory .* does not exist/, world, {
    DATABASE_URL: join(world.directory, 'no/where.db'),
  });
});
