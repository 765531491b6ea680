import assert from 'node:assert/strict';
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

function linesOver(width: number, text: string): string[] {
  return text.split('\n').filter((line) => [...line].length > width);
}
