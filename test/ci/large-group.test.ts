import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gather, toGroup } from '../groups/gather.ts';
import { eventually } from '../world/eventually.ts';
import { World } from '../world/world.ts';

/** The default bound. */
const MEMBERS = 1000;

test('a message reaches each member of a large group once, though both processes die on the way', async () => {
  await using world = new World({ LEASE_MS: '1000', MAX_RETRIES: '100' });
  const api = await world.startApi();
  const agent = await world.startAgent();
  const { owner, id, members } = await gather(world, agent.url, MEMBERS);
  const sent = await toGroup(owner, id, 'hello all');
  assert.deepEqual([sent.recipients, sent.pending], [MEMBERS, MEMBERS]);

  const worker = await world.startWorker();
  await agent.callback(50);
  await Promise.all([api.kill('SIGKILL'), worker.kill('SIGKILL')]);
  await world.startApi();
  await world.startWorker();
  await eventually(
    async () => (await owner.ok('GET', `/messages/${sent.message_id}`)).status === 'delivered',
    60_000,
  );
  const { deliveries } = await owner.ok('GET', `/messages/${sent.message_id}`);
  assert.equal(deliveries.length, MEMBERS);
  const names = new Set(deliveries.map(({ recipient }: { recipient: string }) => recipient));
  assert.deepEqual(names, new Set(members.map(({ username }) => username)));
  assert.ok(deliveries.every(({ status }: { status: string }) => status === 'delivered'));
  const reached = new Set(agent.received.map(({ json }) => json['delivery_id']));
  assert.equal(reached.size, MEMBERS, 'what came twice came under the same delivery id');
});
