import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AFTER,
  agentOf,
  assertDelivers,
  BEFORE,
  BOTH_KNOWN,
  CHANGED,
  restart,
  secretStatus,
} from '../rotation/secrets.ts';
import { World } from '../world/world.ts';

/** What the first restarted process and the other one know, step by step. */
const STEPS = [
  [BOTH_KNOWN, BEFORE],
  [CHANGED, BOTH_KNOWN],
  [CHANGED, CHANGED],
  [AFTER, CHANGED],
] as const;

for (const first of ['api', 'worker'] as const) {
  test(`a rolling restart, the ${first} first, breaks nothing when each secret is known before it is used`, async () => {
    await using world = new World();
    await restart(world, BEFORE);
    const agent = await world.startAgent();
    let { ann, ben, secret } = await world.twoFriends(agent);
    for (const [ahead, behind] of STEPS) {
      const [api, worker] = first === 'api' ? [ahead, behind] : [behind, ahead];
      await restart(world, api, worker);
      await ben.ok('GET', '/auth/me');
      await assertDelivers(ann, ben, agent, secret);
      secret = (await ben.ok('POST', '/agents', { ...agentOf(agent), rotate_secret: true })).callback_secret;
      await assertDelivers(ann, ben, agent, secret);
      // The older process reads what the newer one has sealed with its own secret.
      await world.admin(['secret', 'reseal'], ahead);
      await assertDelivers(ann, ben, agent, secret);
    }
    const { code } = await secretStatus(world, AFTER);
    assert.equal(code, 0, 'nothing needs the old secret');
  });
}
