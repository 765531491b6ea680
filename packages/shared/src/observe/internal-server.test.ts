import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { testDatabase } from '../../test/database.ts';
import type { Database } from '../db/database.ts';
import { startInternalServer } from './internal-server.ts';

/** A listener on a port that the system chose, and the URL that it logged. */
async function listening(db: Database, host = '127.0.0.1') {
  const lines: { url?: string }[] = [];
  const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
  const server = await startInternalServer(
    { METRICS_PORT: 0, METRICS_HOST: host, MIN_FREE_DISK: 0 },
    new Registry(),
    db,
    log,
  );
  const get = (path: string, init?: RequestInit) => fetch(`${lines[0]?.url}${path}`, init);
  return { server, get, [Symbol.asyncDispose]: async () => server?.close() };
}

test('without a port there is no listener', async () => {
  await using here = await testDatabase();
  const silent = pino({ level: 'silent' });
  assert.equal(
    await startInternalServer(
      { METRICS_HOST: '127.0.0.1', MIN_FREE_DISK: 0 },
      new Registry(),
      here.db,
      silent,
    ),
    undefined,
  );
});

for (const host of ['127.0.0.1', '::1']) {
  test(`on ${host} it answers health, readiness and metrics, and nothing else`, async () => {
    await using here = await testDatabase();
    await using internal = await listening(here.db, host);
    const answers = ['/health', '/ready', '/other', '/'].map(async (path) => {
      const answer = await internal.get(path);
      return [answer.status, await answer.text()];
    });
    assert.deepEqual(await Promise.all(answers), [
      [200, '{"status":"ok"}'],
      [200, '{"status":"ready","accepted_is_on":"disk"}'],
      [404, '{"error":"Not found."}'],
      [404, '{"error":"Not found."}'],
    ]);
    const metrics = await internal.get('/metrics');
    assert.match(metrics.headers.get('content-type') ?? '', /^text\/plain; version=/);
    assert.match(await metrics.text(), /^process_cpu_user_seconds_total \d/m);
  });
}

test('a process whose database takes no write is healthy, and not ready', async () => {
  await using here = await testDatabase();
  await using internal = await listening(here.db);
  await using _refused = await here.store.refuseWrites(here.db);
  assert.equal((await internal.get('/ready')).status, 503);
  assert.equal((await internal.get('/health')).status, 200);
});

test('a port that is taken is an error, and not a process without a listener', async () => {
  await using here = await testDatabase();
  await using internal = await listening(here.db);
  const port = Number(new URL((await internal.get('/health')).url).port);
  const second = startInternalServer(
    { METRICS_PORT: port, METRICS_HOST: '127.0.0.1', MIN_FREE_DISK: 0 },
    new Registry(),
    here.db,
    pino({ level: 'silent' }),
  );
  await assert.rejects(second, { message: /^METRICS_PORT \d+ is taken/ });
});

test('a client that never ends its request does not hold up a stop', async () => {
  await using here = await testDatabase();
  const internal = await listening(here.db);
  const { hostname, port } = new URL((await internal.get('/health')).url);
  const client = connect(Number(port), hostname);
  await once(client, 'connect');
  client.write('GET /metrics HTTP/1.1\r\nHost: ');
  client.on('error', () => {});
  await internal.get('/health');
  await internal.server?.close();
  client.destroy();
});
