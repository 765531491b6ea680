import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { atOnce, sceneIn, textsOf } from './inbox/scene.ts';
import { eventually } from './world/eventually.ts';
import { InProcessWorld } from './world/in-process-world.ts';

/** For the tests that stop nothing. */
const shared = new InProcessWorld();
before(async () => {
  await shared.startApi();
  await shared.startWorker();
});
after(() => shared[Symbol.asyncDispose]());

test('switched to callbacks, a connection’s messages go there: those that wait and those that were fetched', async () => {
  const now = await sceneIn(shared);
  const { world, ann, ben } = now;
  const agent = await world.startAgent();
  for (const text of ['settled', 'fetched', 'waiting']) await ann.send(ben, text);
  await ben.acknowledge(await ben.fetch('limit=1'));
  const fetched = await ben.fetch('limit=1');
  await ben.connect(agent.url);
  await agent.callback(2);
  assert.deepEqual(agent.received.map(({ json }) => json['message']).sort(), ['fetched', 'waiting']);
  assert.equal(await ben.acknowledge(fetched), 0, 'it is the callback’s now');
  assert.equal((await ben.call('GET', `/inbox?connection_id=${now.connectionId}`)).json.code, 'NOT_POLLING');
});

test('more than one batch of fetched messages goes to the callback URL at once', async () => {
  const now = await sceneIn(shared);
  const { world, ann, ben } = now;
  const agent = await world.startAgent();
  const wanted = 1050;
  await Promise.all(Array.from({ length: wanted }, (_, n) => ann.send(ben, String(n))));
  for (let fetched = 0; fetched < wanted; ) fetched += (await ben.fetch('limit=100')).length;
  await ben.connect(agent.url);
  await agent.callback(wanted);
  assert.equal(new Set(agent.received.map(({ json }) => json['message'])).size, wanted);
});

test('switched to polling, a connection’s messages wait in the inbox, oldest first; a callback on its way ends as it ends', async () => {
  const world = new InProcessWorld({ RETRY_BASE_MS: '3600000', LANE_CONCURRENCY: '2' });
  await using _world = world;
  await world.startApi();
  await world.startWorker();
  const agent = await world.startAgent();
  const { ann, ben, connectionId } = await world.twoFriends(agent);
  await world.prove(ann, ben);

  agent.behave = (_request, response) => response.writeHead(500).end();
  const failed = await ann.send(ben, '1 failed once');
  await eventually(async () => {
    const { deliveries } = await ann.ok('GET', `/messages/${failed.message_id}`);
    return deliveries[0].attempts === 1 && deliveries[0].status === 'pending';
  });
  const held: (() => void)[] = [];
  agent.behave = (_request, response) => void held.push(() => response.writeHead(200).end());
  await ann.send(ben, '2 on its way');
  await ann.send(ben, '3 on its way');
  await eventually(() => held.length === 2);
  await ann.send(ben, '4 waiting');

  assert.equal(await ben.connectPolling(), connectionId);
  await ann.send(ben, '5 new');
  assert.deepEqual(textsOf(await ben.fetch('limit=1')), ['1 failed once']);
  assert.deepEqual(textsOf(await ben.fetch()), ['4 waiting', '5 new']);
  for (const answer of held) answer();
  await eventually(async () => (await ann.ok('GET', '/messages?status=delivered')).length === 3);
  assert.deepEqual(await ben.fetch(), []);
});

test('switched to polling, what a dead worker had in flight comes to the inbox when its lease ends', async () => {
  const world = new InProcessWorld({ LEASE_MS: '1000' });
  await using _world = world;
  await world.startApi();
  const worker = await world.startWorkerProcess();
  const agent = await world.startAgent();
  const { ann, ben } = await world.twoFriends(agent);
  agent.behave = () => undefined;
  await ann.send(ben, 'orphaned');
  await agent.callback();
  await worker.kill('SIGKILL');
  await ben.connectPolling();
  assert.deepEqual(textsOf(await atOnce(ben.fetch('wait=30'))), ['orphaned']);
});

test('a suspended callback connection that polls from now on gets all that waited for it', async () => {
  const agent = await shared.startAgent();
  const { ann, ben, connectionId } = await shared.twoFriends(agent);
  await shared.store.query("update connections set status = 'suspended' where id = ?", connectionId);
  await ann.send(ben, 'kept');
  assert.equal(await ben.connectPolling(), connectionId);
  assert.deepEqual(textsOf(await ben.fetch()), ['kept']);
  assert.deepEqual(agent.received, []);
});

test('workers leave a polling connection alone, but end what a deleted one had fetched and never acknowledged', async () => {
  await using world = await InProcessWorld.start({ INBOX_LEASE_MS: '500' });
  const { ann, ben, connectionId } = await sceneIn(world);
  const { message_id } = await ann.send(ben, 'never acknowledged');
  assert.equal((await ben.fetch()).length, 1);
  await ben.ok('DELETE', `/agents/${connectionId}`);
  await eventually(async () => {
    const { deliveries } = await ann.ok('GET', `/messages/${message_id}`);
    return deliveries[0].status === 'cancelled';
  });
});
