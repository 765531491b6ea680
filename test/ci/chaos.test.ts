import assert from 'node:assert/strict';
import { test } from 'node:test';
import { broken, shortRun } from '../chaos/short-run.ts';

test('nothing that was acknowledged is lost, whatever dies', async () => {
  const verdict = await shortRun();
  assert.deepEqual(broken(verdict), [], JSON.stringify(verdict));
  assert.ok(verdict.acknowledged > 0 && verdict.kills > 0, 'nothing happened');
});
