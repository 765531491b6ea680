import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AgentDouble } from '../world/agent-double.ts';
import type { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { assertRefused } from './refusal.ts';

const world = new InProcessWorld({ MAX_RETRIES: '1', BREAKER_FAILURES: '1000' });

before(async () => {
  await world.startApi();
  await world.startWorker();
});
after(() => world[Symbol.asyncDispose]());

let pairs = 0;

interface Scene {
  agent: AgentDouble;
  ann: Client;
  ben: Client;
  connectionId: string;
  friendshipId: string;
}

/** Ann, and her friend Ben, whose agent answers with this status. */
async function scene(statusCode: number, body = 'what Ben’s agent says'): Promise<Scene> {
  pairs += 1;
  const agent = await world.startAgent();
  agent.behave = (_request, response) => response.writeHead(statusCode).end(body);
  const [ann, ben] = [
    await world.nobody.register(`ann-${pairs}`),
    await world.nobody.register(`ben-${pairs}`),
  ];
  const { connection_id: connectionId } = await ben.connect(agent.url);
  return { agent, ann, ben, connectionId, friendshipId: await ann.befriend(ben) };
}

/** Sends a message and waits until it has this status. */
async function settled(
  { ann, ben }: Scene,
  status: string,
): Promise<{ message_id: string; delivery_id: string }> {
  const sent = await ann.send(ben, 'hello');
  await until(ann, sent.message_id, status);
  return sent;
}

const until = (user: Client, messageId: string, status: string) =>
  eventually(async () => {
    const message = await user.ok('GET', `/messages/${messageId}`);
    return message.status === status && message;
  });

const resend = (user: Client, deliveryId: string) => user.call('POST', `/deliveries/${deliveryId}/resend`);

test('both sides see a delivery and its attempts, but only the receiver what its agent answered', async () => {
  const now = await scene(500);
  const { ann, ben, connectionId } = now;
  const sent = await settled(now, 'failed');
  for (const user of [ann, ben]) {
    const [{ created_at, ...delivery }] = await user.ok('GET', '/deliveries');
    assert.deepEqual(delivery, {
      id: sent.delivery_id,
      message_id: sent.message_id,
      sender: ann.username,
      recipient: ben.username,
      connection_id: connectionId,
      status: 'failed',
      attempts: 2,
      last_error: 'The agent answered with status 500.',
    });
    assert.equal(new Date(created_at).toISOString(), created_at);
    assert.equal((await user.ok('GET', '/deliveries?status=failed')).length, 1);
    assert.deepEqual(await user.ok('GET', '/deliveries?status=delivered'), []);
  }
  const bens = await ben.ok('GET', `/deliveries/${sent.delivery_id}/attempts`);
  assert.deepEqual(
    bens.map(({ attempt }: { attempt: number }) => attempt),
    [1, 2],
  );
  const { started_at, duration_ms, ...first } = bens[0];
  assert.deepEqual(first, {
    attempt: 1,
    outcome: 'http_status',
    status_code: 500,
    error: 'The agent answered with status 500.',
    response_excerpt: 'what Ben’s agent says',
  });
  assert.ok(Number.isInteger(duration_ms) && !Number.isNaN(Date.parse(started_at)));
  const anns = await ann.ok('GET', `/deliveries/${sent.delivery_id}/attempts`);
  assert.deepEqual(
    anns,
    bens.map(({ response_excerpt: _, ...rest }: Record<string, unknown>) => rest),
  );
});

test('an excerpt is at most one KiB', async () => {
  const now = await scene(500, 'ü🌍'.repeat(5000));
  const { delivery_id } = await settled(now, 'failed');
  const [{ response_excerpt }] = await now.ben.ok('GET', `/deliveries/${delivery_id}/attempts`);
  assert.ok(Buffer.byteLength(response_excerpt) <= 1024);
  assert.ok(response_excerpt.startsWith('ü🌍ü🌍'));
});

test('a delivered message says when, in its delivery too', async () => {
  const now = await scene(200);
  const { message_id, delivery_id } = await settled(now, 'delivered');
  const { delivered_at, deliveries } = await now.ann.ok('GET', `/messages/${message_id}`);
  assert.deepEqual(deliveries, [
    {
      id: delivery_id,
      recipient: now.ben.username,
      connection_id: now.connectionId,
      status: 'delivered',
      attempts: 1,
      delivered_at,
    },
  ]);
  assert.ok(!Number.isNaN(Date.parse(delivered_at)));
  const [{ last_seen }] = await now.ben.ok('GET', '/agents');
  assert.ok(!Number.isNaN(Date.parse(last_seen)));
});

test('a failed or delivered delivery is resent by either side, under the same ids, with all its retries', async () => {
  for (const sender of [true, false]) {
    const now = await scene(500);
    const user = sender ? now.ann : now.ben;
    const { message_id, delivery_id } = await settled(now, 'failed');
    const answer = await resend(user, delivery_id);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json, { delivery_id, message_id, status: 'pending' });
    await now.agent.callback(4);
    await until(user, message_id, 'failed');
    now.agent.behave = (_request, response) => response.writeHead(200).end();
    assert.equal((await resend(user, delivery_id)).status, 200);
    await until(user, message_id, 'delivered');
    assert.equal((await resend(user, delivery_id)).status, 200);
    await until(user, message_id, 'delivered');
    await now.agent.callback(6);
    assert.deepEqual(
      now.agent.received.map(({ headers }) => headers['webhook-id']),
      [
        message_id,
        message_id,
        `${message_id}-r1`,
        `${message_id}-r1`,
        `${message_id}-r2`,
        `${message_id}-r3`,
      ],
      'a receiver that dedupes sees each resend, and no retry, as new',
    );
    assert.deepEqual(
      new Set(now.agent.received.map(({ json }) => json['message_id'])),
      new Set([message_id]),
    );
    await eventually(async () => (await user.ok('GET', `/deliveries/${delivery_id}/attempts`)).length === 6);
  }
});

test('what is still on its way cannot be resent', async () => {
  const now = await scene(200);
  const answered = Promise.withResolvers<void>();
  now.agent.behave = (_request, response) => void answered.promise.then(() => response.writeHead(200).end());
  const { message_id, delivery_id } = await now.ann.send(now.ben, 'slow');
  await now.agent.callback();
  assertRefused(await resend(now.ann, delivery_id), 409, 'DELIVERY_NOT_SETTLED');
  answered.resolve();
  await until(now.ann, message_id, 'delivered');
});

test('somebody who is no friend any more cannot resend to the other, who still can to themselves', async () => {
  const now = await scene(500);
  const { message_id, delivery_id } = await settled(now, 'failed');
  await now.ben.ok('POST', `/friends/${now.friendshipId}/block`);
  assertRefused(await resend(now.ann, delivery_id), 403, 'NOT_FRIENDS');
  now.agent.behave = (_request, response) => response.writeHead(200).end();
  assert.equal((await resend(now.ben, delivery_id)).status, 200);
  await until(now.ann, message_id, 'delivered');
});

test('of many resends at once one takes effect', async () => {
  const now = await scene(200);
  const { message_id, delivery_id } = await settled(now, 'delivered');
  const answered = Promise.withResolvers<void>();
  now.agent.behave = (_request, response) => void answered.promise.then(() => response.writeHead(200).end());
  const answers = await Promise.all(Array.from({ length: 10 }, () => resend(now.ann, delivery_id)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(9).fill(409)]);
  // It counts as delivered all the while.
  await eventually(() => now.agent.received.length === 2);
  answered.resolve();
  await until(now.ann, message_id, 'delivered');
  assert.equal(now.agent.received.length, 2);
});

test('ids of deliveries that are nobody’s, or somebody else’s, are not found', async () => {
  const now = await scene(200);
  const { delivery_id } = await settled(now, 'delivered');
  const stranger = await world.nobody.register('stranger');
  for (const [user, id] of [
    [stranger, delivery_id],
    [now.ann, 'dlv_none'],
    [now.ann, '%00'],
  ] as const) {
    assertRefused(await user.call('GET', `/deliveries/${id}/attempts`), 404, 'NOT_FOUND');
    assertRefused(await resend(user, id), 404, 'NOT_FOUND');
  }
});

test('recover requeues what failed since a time, in any of its forms, and nothing else', async () => {
  const now = await scene(500);
  const failed = [await settled(now, 'failed'), await settled(now, 'failed')];
  now.agent.behave = (_request, response) => response.writeHead(200).end();
  await settled(now, 'delivered');
  const recover = async (since: unknown) =>
    (await now.ben.ok('POST', `/agents/${now.connectionId}/recover`, { since })).requeued;
  const future = Date.now() + 3_600_000;
  for (const since of [
    future,
    Math.floor(future / 1000),
    future / 1000 + 0.5,
    new Date(future).toISOString(),
    String(future),
  ]) {
    assert.equal(await recover(since), 0);
  }
  assert.equal(await recover('1970-01-01'), 2);
  for (const { message_id } of failed) await until(now.ann, message_id, 'delivered');
  assert.equal(await recover(0), 0);
  assert.equal(now.agent.received.length, 2 * 2 + 1 + 2);
});

test('recover wants a time', async () => {
  const { ben, connectionId } = await scene(200);
  const recover = (body: unknown) => ben.call('POST', `/agents/${connectionId}/recover`, body);
  assertRefused(await recover({}), 400, 'INVALID_REQUEST', ['since']);
  for (const since of [null, true, [], {}]) {
    assertRefused(await recover({ since }), 400, 'INVALID_REQUEST', ['since']);
  }
  for (const since of ['', 'yesterday', -1, 1e300, '2023-02-29']) {
    assertRefused(await recover({ since }), 400, 'INVALID_SINCE', ['since']);
  }
});

test('an agent that said 410 is inactive until it is registered again; recover then brings everything', async () => {
  const now = await scene(410);
  const { message_id } = await settled(now, 'failed');
  await eventually(async () => (await now.ben.ok('GET', '/agents'))[0].status === 'inactive');
  assertRefused(
    await now.ann.call('POST', '/messages/send', { recipient: now.ben.username, message: 'x' }),
    404,
    'NO_CONNECTIONS',
  );
  assert.deepEqual(await now.ann.ok('GET', `/contacts/${now.ben.username}/connections`), []);
  now.agent.behave = (_request, response) => response.writeHead(200).end();
  await now.ben.connect(now.agent.url);
  assert.deepEqual(await now.ben.ok('POST', `/agents/${now.connectionId}/recover`, { since: 0 }), {
    requeued: 1,
  });
  await until(now.ann, message_id, 'delivered');
});
