import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Behaviour } from './world/agent-double.ts';
import type { Client } from './world/client.ts';
import { eventually } from './world/eventually.ts';
import { InProcessWorld } from './world/in-process-world.ts';

const FIVE_DAYS_MS = 5 * 86_400_000;

let world: InProcessWorld;
let ann: Client;

before(async () => {
  world = await InProcessWorld.start({
    MAX_RETRIES: '2',
    CALLBACK_TIMEOUT_MS: '400',
    BREAKER_FAILURES: '50',
  });
  ann = await world.nobody.register('ann');
});
after(() => world[Symbol.asyncDispose]());

const friendWith = (name: string, behave?: Behaviour) => world.friendOf(ann, name, behave);

async function settled(messageId: string) {
  return eventually(async () => {
    const message = await ann.ok('GET', `/messages/${messageId}`);
    return message.status !== 'pending' && message;
  });
}

async function outcomesOf(friend: Client, deliveryId: string): Promise<string[]> {
  const attempts = await friend.ok('GET', `/deliveries/${deliveryId}/attempts`);
  return attempts.map((attempt: { outcome: string }) => attempt.outcome);
}

test('an agent that keeps failing gets the retries it is due, then a dead letter that can be resent', async () => {
  const { agent, friend } = await friendWith('failing', (_request, response) =>
    response.writeHead(500).end('broken'),
  );
  const sent = await ann.send(friend, 'hello?');
  const message = await settled(sent.message_id);
  assert.equal(message.status, 'failed');
  assert.equal(message.deliveries[0].last_error, 'The agent answered with status 500.');
  assert.deepEqual(await outcomesOf(friend, sent.delivery_id), ['http_status', 'http_status', 'http_status']);
  assert.deepEqual(
    agent.received.map(({ headers }) => headers['x-mahilo-attempt']),
    ['1', '2', '3'],
  );
  assert.equal(
    new Set(agent.received.map(({ body }) => body)).size,
    1,
    'the body is the same in every attempt',
  );

  agent.behave = (_request, response) => response.writeHead(204).end();
  const [dead] = await ann.ok('GET', '/deliveries?status=failed');
  assert.equal(dead.id, sent.delivery_id);
  await ann.ok('POST', `/deliveries/${dead.id}/resend`);
  assert.equal((await settled(sent.message_id)).status, 'delivered');
  const last = agent.received.at(-1);
  assert.equal(last?.headers['x-mahilo-attempt'], '4');
  assert.equal(last?.json['message_id'], sent.message_id);
});

test('recover requeues every dead letter of a connection since a time', async () => {
  const { agent, friend, connectionId } = await friendWith('recovering', (_request, response) =>
    response.writeHead(503).end(),
  );
  const sent = [await ann.send(friend, 'one'), await ann.send(friend, 'two')];
  for (const { message_id } of sent) assert.equal((await settled(message_id)).status, 'failed');
  agent.behave = (_request, response) => response.writeHead(200).end();
  const future = new Date(Date.now() + 60_000).toISOString();
  assert.deepEqual(await friend.ok('POST', `/agents/${connectionId}/recover`, { since: future }), {
    requeued: 0,
  });
  assert.deepEqual(await friend.ok('POST', `/agents/${connectionId}/recover`, { since: 0 }), { requeued: 2 });
  for (const { message_id } of sent) assert.equal((await settled(message_id)).status, 'delivered');
});

test('a redirect is a failure and is never followed', async () => {
  const target = await world.startAgent();
  const { agent, friend } = await friendWith('redirecting', (_request, response) =>
    response.writeHead(307, { location: target.url }).end(),
  );
  const sent = await ann.send(friend, 'go there');
  assert.equal((await settled(sent.message_id)).status, 'failed');
  assert.deepEqual(await outcomesOf(friend, sent.delivery_id), ['redirect', 'redirect', 'redirect']);
  assert.equal(agent.received.length, 3);
  assert.equal(target.received.length, 0);
});

test('410 deactivates the connection, and what waits for it becomes dead letters', async () => {
  const { agent, friend, connectionId } = await friendWith('gone', (_request, response) =>
    response.writeHead(410).end(),
  );
  const sent = await ann.send(friend, 'bye');
  assert.equal((await settled(sent.message_id)).status, 'failed');
  assert.equal(agent.received.length, 1);
  const [connection] = await friend.ok('GET', '/agents');
  assert.equal(connection.status, 'inactive');
  const refused = await ann.call('POST', '/messages/send', { recipient: 'gone', message: 'again' });
  assert.equal(refused.json.code, 'NO_CONNECTIONS');

  agent.behave = (_request, response) => response.writeHead(200).end();
  await friend.connect(agent.url);
  await friend.ok('POST', `/agents/${connectionId}/recover`, { since: 0 });
  assert.equal((await settled(sent.message_id)).status, 'delivered');
});

test('Retry-After puts off the next attempt', async () => {
  const { agent, friend } = await friendWith('busy', (_request, response) =>
    response.writeHead(agent.received.length === 1 ? 429 : 200, { 'retry-after': '1' }).end(),
  );
  const sent = await ann.send(friend, 'later, please');
  assert.equal((await settled(sent.message_id)).status, 'delivered');
  const [first, second] = agent.received;
  assert.ok((second?.at ?? 0) - (first?.at ?? 0) >= 900, 'the second attempt came too early');
});

test('an agent that never answers holds its place no longer than CALLBACK_TIMEOUT_MS', async () => {
  const { friend } = await friendWith('never-answers', () => undefined);
  const sent = await ann.send(friend, 'hurry');
  assert.equal((await settled(sent.message_id)).status, 'failed');
  const attempts = await friend.ok('GET', `/deliveries/${sent.delivery_id}/attempts`);
  for (const attempt of attempts) {
    assert.equal(attempt.outcome, 'timeout');
    // Not the 30 s of the default, however busy the machine is.
    assert.ok(attempt.duration_ms < 25_000, `${attempt.duration_ms} ms`);
  }
});

for (const [answer, behave] of [
  [
    'goes on for ever',
    (_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    },
  ],
  [
    'breaks off',
    (_request, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('half of', () => response.destroy());
    },
  ],
  [
    'says neither length nor end',
    (_request, response) => {
      response.socket?.write('HTTP/1.1 200 OK\r\n\r\nand so on');
    },
  ],
] as const satisfies readonly (readonly [string, Behaviour])[]) {
  test(`a 2xx whose body ${answer} delivers, once`, async () => {
    const { agent, friend } = await friendWith(answer.replaceAll(' ', '-'), behave);
    const sent = await ann.send(friend, 'hello');
    assert.equal((await settled(sent.message_id)).status, 'delivered');
    assert.deepEqual(await outcomesOf(friend, sent.delivery_id), ['delivered']);
    assert.equal(agent.received.length, 1);
  });
}

test('an answer of any size decides by its status, and 1 KiB of it is kept for the receiver alone', async () => {
  const { friend } = await friendWith('talkative', (_request, response) =>
    response.writeHead(200).end('x'.repeat(5_000_000)),
  );
  const sent = await ann.send(friend, 'tell me everything');
  assert.equal((await settled(sent.message_id)).status, 'delivered');
  const [seenByReceiver] = await friend.ok('GET', `/deliveries/${sent.delivery_id}/attempts`);
  assert.equal(seenByReceiver.response_excerpt, 'x'.repeat(1024));
  const [seenBySender] = await ann.ok('GET', `/deliveries/${sent.delivery_id}/attempts`);
  assert.equal(seenBySender.response_excerpt, undefined);
});

test('an agent that has failed on three of five days is suspended, not for its silence; its messages wait and arrive when it is back', async () => {
  const { agent, friend, connectionId } = await friendWith('away', (_request, response) =>
    response.writeHead(500).end(),
  );
  await settled((await ann.send(friend, 'first')).message_id);
  await backdate(connectionId, 0b10000);
  await settled((await ann.send(friend, 'after days of silence')).message_id);
  assert.equal(await eventsOfType('agent_failing'), 1);
  assert.equal((await friend.ok('GET', '/agents'))[0].status, 'active');
  await backdate(connectionId, 0b10100);
  await settled((await ann.send(friend, 'a day of warning is not over')).message_id);
  assert.equal((await friend.ok('GET', '/agents'))[0].status, 'active');
  await world.store.query('update lanes set warned_at = 1 where connection_id = ?', connectionId);
  assert.equal(await eventsOfType('agent_suspended'), 0);
  const fatal = await ann.send(friend, 'the one that suspends it');
  await eventually(async () => (await friend.ok('GET', '/agents'))[0].status === 'suspended');
  assert.equal(await eventsOfType('agent_suspended'), 1);

  const before = agent.received.length;
  const waiting = await ann.send(friend, 'waits');
  agent.behave = (_request, response) => response.writeHead(200).end();
  const other = await friendWith('present');
  await settled((await ann.send(other.friend, 'the worker is at work meanwhile')).message_id);
  assert.equal(agent.received.length, before, 'a suspended agent is left alone');

  const pinged = await friend.ok('POST', `/agents/${connectionId}/ping`);
  assert.equal(pinged.success, true);
  for (const { message_id } of [fatal, waiting])
    assert.equal((await settled(message_id)).status, 'delivered');
  assert.equal((await friend.ok('GET', '/agents'))[0].status, 'active');
});

/** Records failures for more than five days, on the days of these bits; the lowest bit is today. */
async function backdate(connectionId: string, days: number): Promise<void> {
  await world.store.query(
    'update lanes set failing_since = ?, failing_days = ? where connection_id = ?',
    Date.now() - FIVE_DAYS_MS - 1000,
    days,
    connectionId,
  );
}

async function eventsOfType(type: string): Promise<number> {
  return (await world.store.query('select id from events where type = ?', type)).length;
}

test('a deleted connection gets nothing more, and what waited for it is cancelled', async () => {
  const { agent, friend, connectionId } = await friendWith('leaving', (_request, response) =>
    response.writeHead(503, { 'retry-after': '60' }).end(),
  );
  const sent = await ann.send(friend, 'wait for me');
  await agent.callback();
  await eventually(
    async () => (await ann.ok('GET', `/messages/${sent.message_id}`)).deliveries[0].attempts === 1,
  );
  await friend.ok('DELETE', `/agents/${connectionId}`);
  const message = await ann.ok('GET', `/messages/${sent.message_id}`);
  assert.equal(message.deliveries[0].status, 'cancelled');
  assert.equal(message.status, 'failed');
});
