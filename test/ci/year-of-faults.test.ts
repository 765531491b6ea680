import assert from 'node:assert/strict';
import { chmodSync, chownSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { TestDirectory } from '@mahilo/shared/test/directory';
import { dnsServer } from '@mahilo/shared/test/egress/dns-server';
import { SmallDisk } from '@mahilo/shared/test/small-disk';
import { productionInstall } from '../installed/layouts.ts';
import { Traffic } from '../stack/traffic.ts';
import { AgentDouble } from '../world/agent-double.ts';
import { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import { freePort } from '../world/free-port.ts';
import { NOBODY, SupervisedRegistry } from '../year/supervised-registry.ts';

/**
 * The faults of a year in some minutes: a production install as an unprivileged user, with
 * messages on their way all the time. After each fault the API accepts them again; at the end all have arrived.
 */
const [LIBFAKETIME] = globSync('/usr/lib/*/faketime/libfaketime.so.1');
const MESSAGES = 20;
const SETTLED_WITHIN_MS = 120_000;
const SECRETS = ['first', 'second'].map((name) => `the-${name}-secret-key-of-the-year-of-faults`);

const skip =
  (process.getuid?.() !== 0 && 'Only root can start processes as another user.') ||
  (LIBFAKETIME === undefined && 'libfaketime is not installed.');

const place = new TestDirectory();
const CLOCK_FILE = place.file('clock');
let registry: SupervisedRegistry;
let disk: SmallDisk;
let logDisk: SmallDisk;
let dns: Awaited<ReturnType<typeof dnsServer>>;
let agent: AgentDouble;
let ben: Client;
let traffic: readonly Traffic[] = [];
const polled = new Map<string, number>();
const stopPolling = new AbortController();

before(async () => {
  if (skip) return;
  chmodSync(place.path, 0o755);
  const [data, logs] = [SmallDisk.mount(65_536), SmallDisk.mount(32_768)];
  if (data === undefined || logs === undefined)
    throw new Error('This machine lets us mount no small file system.');
  [disk, logDisk] = [data, logs];
  for (const own of [disk, logDisk]) {
    chownSync(own.file(''), NOBODY, NOBODY);
    chmodSync(own.file(''), 0o700);
  }
  mkdirSync(place.file('mahilo'));
  setClock('+0');
  dns = await dnsServer(() => ({ addresses: ['93.184.215.14'] }));
  const install = productionInstall(place.file('mahilo'));
  const ports = { http: await freePort(), api: await freePort(), worker: await freePort() };
  registry = new SupervisedRegistry({
    install,
    environment: settings(),
    preload: String(LIBFAKETIME),
    ports,
    logFile: logDisk.file('api.log'),
  });
  await registry.start();
  agent = await new AgentDouble().start();
  traffic = await people();
});

after(async () => {
  if (skip) return;
  stopPolling.abort();
  await Promise.all(traffic.map((one) => one.stop()));
  await registry?.[Symbol.asyncDispose]();
  await agent?.stop();
  dns?.[Symbol.dispose]();
  disk?.[Symbol.dispose]();
  logDisk?.[Symbol.dispose]();
  place[Symbol.dispose]();
});

function settings(): Record<string, string> {
  return {
    PATH: String(process.env['PATH']),
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    TRUST_PROXY: '127.0.0.1',
    SECRET_KEY: String(SECRETS[0]),
    DATABASE_URL: disk.file('mahilo.db'),
    DNS_SERVERS: dns.address,
    ALLOW_PRIVATE_IPS: 'true',
    RATE_LIMIT: '1000000',
    MIN_FREE_DISK: '1048576',
    LEASE_MS: '5000',
    INBOX_LEASE_MS: '5000',
    RETRY_BASE_MS: '500',
    RETRY_FACTOR: '1.5',
    RETRY_MAX_MS: '5000',
    MAX_RETRIES: '100',
    BREAKER_MAX_MS: '2000',
    FAKETIME_TIMESTAMP_FILE: CLOCK_FILE,
    FAKETIME_NO_CACHE: '1',
    DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  };
}

/** Sets the wall clock of the registry's host: `+40d` from the right time. */
function setClock(offset: string): void {
  writeFileSync(CLOCK_FILE, `${offset}\n`);
}

/** Ann writes to Ben, who takes callbacks, and to Cid, who polls, from now on. */
async function people(): Promise<Traffic[]> {
  const nobody = new Client(() => registry.url);
  const [ann, cid] = [await nobody.register('ann'), await nobody.register('cid')];
  ben = await nobody.register('ben');
  await ben.connect(agent.url);
  await cid.connectPolling();
  for (const friend of [ben, cid]) await ann.befriend(friend);
  void poll(cid);
  const begun = [new Traffic(ann, ben, 'called'), new Traffic(ann, cid, 'polled')];
  for (const one of begun) one.start();
  return begun;
}

async function poll(cid: Client): Promise<void> {
  while (!stopPolling.signal.aborted) {
    try {
      const fetched = await cid.fetch('wait=1');
      await cid.acknowledge(fetched);
      for (const { message_id } of fetched) polled.set(message_id, (polled.get(message_id) ?? 0) + 1);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** Asserts that the API accepts messages as before. */
async function goesOn(): Promise<void> {
  await registry.serves();
  await Promise.all(traffic.map((one) => one.more(MESSAGES)));
}

/** Asserts that the doctor finds this, among other problems. */
async function finds(sentence: RegExp): Promise<void> {
  assert.match((await registry.problems()).join('\n'), sentence);
}

test('a production install serves as an unprivileged user, and the doctor has nothing against it', {
  skip,
}, async () => {
  await goesOn();
  // The small disk stands for the server's.
  assert.match((await registry.problems()).join('\n'), /^files: .* is on tmpfs[^\n]*$/);
});

test('everything is killed, and started again', { skip }, async () => {
  for (const names of [['api'], ['worker'], ['api', 'worker']] as const) {
    await registry.kill(...names);
    await goesOn();
  }
  assert.deepEqual(registry.endings.api, ['SIGKILL', 'SIGKILL']);
});

test('the disk of the log is full: lines are lost, and the metric and the doctor say so', {
  skip,
}, async () => {
  logDisk.fill();
  await goesOn();
  await eventually(async () => (await registry.metric('api', 'mahilo_log_lines_lost_total')) > 0);
  await eventually(async () =>
    (await registry.problems()).some((text) => /^log: The api has lost \d+ lines?/.test(text)),
  );
  logDisk.free();
  await goesOn();
});

test('nobody reads the log of the worker, and it goes on', { skip }, async () => {
  registry.readLog(false);
  await goesOn();
  registry.readLog(true);
});

test('the disk of the database is full: nothing is accepted until there is room again', {
  skip,
}, async () => {
  disk.fill();
  await eventually(async () => (await fetch(`${registry.url}/ready`)).status === 503);
  await eventually(async () => (await registry.metric('api', 'mahilo_unavailable_total')) > 0);
  await finds(/(?:^|\n)disk: Only .* less than MIN_FREE_DISK/);
  disk.free();
  await goesOn();
});

test('the database is renamed: both end for good, the doctor says why, and nothing is missing when it is back', {
  skip,
}, async () => {
  const file = disk.file('mahilo.db');
  renameSync(file, `${file}.away`);
  await registry.hasGivenUp();
  await finds(/(?:^|\n)database: The database .* is gone/);
  renameSync(`${file}.away`, file);
  await registry.start();
  await goesOn();
});

test('a wrong SECRET_KEY changes nothing; a changed one goes on with the one before, and then alone', {
  skip,
}, async () => {
  const [first = '', second = ''] = SECRETS;
  assert.deepEqual(await registry.stop(), [0, 0]);
  const refused = await registry.tool(['secret', 'reseal'], { SECRET_KEY: second });
  assert.deepEqual([refused.status, /not the one/.test(refused.stderr)], [78, true]);
  await registry.start({ SECRET_KEY: second, SECRET_KEY_PREVIOUS: first });
  await goesOn();
  // A key moves to the new secret when it is used.
  await ben.ok('GET', '/auth/me');
  assert.equal((await registry.tool(['secret', 'reseal'])).status, 0);
  await eventually(async () => (await registry.tool(['secret', 'status'])).status === 0);
  assert.deepEqual(await registry.stop(), [0, 0]);
  await registry.start({ SECRET_KEY_PREVIOUS: '' });
  await goesOn();
});

test('after a crash the backup of a moment ago is put back', { skip }, async () => {
  await Promise.all(traffic.map((one) => one.stop()));
  const made = await registry.tool(['backup', '--to', disk.file('backups'), '--json']);
  assert.equal(made.status, 0, made.stderr);
  await registry.kill('api', 'worker');
  await registry.stop();
  const restored = await registry.tool(['restore', JSON.parse(made.stdout).file]);
  assert.equal(restored.status, 0, restored.stderr);
  await registry.start();
  for (const one of traffic) one.start();
  await goesOn();
});

test('the clock is 40 days ahead for a moment: it is noticed, nothing is deleted or delayed', {
  skip,
}, async () => {
  setClock('+40d');
  await eventually(async () => (await registry.metric('worker', 'mahilo_clock_jumps_total')) > 0);
  await goesOn();
  setClock('+0');
  await eventually(async () => (await registry.metric('worker', 'mahilo_clock_jumps_total')) > 1);
  await goesOn();
  assert.equal(await registry.metric('worker', 'mahilo_clock_doubted'), 1);
  await finds(/(?:^|\n)clock: It was set back by 40 d, [\d.]+ s ago/);
});

test('nothing that was accepted in all that is lost, and the database is whole', { skip }, async () => {
  await Promise.all(traffic.map((one) => one.stop()));
  const [called = [], byPoll = []] = traffic.map((one) => one.accepted);
  const arrived = () => new Set(agent.received.map(({ json }) => String(json['message_id'])));
  const missing = () => [
    ...called.filter((id) => !arrived().has(id)),
    ...byPoll.filter((id) => !polled.has(id)),
  ];
  await eventually(() => missing().length === 0, SETTLED_WITHIN_MS);
  assert.ok(called.length > 9 * MESSAGES, String(called.length));
  assert.deepEqual(
    (await registry.problems('--full')).filter((text) => /^(database|secret|queue|workers): /.test(text)),
    [],
  );
  assert.deepEqual(await registry.stop(), [0, 0]);
  const broken = readFileSync(logDisk.file('api.log'), 'utf8').match(/^(?!\{).+$/gm) ?? [];
  assert.ok(broken.length < 3, broken.join('\n').slice(0, 1000));
});
