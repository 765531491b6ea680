import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fakeProduct, letEnd, READY, SECRET_KEY, start, writeALine } from '../start/fake-product.ts';
import { eventually } from '../world/eventually.ts';

/** As in scripts/start.ts. */
const DUPLICATE_SIGNAL_MS = 500;
/** More than it should keep: 80 MB. */
const MANY_LINES = 20_000;

test('a Ctrl-C that is delivered twice is one, and reaches the processes as one SIGTERM', async () => {
  using workspace = fakeProduct();
  await using run = start(workspace, { SECRET_KEY });
  await run.wrote(READY);
  await run.wrote('standard error');
  run.signal('SIGINT', 'group');
  run.signal('SIGTERM');
  await eventually(() => workspace.read('noted-api').includes('SIGTERM'));
  letEnd(workspace);

  assert.deepEqual(await run.ended, { code: 0, signal: null });
  for (const name of ['noted-api', 'noted-worker']) {
    assert.deepEqual(workspace.read(name).split('\n').slice(1), ['SIGTERM', 'ended', '']);
  }
});

test('a second Ctrl-C ends at once what does not want to end', async () => {
  using workspace = fakeProduct();
  await using run = start(workspace, { SECRET_KEY });
  await run.wrote(READY);
  await run.wrote('standard error');
  run.signal('SIGINT');
  await eventually(() => workspace.read('noted-api').includes('SIGTERM'));
  // Sooner, it would be the first one delivered twice.
  await sleep(DUPLICATE_SIGNAL_MS);
  run.signal('SIGINT');

  assert.deepEqual(await run.ended, { code: 137, signal: null });
  assert.match(run.output, /^api is killed: a second signal asked for it\.$/m);
});

test('without SECRET_KEY one is made for development, for its owner alone, and used again', async () => {
  using workspace = fakeProduct();
  letEnd(workspace);
  for (const said of ['a new one is kept', 'the one is used that is kept']) {
    await using run = start(workspace);
    await run.wrote(READY);
    assert.match(run.output, new RegExp(`^SECRET_KEY is not set: .*${said} in data/dev-secret-key\\.$`, 'm'));
  }

  const secret = workspace.read('data/dev-secret-key').trim();
  assert.match(secret, /^[\w-]{43}$/);
  assert.equal(statSync(workspace.path('data/dev-secret-key')).mode & 0o777, 0o600);
  const used = workspace.read('noted-api').match(/started with \S+/g);
  assert.deepEqual(used, [`started with ${secret}`, `started with ${secret}`]);
});

for (const NODE_ENV of ['development', 'production']) {
  test(`a reader of its log who has stalled costs neither memory nor the stop (${NODE_ENV})`, async () => {
    using workspace = fakeProduct();
    letEnd(workspace);
    await using run = start(workspace, { SECRET_KEY, NODE_ENV, FAKE_LINES: String(MANY_LINES) });
    run.child.stdout?.pause();
    await eventually(() => workspace.read('noted-api').includes('has written'));
    const status = readFileSync(`/proc/${run.child.pid}/status`, 'utf8');
    const megabytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
    assert.ok(megabytes < 150, `${megabytes} MB`);
    run.signal('SIGTERM');
    assert.deepEqual(await run.ended, { code: 0, signal: null });
    run.child.stdout?.resume();
  });

  test(`who reads no more ends it where it is tried out, and loses only the log in production (${NODE_ENV})`, async () => {
    using workspace = fakeProduct();
    letEnd(workspace);
    await using run = start(workspace, { SECRET_KEY, NODE_ENV });
    await run.wrote('API is listening');
    run.child.stdout?.destroy();
    writeALine(workspace);
    await eventually(() => workspace.read('noted-api').includes('has written'));
    if (NODE_ENV === 'production') {
      assert.doesNotMatch(workspace.read('noted-api'), /SIGTERM/);
      run.signal('SIGTERM');
    }
    assert.deepEqual(await run.ended, { code: 0, signal: null });
  });
}

test('a hang-up stops it, unless it was started to outlive its terminal', async () => {
  for (const launcher of [undefined, '/usr/bin/nohup']) {
    using workspace = fakeProduct();
    letEnd(workspace);
    await using run = start(workspace, { SECRET_KEY, ...(launcher && { _: launcher }) });
    await run.wrote(READY);
    run.signal('SIGHUP');
    if (launcher === undefined) await run.wrote('Stopping');
    else {
      writeALine(workspace);
      await run.wrote('xxxx');
      assert.doesNotMatch(run.output, /Stopping/);
      run.signal('SIGTERM');
    }
    assert.deepEqual(await run.ended, { code: 0, signal: null });
  }
});
