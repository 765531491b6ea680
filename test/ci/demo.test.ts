import assert from 'node:assert/strict';
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
