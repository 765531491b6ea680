import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { OpenClawDouble } from './plugin/openclaw-double.ts';
import type { Client } from './world/client.ts';
import { InProcessWorld } from './world/in-process-world.ts';

const world = new InProcessWorld();
let [ann, ben, cid]: [OpenClawDouble?, OpenClawDouble?, OpenClawDouble?] = [];

before(async () => {
  await world.startApi();
  await world.startWorker();
});
after(() => world[Symbol.asyncDispose]());

async function openClaw(name: string): Promise<OpenClawDouble> {
  const double = new OpenClawDouble(await world.nobody.register(name), await world.startAgent());
  await double.connect();
  return double;
}

async function people(): Promise<[OpenClawDouble, OpenClawDouble, OpenClawDouble]> {
  ann ??= await openClaw('ann');
  ben ??= await openClaw('ben');
  cid ??= await openClaw('cid');
  return [ann, ben, cid];
}

const friendsOf = (client: Client, status: string) => client.ok('GET', `/friends?status=${status}`);

test('setup, friends, a message, a question to all with answers that say whose they are', async () => {
  const [ann, ben, cid] = await people();
  await ann.status();
  for (const other of [ben, cid]) {
    await ann.client.ok('POST', '/friends/request', { username: other.client.username });
    const [{ friendship_id }] = await friendsOf(other.client, 'pending');
    await other.client.ok('POST', `/friends/${friendship_id}/accept`, {});
  }
  const sent = await ann.send('ben', 'hello');
  const first = await ben.received();
  assert.deepEqual(
    [first['message_id'], first['message'], first['sender'], first['sender_connection_id']],
    [sent.message_id, 'hello', 'ann', ann.connectionId],
  );

  const friends: { username: string }[] = await friendsOf(ann.client, 'accepted');
  const correlation_id = 'who-knows';
  for (const { username } of friends) {
    const [connection] = await ann.client.ok('GET', `/contacts/${username}/connections`);
    assert.equal(connection.status, 'active');
    await ann.send(username, 'Who knows a good dentist?', { correlation_id });
  }
  assert.equal((await ben.received(2))['correlation_id'], correlation_id);
  assert.equal((await cid.received())['correlation_id'], correlation_id);
  await ben.send('ann', 'I do.', { correlation_id });
  await cid.send('ann', 'Not me.', { correlation_id });
  const answers = [await ann.received(1), await ann.received(2)];
  assert.deepEqual(
    answers.map((answer) => [answer['correlation_id'], answer['sender'], answer['message']]).toSorted(),
    [
      [correlation_id, 'ben', 'I do.'],
      [correlation_id, 'cid', 'Not me.'],
    ],
  );
});

test('boundaries hold: what is denied is kept for its sender, what is asked about arrives once it is approved', async () => {
  const [ann, ben] = await people();
  await ann.bound('ben', 'deny', 'location.current');
  await ann.bound('ben', 'ask', 'calendar.event');
  const arrived = ben.agent.received.length;
  const location = { declared_selectors: { resource: 'location.current', action: 'share' } };
  const denied = await ann.send('ben', 'I am at the station.', location);
  assert.equal(denied.status, 'rejected');
  const { blocked_events } = await ann.client.ok('GET', '/plugin/events/blocked?limit=1');
  assert.equal(blocked_events[0].id, `blocked_${denied.message_id}`);

  const held = await ann.send('ben', 'Friday at five.', {
    declared_selectors: { resource: 'calendar.event' },
  });
  assert.equal(held.status, 'review_required');
  const { reviews } = await ann.client.ok('GET', '/plugin/reviews?status=open&limit=10');
  assert.deepEqual(
    [reviews[0].message_id, reviews[0].message_preview, reviews[0].summary],
    [held.message_id, 'Friday at five.', 'It is decided: ask.'],
  );
  assert.equal(ben.agent.received.length, arrived);
  await ann.client.ok('POST', `/plugin/reviews/${reviews[0].review_id}/decision`, { decision: 'approve' });
  const approved = await ben.received(arrived + 1);
  assert.deepEqual([approved['message_id'], approved['message']], [held.message_id, 'Friday at five.']);
});

test('a message to a group reaches each member, also one who is no friend', async () => {
  const [ann, ben, cid] = await people();
  const dora = await openClaw('dora');
  const { group_id } = await ben.client.ok('POST', '/groups', { name: 'climbers', invite_only: false });
  for (const member of [ann, cid, dora]) await member.client.ok('POST', `/groups/${group_id}/join`);
  const [listed] = await ann.client.ok('GET', '/groups');
  const results = await ann.sendToGroup(listed.group_id, 'Who climbs on Sunday?');
  assert.deepEqual(
    results.map(({ status }) => status),
    ['pending', 'pending', 'pending'],
  );
  assert.equal((await dora.received())['sender'], 'ann');
});
