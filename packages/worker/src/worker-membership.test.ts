import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HEARTBEAT_MS } from '@mahilo/shared/outbox/workers';
import { testDatabase } from '@mahilo/shared/test/database';
import { WorkerMembership } from './worker-membership.ts';

test('one of the workers is the first, and when it leaves another one is', async () => {
  await using here = await testDatabase();
  const workers = ['wkr_a', 'wkr_b', 'wkr_c'].map((id) => new WorkerMembership(here.db, here.clock, id));
  const firsts = () => workers.map((worker) => worker.isFirst);
  const refreshed = async () => {
    here.clock.ms += HEARTBEAT_MS;
    for (const worker of workers) await worker.refresh();
    return firsts();
  };
  for (const worker of workers) await worker.join((error) => assert.fail(String(error)));
  assert.deepEqual(await refreshed(), [true, false, false]);
  await workers[0]?.leave();
  assert.deepEqual((await refreshed()).slice(1), [true, false]);
  for (const worker of workers.slice(1)) await worker.leave();
});
