import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Demo } from '../demo/demo.ts';

test('--keep leaves a registry to play on, until Ctrl-C', async () => {
  await using demo = new Demo(['--keep']);
  const [, url] = await demo.printed(/^MAHILO=(\S+)$/m);
  const [, key] = await demo.printed(/^NORA=(\S+)$/m);
  const response = await fetch(`${url}/api/v1/messages/send`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ recipient: 'theo', message: 'Is it too late for a comet?' }),
  });
  assert.equal(response.status, 200);
  await demo.printed(/nora → theo {2}Is it too late for a comet\?/);
  await demo.printed(/theo → nora {2}I only know about comets/);
  demo.child.kill('SIGINT');
  assert.equal(await demo.ended, 130);
  demo.assertNothingIsLeft();
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
