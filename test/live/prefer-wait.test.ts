import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, test } from 'node:test';
import type { AgentDouble } from '../world/agent-double.ts';
import type { Answer, Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import { InProcessWorld } from '../world/in-process-world.ts';

const world = new InProcessWorld({ MAX_RETRIES: '0' });
let agent: AgentDouble;
let ann: Client;
let ben: Client;

before(async () => {
  await world.startApi();
  await world.startWorker();
  agent = await world.startAgent();
  ({ ann, ben } = await world.twoFriends(agent));
});
after(() => world[Symbol.asyncDispose]());

/** The answer to a send, with the preference that the API applied. */
function sent({ status, headers, json }: Answer) {
  const { message_id: id, ...body } = json;
  return { status, applied: headers.get('preference-applied'), id, body };
}

const send = async (prefer: string | undefined, more: Record<string, unknown> = {}, who = ann) =>
  sent(
    await who.call(
      'POST',
      '/messages/send',
      { recipient: ben.username, message: 'well?', ...more },
      prefer === undefined ? {} : { prefer },
    ),
  );

test('a send that may wait is answered when it is delivered', async () => {
  agent.behave = (_request, response) => response.writeHead(200).end();
  const answer = await send('wait=30');
  assert.equal(answer.status, 200);
  assert.equal(answer.applied, 'wait=30');
  assert.equal(answer.body.status, 'delivered');
  assert.match(answer.body.delivery_id, /^dlv_/);
  assert.equal((await ann.ok('GET', `/messages/${answer.id}`)).status, 'delivered');
});

test('a send that may wait is answered when it has failed', async () => {
  agent.behave = (_request, response) => response.writeHead(500).end();
  const answer = await send('respond-async, Wait="20"');
  assert.deepEqual([answer.applied, answer.body.status], ['wait=20', 'failed']);
});

test('a send whose time is over is answered as pending', async () => {
  const held: ServerResponse[] = [];
  agent.behave = (_request, response) => held.push(response);
  for (const prefer of ['wait=1', 'wait=0']) {
    const answer = await send(prefer);
    assert.deepEqual([answer.status, answer.applied, answer.body.status], [200, prefer, 'pending']);
  }
  await eventually(() => held.length === 2);
  for (const response of held) response.writeHead(200).end();
});

test('without the preference, or with one that is none, nothing is waited for', async () => {
  agent.behave = (_request, response) => response.writeHead(200).end();
  for (const prefer of [undefined, 'return=minimal', 'wait=soon']) {
    const answer = await send(prefer);
    assert.deepEqual([answer.applied, answer.body.status], [null, 'pending']);
  }
});

test('a repetition that may wait is told how it stands now', async () => {
  agent.behave = (_request, response) => response.writeHead(500).end();
  const key = { idempotency_key: 'again' };
  const first = await send('wait=30', key);
  const again = await send('wait=30', key);
  assert.deepEqual(again.body, { ...first.body, status: 'failed', deduplicated: true });
  assert.equal(again.id, first.id);
  // The same answer as then.
  assert.equal((await send(undefined, key)).body.status, 'pending');
});

test('two who wait for the same message are both answered', async () => {
  agent.behave = (_request, response) => setTimeout(() => response.writeHead(200).end(), 50);
  const key = { idempotency_key: 'twice at once' };
  const answers = await Promise.all([send('wait=30', key), send('wait=30', key)]);
  assert.deepEqual(
    answers.map(({ body }) => body.status),
    ['delivered', 'delivered'],
  );
});

test('of a message to a group is told how many deliveries came to what end', async () => {
  agent.behave = (_request, response, { json }) =>
    response.writeHead(json['recipient_connection_id'] === bad.connection_id ? 500 : 200).end();
  const cora = await world.nobody.register('cora');
  const bad = await cora.connect(agent.url);
  const { group_id } = await ann.ok('POST', '/groups', { name: 'all', invite_only: false });
  for (const who of [ben, cora]) await who.ok('POST', `/groups/${group_id}/join`);
  const { body } = await send('wait=30', { recipient: group_id, recipient_type: 'group' });
  assert.deepEqual(body, { status: 'delivered', recipients: 2, delivered: 1, pending: 0, failed: 1 });
});

test('a send that is refused is refused at once', async () => {
  const dora = await world.nobody.register('dora');
  assert.equal((await send('wait=30', {}, dora)).status, 403);
  assert.equal((await send('wait=30', { recipient: 'nobody-here' })).status, 404);
});
