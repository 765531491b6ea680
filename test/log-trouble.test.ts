import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Api } from './logs/api-with-log.ts';

test('a reader of the log who is gone holds neither the service nor the stop', async () => {
  await using api = await Api.start('pipe');
  api.child.stdout?.destroy();
  await api.makeLines(50);
  assert.equal(await api.isHealthy(), true);
  assert.equal(await api.stop(), 0);
});
