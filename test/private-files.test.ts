import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RunningScript } from './workspace/running-script.ts';
import { ROOT, TemporaryWorkspace } from './workspace/temporary-workspace.ts';

/** Files below a directory that others than the owner could read or write, with their modes. */
function openToOthers(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => [name, statSync(join(directory, name)).mode & 0o777] as const)
    .filter(([, mode]) => (mode & 0o077) !== 0)
    .map(([name, mode]) => `${name} ${mode.toString(8)}`);
}

test('npm start listens on loopback, and all that its processes make is their owner’s alone', async () => {
  const before = process.umask(0o022);
  using workspace = new TemporaryWorkspace();
  try {
    await using run = new RunningScript(`${ROOT}/scripts/start.ts`, [], {
      SECRET_KEY: 'a-secret-key-for-tests-that-is-long-enough',
      DATABASE_URL: workspace.path('new/data/mahilo.db'),
      PORT: '0',
      METRICS_PORT: '0',
    });
    await run.wrote('http://127.0.0.1:');
    await run.wrote('Mahilo Registry is running.');
    const made = readdirSync(workspace.path('new/data'));
    for (const name of ['mahilo.db', 'mahilo.db-wal', 'mahilo.db-shm']) assert.ok(made.includes(name), name);
    assert.deepEqual(openToOthers(workspace.path('new')), []);
    assert.equal(statSync(workspace.path('new')).mode & 0o777, 0o700);
    run.signal('SIGTERM');
    assert.equal((await run.ended).code, 0);
  } finally {
    process.umask(before);
  }
});
