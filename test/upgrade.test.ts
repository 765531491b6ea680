import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noteUpgrade } from '@mahilo/shared/db/upgrade-note';
import { onlyWithSqlite } from '@mahilo/shared/test/dialect';
import { olderDatabase } from '@mahilo/shared/test/older-database';
import BetterSqlite3 from 'better-sqlite3';
import { eventually } from './world/eventually.ts';
import { freePort } from './world/free-port.ts';
import { InProcessWorld } from './world/in-process-world.ts';

onlyWithSqlite('PostgreSQL begins with the schema of today');

test('while the database is upgraded the API, the worker and the doctor say so, and serve afterwards', async () => {
  await using world = new InProcessWorld();
  await olderDatabase(world.databaseFile, '0005-operating');
  const [port, apiMetrics, workerMetrics] = [await freePort(), await freePort(), await freePort()];
  const progress = { migration: '0025-event-segments', number: 9, of: 16, seconds: 40, percent: 35 };
  const reason = /another process upgrades the database: migration 9 of 16 \(0025-event-segments\)/;
  const other = new BetterSqlite3(world.databaseFile);
  other.exec('begin immediate');
  const starting = Promise.all([
    world.startApi({ PORT: String(port), METRICS_PORT: String(apiMetrics) }),
    world.startWorker({ METRICS_PORT: String(workerMetrics) }),
  ]);
  const answers = (at: number, path: string) =>
    eventually(async () => {
      noteUpgrade(world.databaseFile, progress);
      const response = await fetch(`http://127.0.0.1:${at}${path}`);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    });
  for (const at of [port, apiMetrics, workerMetrics]) {
    const ready = await answers(at, '/ready');
    assert.equal(ready.status, 503);
    assert.equal(ready.body['status'], 'unready');
    assert.match(String(ready.body['reason']), reason);
  }
  assert.equal((await answers(port, '/health')).status, 200);
  const refused = await answers(port, '/api/v1/messages');
  assert.deepEqual([refused.status, refused.body['code']], [503, 'UNAVAILABLE']);

  noteUpgrade(world.databaseFile, progress);
  const doctor = await world.admin(['doctor', '--json']);
  const { findings } = doctor.json as { findings: { check: string; level: string; finding: string }[] };
  const [found] = findings.filter(({ check }) => check === 'database');
  assert.equal(found?.level, 'note');
  assert.match(found.finding, /^A process upgrades it: migration 9 of 16 .*35 % done\. Nothing is accepted/);

  noteUpgrade(world.databaseFile, progress);
  other.exec('rollback');
  other.close();
  await starting;
  assert.equal((await answers(port, '/ready')).status, 200);
  await world.nobody.register('ann');
});
