import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dnsServer } from '@mahilo/shared/test/egress/dns-server';
import { eventually } from './world/eventually.ts';
import { InProcessWorld } from './world/in-process-world.ts';

test('one user’s hanging agents, registered again and again, leave slots for everybody else', async () => {
  await using world = await InProcessWorld.start({
    WORKER_CONCURRENCY: '8',
    LANE_CONCURRENCY: '4',
    CALLBACK_TIMEOUT_MS: '60000',
    IN_FLIGHT_PER_DESTINATION: '1000',
  });
  const hanging = await world.startAgent();
  const { ann, ben } = await world.twoFriends(hanging);
  const agents = Array.from({ length: 12 }, (_, n) => `agent-${n}`);
  const register = () => Promise.all(agents.map((label) => ben.connect(hanging.url, label)));
  const connections = await register();
  for (const { connection_id } of connections) {
    await ann.send(ben, 'proves it', { recipient_connection_id: connection_id });
  }
  await hanging.callback(agents.length);
  await eventually(async () => (await ann.ok('GET', '/messages?status=delivered')).length === agents.length);
  hanging.behave = () => undefined;
  for (const { connection_id } of connections) {
    for (let n = 0; n < 4; n++) await ann.send(ben, 'hangs', { recipient_connection_id: connection_id });
  }
  await hanging.callback(agents.length + 4);
  await register();
  const quick = await world.startAgent();
  const cid = await world.nobody.register('cid');
  await cid.connect(quick.url);
  await ann.befriend(cid);
  for (let n = 1; n <= 20; n++) {
    await ann.send(cid, 'hello');
    await quick.callback(n);
  }
  assert.equal(hanging.received.length, agents.length + 4, 'half of the slots, and no more');
});

test('name servers that refuse hold the agent back, tell why, and end when they answer again', async () => {
  let isRefusing = true;
  const REFUSED = 5;
  using dns = await dnsServer(() => (isRefusing ? { rcode: REFUSED } : { addresses: ['127.0.0.1'] }));
  await using world = await InProcessWorld.start({ DNS_SERVERS: dns.address, ALLOW_PRIVATE_IPS: 'true' });
  const agent = await world.startAgent();
  const { ann, ben } = await world.twoFriends(agent);
  await ben.connect(agent.url.replace('127.0.0.1', 'agent.test'));
  const sent = await ann.send(ben, 'wait for the name servers');
  const held = await eventually(async () => {
    const { deliveries } = await ann.ok('GET', `/messages/${sent.message_id}`);
    return deliveries[0].held_by === 'registry' && deliveries[0];
  });
  assert.deepEqual(
    [held.attempts, held.last_error],
    [0, 'The registry’s name resolution is not working.'],
    'no attempt is used up',
  );
  assert.ok(Date.parse(held.next_attempt_at) > 0);
  isRefusing = false;
  assert.equal((await agent.callback()).json['message'], 'wait for the name servers');
});
