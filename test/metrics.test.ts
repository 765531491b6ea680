import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serverGauges } from '@mahilo/shared/db/postgres/gauges';
import { sqliteOnly } from '@mahilo/shared/test/dialect';
import { section, textOf } from './documents/markdown.ts';
import { DASHBOARD, POSTGRES_DASHBOARD, RULES } from './monitoring/monitored.ts';
import type { AgentDouble } from './world/agent-double.ts';
import { Client } from './world/client.ts';
import { eventually } from './world/eventually.ts';
import { type Scrape, scrape } from './world/metrics.ts';
import type { ProductProcess } from './world/process.ts';
import { World } from './world/world.ts';

const SEND = { method: 'POST', route: '/api/v1/messages/send' };
const DURATION_COUNT = 'mahilo_http_request_duration_seconds_count';
/** What is measured where there is a server; nobody asks it here. */
const OF_SERVER = serverGauges(async () => []);

const world = new World({ METRICS_PORT: '0', MAX_RETRIES: '1', LEASE_MS: '1500', RATE_LIMIT_IP: '1000' });
let api: ProductProcess;
let worker: ProductProcess;
let agent: AgentDouble;
let ann: Client;
let ben: Client;

before(async () => {
  api = await world.startApi();
  worker = await world.startWorker();
  agent = await world.startAgent();
  ({ ann, ben } = await world.twoFriends(agent));
});
after(() => world[Symbol.asyncDispose]());

/** Scrapes until a condition on the answer is met. */
const scraped = (process: ProductProcess, isMet: (found: Scrape) => boolean) =>
  eventually(async () => {
    const found = await scrape(process);
    return isMet(found) && found;
  });

/** Waits until the message has this status. */
const ended = (messageId: string, status: string) =>
  eventually(async () => (await ann.ok('GET', `/messages/${messageId}`)).status === status);

test('a message is counted where it was accepted, attempted and delivered', async () => {
  const { message_id } = await ann.send(ben, 'hello', { idempotency_key: 'once' });
  await ann.send(ben, 'hello', { idempotency_key: 'once' });
  await ended(message_id, 'delivered');
  const atApi = await scraped(api, (found) => found.value(DURATION_COUNT, SEND) === 2);
  assert.equal(atApi.value('mahilo_messages_accepted_total'), 1);
  assert.equal(atApi.value('mahilo_messages_repeated_total'), 1);
  assert.equal(atApi.value(DURATION_COUNT, { ...SEND, status_class: '2xx' }), 2);
  assert.ok(atApi.value('mahilo_commit_duration_seconds_count') > 0);
  assert.equal(atApi.value('mahilo_queue_depth'), 0);
  assert.equal(atApi.value('mahilo_workers_live'), 1);
  const atWorker = await scraped(worker, (found) => settled(found, 'delivered') === 1);
  assert.equal(atWorker.value('mahilo_delivery_attempts_total', { outcome: 'delivered' }), 1);
  assert.equal(atWorker.value('mahilo_callback_duration_seconds_count', { result: 'delivered' }), 1);
  assert.equal(atWorker.value('mahilo_queue_wait_seconds_count'), 1);
  assert.equal(atWorker.value('mahilo_callbacks_in_flight'), 0);
});

test('what a polling agent fetches and acknowledges is counted', async () => {
  const connectionId = await ben.connectPolling('polling');
  await ann.send(ben, 'for the inbox', { recipient_connection_id: connectionId });
  assert.equal(await ben.acknowledge(await ben.fetch()), 1);
  const atApi = await scrape(api);
  assert.equal(atApi.value('mahilo_inbox_fetched_total'), 1);
  assert.equal(atApi.value('mahilo_inbox_acknowledged_total'), 1);
  await ben.ok('DELETE', `/agents/${connectionId}`);
});

test('a message that fails is counted with each attempt, its retry, and as a dead letter', async () => {
  agent.behave = (_request, response) => response.writeHead(500).end();
  const { message_id } = await ann.send(ben, 'nobody takes this');
  await ended(message_id, 'failed');
  agent.behave = (_request, response) => response.writeHead(200).end();
  const atWorker = await scraped(worker, (found) => settled(found, 'failed') === 1);
  assert.equal(atWorker.value('mahilo_delivery_attempts_total', { outcome: 'http_status' }), 2);
  assert.equal(atWorker.value('mahilo_retries_scheduled_total'), 1);
  assert.equal(atWorker.value('mahilo_queue_wait_seconds_count'), 2, 'once for each delivery');
  assert.equal((await scrape(api)).value('mahilo_dead_letters'), 1);
});

test('refused keys are counted by what was wrong, and unknown paths and methods make no time series', async () => {
  const stranger = new Client(() => world.url, '', `mhl_${'0'.repeat(12)}_${'0'.repeat(36)}`);
  await world.nobody.call('GET', '/auth/me');
  await stranger.call('GET', '/auth/me');
  for (const path of ['/a', '/b', '//c']) await world.nobody.call('GET', path);
  for (const method of ['PROPFIND', 'LOCK']) await world.nobody.call(method, '/auth/me');
  const found = await scraped(
    api,
    (scrape) => scrape.value(DURATION_COUNT, { route: 'none', method: 'GET' }) === 3,
  );
  assert.equal(found.value('mahilo_auth_failures_total', { reason: 'missing' }), 1);
  assert.equal(found.value('mahilo_auth_failures_total', { reason: 'wrong' }), 1);
  assert.equal(found.value(DURATION_COUNT, { route: 'none', method: 'other' }), 2);
});

test('what waits is a gauge of the API, and a worker that died is missed and its leases are rescued', async () => {
  agent.behave = () => {};
  await ann.send(ben, 'held by a worker that dies');
  await scraped(worker, (found) => found.value('mahilo_callbacks_in_flight') === 1);
  assert.equal((await scrape(api)).value('mahilo_leases'), 1);
  await worker.kill();
  agent.behave = (_request, response) => response.writeHead(200).end();
  await ann.send(ben, 'waits for a worker');
  const waiting = await scraped(api, (found) => found.value('mahilo_queue_unserved_seconds') > 0.1);
  assert.equal(waiting.value('mahilo_queue_depth'), 1);
  assert.ok(waiting.value('mahilo_queue_oldest_due_age_seconds') > 0.1);
  worker = await world.startWorker();
  const rescued = await scraped(worker, (found) => found.value('mahilo_leases_rescued_total') === 1);
  assert.equal(rescued.value('mahilo_leases_lost_total'), 0);
});

const OF_FILE = sqliteOnly('what there is to measure of a file');

test('the size of the database is measured, and the room that is left', OF_FILE, async () => {
  const atApi = await scrape(api);
  assert.ok(atApi.value('mahilo_database_size_bytes') + atApi.value('mahilo_wal_size_bytes') > 10_000);
  assert.ok(atApi.value('mahilo_disk_free_bytes') < atApi.value('mahilo_disk_size_bytes'));
});

test('docs/monitoring.md has every metric, as its process describes it, and no other', OF_FILE, async () => {
  const rows = [...section(textOf('docs/monitoring.md'), '## Metrics').matchAll(/^\| `mahilo_.*\|$/gm)];
  const expected: string[] = [];
  for (const [from, process] of [
    ['API', api],
    ['worker', worker],
  ] as const) {
    for (const { name, type, labels, help } of (await scrape(process)).described) {
      const named = labels.map((label) => `\`${label}\``).join(', ');
      if (name.startsWith('mahilo_'))
        expected.push(`| \`${name}\` | ${from} | ${type} | ${named} | ${help} |`);
    }
  }
  const inBoth = (row: string) => row.replace(/\| (API|worker) \|/, '| both |');
  const both = expected.map(inBoth).filter((row, i, all) => all.indexOf(row) !== i);
  const one = expected.filter((row) => !both.includes(inBoth(row)));
  assert.deepEqual(rows.map(([row]) => row).sort(), [...both, ...one].sort());
});

test('what PostgreSQL tells of itself stands in docs/monitoring.md as it describes it, and nothing else', () => {
  const rows = section(textOf('docs/monitoring.md'), '## Metrics of PostgreSQL').match(/^\| `mahilo_.*\|$/gm);
  const expected = OF_SERVER.map(({ name, help }) => `| \`${name}\` | API | gauge |  | ${help} |`);
  assert.deepEqual(rows, expected);
});

test('each alert has a test', () => {
  const tests = textOf('deploy/prometheus/alerts.test.yml');
  const untested = [...textOf(RULES).matchAll(/- alert: (\w+)/g)].filter(
    ([, name = '']) => !tests.includes(name),
  );
  assert.deepEqual(untested, []);
});

test('every metric that the dashboard and the alerts name exists', OF_FILE, async () => {
  const found = [await scrape(api), await scrape(worker)];
  const known = new Set(
    [...found.flatMap(({ described }) => described), ...OF_SERVER].map(({ name }) => name),
  );
  const named = [DASHBOARD, POSTGRES_DASHBOARD, RULES]
    .map(textOf)
    .join('')
    .matchAll(/\b(?:mahilo|nodejs|process)_\w+/g);
  const unknown = [...named]
    .map(([name]) => name)
    .filter((name) => !known.has(name) && !known.has(name.replace(/_(bucket|sum|count)$/, '')));
  assert.deepEqual(unknown, []);
});

function settled(found: Scrape, state: string): number {
  return found.value('mahilo_deliveries_settled_total', { state });
}

test('a message that its owner tries an agent with is counted as any other', async () => {
  const accepted = (found: Scrape) => found.value('mahilo_messages_accepted_total');
  const before = accepted(await scrape(api));
  const [{ id }] = await ben.ok('GET', '/agents');
  await ben.ok('POST', `/agents/${id}/test`);
  await scraped(api, (found) => accepted(found) === (before ?? 0) + 1);
});
