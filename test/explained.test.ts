import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Behaviour } from './world/agent-double.ts';
import type { Client } from './world/client.ts';
import { eventually } from './world/eventually.ts';
import { InProcessWorld } from './world/in-process-world.ts';

let world: InProcessWorld;
let ann: Client;

before(async () => {
  world = await InProcessWorld.start({
    MAX_RETRIES: '2',
    RETRY_BASE_MS: '60000',
    BREAKER_FAILURES: '2',
    BREAKER_MAX_MS: '3600000',
    LANE_CONCURRENCY: '1',
    INBOX_LEASE_MS: '500',
  });
  ann = await world.nobody.register('ann');
});
after(() => world[Symbol.asyncDispose]());

const friendWith = (name: string, behave?: Behaviour) => world.friendOf(ann, name, behave);

/** The only delivery of a message, once it meets the condition. */
async function delivery(messageId: string, isThere: (delivery: Record<string, unknown>) => boolean) {
  return eventually(async () => {
    const { deliveries } = await ann.ok('GET', `/messages/${messageId}`);
    return isThere(deliveries[0]) && deliveries[0];
  });
}

const answer =
  (status: number, headers: Record<string, string> = {}): Behaviour =>
  (_request, response) =>
    response.writeHead(status, headers).end();

test('of a delivery that waits everybody reads why, and when it will really be tried', async () => {
  const { agent, friend, connectionId } = await friendWith('failing', answer(500));
  const first = await ann.send(friend, 'one');
  const retried = await delivery(first.message_id, ({ held_by }) => held_by === 'retry');
  assert.match(retried.held_because, /^The last attempt failed/);
  assert.ok(Date.parse(retried.next_attempt_at) > Date.now() + 30_000);
  const second = await ann.send(friend, 'two');
  await delivery(second.message_id, ({ attempts }) => attempts === 1);
  const third = await ann.send(friend, 'three');
  const held = await delivery(third.message_id, ({ held_by }) => held_by === 'breaker');
  assert.ok(Date.parse(held.next_attempt_at) > Date.now() + 30_000, 'the lane’s pause is included');
  assert.equal(held.attempts, 0);

  const [{ health }] = await friend.ok('GET', '/agents');
  assert.deepEqual(
    { ...health, failing_since: typeof health.failing_since, next_try_at: typeof health.next_try_at },
    {
      state: 'failing',
      failures: 2,
      failing_since: 'string',
      last_error: 'The agent answered with status 500.',
      next_try_at: 'string',
      waiting: 3,
      dead_letters: 0,
    },
  );

  agent.behave = answer(200);
  await friend.connect(agent.url);
  await delivery(third.message_id, ({ status }) => status === 'delivered');
  const [{ health: well }] = await friend.ok('GET', '/agents');
  assert.deepEqual([well.state, well.failures], ['well', 0]);
  await friend.ok('DELETE', `/agents/${connectionId}`);
});

test('Retry-After of a 429 holds back the whole lane, and says so', async () => {
  const { agent, friend } = await friendWith('busy', answer(429, { 'retry-after': '600' }));
  const first = await ann.send(friend, 'one');
  await delivery(first.message_id, ({ attempts }) => attempts === 1);
  const second = await ann.send(friend, 'two');
  const held = await delivery(second.message_id, ({ held_by }) => held_by === 'retry');
  assert.match(held.held_because, /Retry-After/);
  const waitMs = Date.parse(held.next_attempt_at) - Date.now();
  assert.ok(waitMs > 500_000 && waitMs <= 661_000, `${waitMs}`);
  assert.equal(agent.received.length, 1);
});

test('a new agent is never_seen until it has taken something, and gets one callback at a time until then', async () => {
  const answers: (() => void)[] = [];
  const { friend } = await friendWith('new', (_request, response) => {
    answers.push(() => response.writeHead(200).end());
  });
  assert.equal((await friend.ok('GET', '/agents'))[0].health.state, 'never_seen');
  const first = await ann.send(friend, 'one');
  const second = await ann.send(friend, 'two');
  await eventually(() => answers.length === 1);
  await delivery(second.message_id, ({ held_by }) => held_by === 'unproven');
  answers[0]?.();
  await delivery(first.message_id, ({ status }) => status === 'delivered');
  await eventually(() => answers.length === 2);
  answers[1]?.();
  await delivery(second.message_id, ({ status }) => status === 'delivered');
  assert.equal((await friend.ok('GET', '/agents'))[0].health.state, 'well');
});

test('a late 410 changes nothing of an agent that was registered again meanwhile, at the same URL', async () => {
  const late: (() => void)[] = [];
  const { agent, friend } = await friendWith('returning', (_request, response) => {
    late.push(() => response.writeHead(410).end());
  });
  const sent = await ann.send(friend, 'are you there?');
  await eventually(() => late.length === 1);
  await friend.connect(agent.url);
  const again: (() => void)[] = [];
  agent.behave = (_request, response) => {
    again.push(() => response.writeHead(200).end());
  };
  late[0]?.();
  await eventually(() => again.length === 1);
  const [{ last_error }] = (await ann.ok('GET', `/messages/${sent.message_id}`)).deliveries;
  assert.equal(last_error, undefined, 'its attempts tell of the 410');
  const [{ health: fresh }] = await friend.ok('GET', '/agents');
  assert.deepEqual([fresh.state, fresh.last_error, fresh.waiting], ['never_seen', undefined, 1]);
  again[0]?.();
  await delivery(sent.message_id, ({ status }) => status === 'delivered');
  const [{ status, health }] = await friend.ok('GET', '/agents');
  assert.deepEqual([status, health.state], ['active', 'well']);
  const attempts = await friend.ok('GET', `/deliveries/${sent.delivery_id}/attempts`);
  assert.equal(attempts[0].error, 'The agent answered with status 410.');
});

test('what a worker is delivering says that it is on its way, and counts as waiting', async () => {
  const { friend } = await friendWith('slow', () => undefined);
  const sent = await ann.send(friend, 'is on its way');
  const onItsWay = await delivery(sent.message_id, ({ status }) => status === 'leased');
  assert.deepEqual(
    [onItsWay.held_by, onItsWay.held_because, onItsWay.next_attempt_at],
    [undefined, 'A callback with it is on its way to the agent.', undefined],
  );
  assert.equal((await friend.ok('GET', '/agents'))[0].health.waiting, 1);
  const [owed] = await friend.ok('GET', '/deliveries?status=waiting');
  assert.equal(owed.id, sent.delivery_id);
});

test('to an inactive agent nothing is resent, and what it took stays delivered while a resend is on its way', async () => {
  const { agent, friend, connectionId } = await friendWith('leaving');
  const taken = await ann.send(friend, 'taken');
  const { delivered_at } = await delivery(taken.message_id, ({ status }) => status === 'delivered');
  agent.behave = answer(500);
  await ann.ok('POST', `/deliveries/${taken.delivery_id}/resend`);
  const resent = await delivery(taken.message_id, ({ attempts }) => attempts === 2);
  assert.deepEqual([resent.status, resent.delivered_at], ['pending', delivered_at]);
  assert.equal((await ann.ok('GET', `/messages/${taken.message_id}`)).status, 'delivered');

  agent.behave = answer(410);
  const gone = await ann.send(friend, 'gone');
  await delivery(gone.message_id, ({ status }) => status === 'failed');
  const refused = await ann.call('POST', `/deliveries/${gone.delivery_id}/resend`);
  assert.deepEqual([refused.status, refused.json.code], [409, 'CONNECTION_INACTIVE']);
  const recovery = await friend.call('POST', `/agents/${connectionId}/recover`, { since: 0 });
  assert.deepEqual([recovery.status, recovery.json.code], [409, 'CONNECTION_INACTIVE']);
  assert.equal((await friend.ok('GET', '/agents'))[0].health.state, 'inactive');
});

test('an answer goes to the agent that wrote, and a callback names its sender’s agent', async () => {
  const { agent: home, friend: eve } = await friendWith('eve');
  const away = await world.startAgent();
  const { connection_id: awayId } = await eve.connect(away.url, 'away');
  const mine = await world.startAgent();
  const { connection_id: annsId } = await ann.connect(mine.url);
  const question = await eve.send(ann, 'Shall we?', { sender_connection_id: awayId });
  assert.equal((await mine.callback()).json['sender_connection_id'], awayId);
  await ann.send(eve, 'Yes.', { in_response_to: question.message_id });
  const reply = await away.callback();
  assert.deepEqual([reply.json['message'], reply.json['sender_connection_id']], ['Yes.', annsId]);
  await ann.send(eve, 'Anything else.', { in_response_to: 'msg_of_somebody_else' });
  assert.equal((await home.callback()).json['message'], 'Anything else.');
});

test('a stale receipt acknowledges nothing; what is fetched again and again becomes a dead letter', async () => {
  const friend = await world.nobody.register('polling');
  await friend.connectPolling();
  await ann.befriend(friend);
  const sent = await ann.send(friend, 'take me');
  assert.equal((await delivery(sent.message_id, () => true)).held_by, 'polling');
  const fetchOne = () => eventually(async () => (await friend.ok('GET', '/inbox?wait=1'))[0]);
  const first = await fetchOne();
  const second = await fetchOne();
  assert.notEqual(first.receipt, second.receipt);
  const stale = await friend.ok('POST', '/inbox/ack', { receipts: [first.receipt] });
  assert.deepEqual(stale, { acknowledged: 0 });
  await fetchOne();
  await eventually(async () => {
    assert.deepEqual(await friend.ok('GET', '/inbox'), []);
    return (await ann.ok('GET', `/messages/${sent.message_id}`)).status === 'failed';
  });
  const attempts = await friend.ok('GET', `/deliveries/${sent.delivery_id}/attempts`);
  assert.deepEqual(
    attempts.map(({ outcome }: { outcome: string }) => outcome),
    ['timeout', 'timeout', 'timeout'],
  );

  const next = await ann.send(friend, 'and me');
  const { receipt } = await fetchOne();
  assert.deepEqual(await friend.ok('POST', '/inbox/ack', { receipts: [receipt] }), { acknowledged: 1 });
  await delivery(next.message_id, ({ status }) => status === 'delivered');
  assert.equal((await friend.call('POST', '/inbox/ack', {})).status, 400);
});
