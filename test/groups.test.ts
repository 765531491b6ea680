import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { leave, remove } from './api/group-actions.ts';
import { gather, toGroup } from './groups/gather.ts';
import { eventually } from './world/eventually.ts';
import { InProcessWorld } from './world/in-process-world.ts';

/** For tests that need no settings of their own. */
const shared = new InProcessWorld();
before(async () => {
  await shared.startApi();
  await shared.startWorker();
});
after(() => shared[Symbol.asyncDispose]());

test('messages to a large group that come all at once leave room for others between them', async () => {
  const GROUP_SENDS = 60;
  await using world = new InProcessWorld();
  await world.startApi();
  const agent = await world.startAgent();
  const { owner, id, members } = await gather(world, agent.url, 200);
  const [friend] = members;
  assert.ok(friend);
  await owner.befriend(friend);
  const flood = Array.from({ length: GROUP_SENDS }, (_, n) => toGroup(owner, id, `number ${n}`));
  await owner.send(friend, 'only for you');
  await Promise.all(flood);
  const messages: { recipient_type: string }[] = await owner.ok('GET', '/messages?limit=100');
  const position = messages.findIndex(({ recipient_type }) => recipient_type === 'user');
  const before = messages.length - 1 - position;
  assert.ok(before < GROUP_SENDS / 2, `${before} of ${GROUP_SENDS} were written before it`);
});

test('a callback names the group in header and body, the same bytes in every attempt', async () => {
  const agent = await shared.startAgent();
  const { owner, id } = await gather(shared, agent.url, 1);
  agent.behave = (_request, response) => {
    response.writeHead(agent.received.length < 3 ? 500 : 200).end();
  };
  await toGroup(owner, id, 'hello');
  const attempts = [await agent.callback(1), await agent.callback(2), await agent.callback(3)];
  const [first] = attempts;
  assert.deepEqual([first?.json['group_id'], first?.json['group_name']], [id, 'Everybody']);
  for (const { headers, body } of attempts) {
    assert.equal(headers['x-mahilo-group-id'], id);
    assert.equal(body, first?.body);
  }
});

test('a message to a user says nothing of a group', async () => {
  const agent = await shared.startAgent();
  const { ann, ben } = await shared.twoFriends(agent);
  await ann.send(ben, 'hello');
  const { headers, json } = await agent.callback();
  assert.equal(headers['x-mahilo-group-id'], undefined);
  assert.deepEqual([json['group_id'], json['group_name']], [undefined, undefined]);
});

test('who leaves, is removed, or loses the group gets what was sent before, and nothing that is sent after', async () => {
  await using world = await InProcessWorld.start({ MAX_RETRIES: '100' });
  const agent = await world.startAgent();
  const { owner, id, members } = await gather(world, agent.url, 3);
  const [one, other] = members;
  assert.ok(one && other);
  await agent.stop();
  const before = await toGroup(owner, id, 'before');
  await leave(one, id);
  await remove(owner, id, other);
  const after = await toGroup(owner, id, 'after');
  assert.deepEqual([before.recipients, after.recipients], [3, 1]);
  await owner.ok('DELETE', `/groups/${id}`);
  await agent.start();
  await eventually(async () =>
    (await owner.ok('GET', '/messages')).every(({ status }: { status: string }) => status === 'delivered'),
  );
  const received = agent.received.map(({ json }) => json['message']).sort();
  assert.deepEqual(received, ['after', 'before', 'before', 'before']);
  assert.deepEqual(new Set(agent.received.map(({ json }) => json['group_name'])), new Set(['Everybody']));
});

test('the state of a message sums up what became of it for all, and each end is told', async () => {
  await using world = await InProcessWorld.start({ MAX_RETRIES: '0' });
  const agent = await world.startAgent();
  const { owner, id, members } = await gather(world, agent.url, 2);
  const [lucky] = members;
  const [{ id: luckyAgent }] = (await lucky?.ok('GET', '/agents')) ?? [];
  agent.behave = (_request, response, { json }) => {
    response.writeHead(json['recipient_connection_id'] === luckyAgent ? 200 : 500).end();
  };
  const { message_id } = await toGroup(owner, id, 'hello');
  const message = await eventually(async () => {
    const found = await owner.ok('GET', `/messages/${message_id}`);
    return found.status !== 'pending' && found;
  });
  assert.equal(message.status, 'delivered');
  const ends = message.deliveries.map(({ status }: { status: string }) => status).sort();
  assert.deepEqual(ends, ['delivered', 'failed']);
});
