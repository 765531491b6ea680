import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fetched, sceneIn, textsOf } from '../inbox/scene.ts';
import { World } from '../world/world.ts';

const SHORT_LEASES = { INBOX_LEASE_MS: '500' };

test('kill -9 of the API while polls are answered loses nothing, and repeats only what was not acknowledged', async () => {
  await using world = new World();
  let api = await world.startApi(SHORT_LEASES);
  const { ann, ben } = await sceneIn(world);
  const wanted = 60;
  const got: string[] = [];
  const settled: string[] = [];
  const poller = async () => {
    while (settled.length < wanted) {
      try {
        const fetched: Fetched[] = await ben.fetch('wait=1&limit=4');
        got.push(...textsOf(fetched));
        if ((await ben.acknowledge(fetched)) === fetched.length) settled.push(...textsOf(fetched));
        if (new Set(got).size === wanted) return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  };
  const pollers = [poller(), poller()];
  for (let n = 0; n < wanted; n++) {
    await ann.send(ben, String(n));
    if (n % 20 === 19) {
      await api.kill('SIGKILL');
      api = await world.startApi(n < wanted - 1 ? SHORT_LEASES : {});
    }
  }
  await Promise.all(pollers);
  assert.equal(new Set(got).size, wanted);
  assert.equal(new Set(settled).size, settled.length, 'what was acknowledged came again');
});
