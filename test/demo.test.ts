import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Demo } from './demo/demo.ts';

test('the demo shows a conversation, failed attempts, a killed worker, the late delivery, and a group', async () => {
  await using demo = new Demo();
  const code = await demo.ended;
  const { stdout } = demo;

  assert.equal(code, 0, demo.stderr);
  for (const told of [
    /nora → theo {2}Are you awake\?/,
    /theo → nora {2}Tea\. I shall wake him at half past nine\./,
    /Somebody forges a callback: refused with 401\./,
    /Attempt 2: The connection was refused\. Next in \d\.\d s\./,
    /kill -9 \d+: the worker is dead\./,
    /A new worker takes over/,
    /Delivered by attempt \d+, under the same message id\./,
    /theo → nora {2}I was away for an update\./,
    /^ +3 +\d+\.\d\d s +\d+ ms {2}connection +The connection was refused\.$/m,
    /Live: mira has joined “roof”\./,
    /nora → theo {2}by callback: The comet is up!/,
    /nora → mira {2}polled: The comet is up!/,
    /mira → nora {2}live: Here already\. The view is superb\./,
    /✓ 11 messages accepted, 14 deliveries owed and made, 0 lost\./,
    /✓ 11 callbacks with two valid signatures each, 1 forged one refused\./,
    /✓ 4 fetched and acknowledged by agents without an address\./,
  ])
    assert.match(stdout, told);
  assert.ok(!stdout.includes('\u001b'), 'There are colours where there is no terminal.');
  assert.deepEqual(linesOver(80, stdout), []);
  demo.assertNothingIsLeft();
});

test('--help says what the demo does, and starts nothing', async () => {
  await using demo = new Demo(['--help']);
  assert.equal(await demo.ended, 0);
  assert.match(demo.stdout, /--keep/);
  assert.deepEqual(linesOver(80, demo.stdout), []);
});

test('Ctrl-C in the midst of the demo leaves nothing behind', async () => {
  await using demo = new Demo();
  await demo.printed(/theo → nora/);
  demo.child.kill('SIGINT');
  assert.equal(await demo.ended, 130);
  assert.equal(demo.stderr.trim(), 'Stopped by SIGINT; nothing is left behind.');
  demo.assertNothingIsLeft();
});

test('the demo fails with a sentence when a process of the registry dies', async () => {
  await using demo = new Demo();
  await demo.printed(/nora → theo/);
  const [apiPid = 0] = demo.pids();
  process.kill(apiPid, 'SIGKILL');
  assert.equal(await demo.ended, 1);
  assert.match(demo.stderr, /^The demo failed\. The api process ended with SIGKILL\./m);
  demo.assertNothingIsLeft();
});

test('the demo fails with a sentence when it has no place for its files', async () => {
  await using demo = new Demo([], { TMPDIR: join(tmpdir(), 'mahilo-no-such-directory') });
  assert.equal(await demo.ended, 1);
  assert.match(demo.stderr, /^The demo failed\. No temporary directory can be made in \S+\.$/m);
});

function linesOver(width: number, text: string): string[] {
  return text.split('\n').filter((line) => [...line].length > width);
}
