import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '../world/client.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { assertRefused } from './refusal.ts';

const URL = 'http://127.0.0.1:9999/callback';

const world = new InProcessWorld();

before(async () => {
  await world.startApi();
});
after(() => world[Symbol.asyncDispose]());

let pairs = 0;
/** Two friends; the second is yet to connect an agent. */
async function friends(): Promise<{ ann: Client; ben: Client; friendshipId: string }> {
  pairs += 1;
  const [ann, ben] = [
    await world.nobody.register(`ann-${pairs}`),
    await world.nobody.register(`ben-${pairs}`),
  ];
  return { ann, ben, friendshipId: await ann.befriend(ben) };
}

const send = (from: Client, to: Client, more: Record<string, unknown> = {}) =>
  from.call('POST', '/messages/send', { recipient: to.username, message: 'hello', ...more });

async function agent(user: Client, label: string, more: Record<string, unknown> = {}): Promise<string> {
  const body = {
    framework: `f-${label}`,
    label,
    callback_url: URL,
    public_key: 'AAAA',
    public_key_alg: 'ed25519',
    ...more,
  };
  return (await user.ok('POST', '/agents', body)).connection_id;
}

async function setStatus(connectionId: string, status: string): Promise<void> {
  await world.store.query('update connections set status = ? where id = ?', status, connectionId);
}

/** The label of the agent that a message went to. */
async function goesTo(from: Client, to: Client, more: Record<string, unknown>): Promise<string> {
  const { json } = await send(from, to, more);
  const [{ connection_id }] = (await to.ok('GET', `/messages/${json.message_id}`)).deliveries;
  const agents = await to.ok('GET', '/agents');
  return agents.find(({ id }: { id: string }) => id === connection_id)?.label;
}

test('a message is accepted for a friend, and both can read it with all that was said', async () => {
  const { ann, ben } = await friends();
  const connection_id = await agent(ben, 'main');
  const said = {
    context: 'why',
    payload_type: 'application/mahilo+ciphertext',
    encryption: { alg: 'x25519', key_id: 'k1' },
    sender_signature: { alg: 'ed25519', key_id: 'k2', signature: 'c2ln' },
    correlation_id: 'c-1',
    in_response_to: 'a message of long ago',
  };
  const { status, json } = await send(ann, ben, { ...said, recipient: ben.username.toUpperCase() });
  assert.equal(status, 200);
  assert.match(json.message_id, /^msg_[0-9a-z]{26}$/);
  assert.match(json.delivery_id, /^dlv_[0-9a-z]{26}$/);
  assert.deepEqual(json, { message_id: json.message_id, status: 'pending', delivery_id: json.delivery_id });
  const read = await ann.ok('GET', `/messages/${json.message_id}`);
  assert.deepEqual(await ben.ok('GET', `/messages/${json.message_id}`), read);
  const { created_at, deliveries, ...message } = read;
  assert.deepEqual(message, {
    id: json.message_id,
    sender: ann.username,
    sender_agent: 'agent',
    recipient: ben.username,
    recipient_type: 'user',
    message: 'hello',
    status: 'pending',
    ...said,
  });
  assert.deepEqual(deliveries[0], {
    id: json.delivery_id,
    recipient: ben.username,
    connection_id,
    status: 'pending',
    attempts: 0,
    held_by: 'no_worker',
    held_because: 'The registry has no worker at the moment that delivers.',
  });
});

test('what was not said is left out, and the payload is plain text', async () => {
  const { ann, ben } = await friends();
  await agent(ben, 'main');
  const { json } = await send(ann, ben);
  const keys = Object.keys(await ann.ok('GET', `/messages/${json.message_id}`)).sort();
  assert.deepEqual(keys, [
    'created_at',
    'deliveries',
    'id',
    'message',
    'payload_type',
    'recipient',
    'recipient_type',
    'sender',
    'sender_agent',
    'status',
  ]);
  const [listed] = await ann.ok('GET', '/messages');
  assert.equal(listed.payload_type, 'text/plain');
  assert.equal('deliveries' in listed, false);
});

test('a message is seen by its sender and its recipient, and by nobody else', async () => {
  const { ann, ben } = await friends();
  await agent(ben, 'main');
  const { json } = await send(ann, ben);
  const stranger = await world.nobody.register('eve');
  await stranger.befriend(ben);
  assertRefused(await stranger.call('GET', `/messages/${json.message_id}`), 404, 'NOT_FOUND');
  assertRefused(await stranger.call('GET', `/deliveries/${json.delivery_id}/attempts`), 404, 'NOT_FOUND');
  assertRefused(await stranger.call('POST', `/deliveries/${json.delivery_id}/resend`), 404, 'NOT_FOUND');
  for (const list of ['/messages', '/deliveries']) assert.deepEqual(await stranger.ok('GET', list), []);
});

test('sending has its errors: nobody, a stranger, no agent, an unknown agent', async () => {
  const { ann, ben } = await friends();
  const stranger = await world.nobody.register('aloof');
  await agent(stranger, 'main');
  for (const recipient of ['no-such-user', 'x', 'not a name']) {
    assertRefused(await send(ann, ben, { recipient }), 404, 'USER_NOT_FOUND');
  }
  assertRefused(await send(ann, stranger), 403, 'NOT_FRIENDS');
  assertRefused(await send(ann, ann), 403, 'NOT_FRIENDS');
  await ann.ok('POST', '/friends/request', { username: stranger.username });
  assertRefused(await send(ann, stranger), 403, 'NOT_FRIENDS');
  assertRefused(await send(ann, ben), 404, 'NO_CONNECTIONS');
  const bens = await agent(ben, 'main');
  const anns = await agent(ann, 'own');
  for (const recipient_connection_id of ['conn_none', '', anns]) {
    assertRefused(await send(ann, ben, { recipient_connection_id }), 404, 'CONNECTION_NOT_FOUND');
  }
  for (const sender_connection_id of ['conn_none', '', bens]) {
    assertRefused(await send(ann, ben, { sender_connection_id }), 404, 'CONNECTION_NOT_FOUND');
  }
  assertRefused(
    await send(ann, ben, { recipient_type: 'group', recipient: 'grp_1' }),
    404,
    'GROUP_NOT_FOUND',
  );
  assertRefused(await send(ann, ben, { recipient_type: 'crowd' }), 400, 'INVALID_REQUEST', [
    'recipient_type',
  ]);
  assert.deepEqual(await ann.ok('GET', '/messages'), []);
});

test('who blocked or was blocked or is no friend any more cannot send', async () => {
  const { ann, ben, friendshipId } = await friends();
  await agent(ann, 'main');
  await agent(ben, 'main');
  assert.equal((await send(ann, ben)).status, 200);
  await ben.ok('POST', `/friends/${friendshipId}/block`);
  assertRefused(await send(ann, ben), 403, 'NOT_FRIENDS');
  assertRefused(await send(ben, ann), 403, 'NOT_FRIENDS');
  await ben.ok('DELETE', `/friends/${friendshipId}`);
  assertRefused(await send(ann, ben), 403, 'NOT_FRIENDS');
  const again = await ann.befriend(ben);
  assert.equal((await send(ben, ann)).status, 200);
  await ann.ok('DELETE', `/friends/${again}`);
  assertRefused(await send(ben, ann), 403, 'NOT_FRIENDS');
});

test('a message goes to the agent that is named, else hinted at by label, else by tag, else the best, else the oldest', async () => {
  const { ann, ben } = await friends();
  const low = await agent(ben, 'low', { capabilities: ['calendar'] });
  await agent(ben, 'old-best', { routing_priority: 50, capabilities: ['chat'] });
  await agent(ben, 'new-best', { routing_priority: 50, capabilities: ['chat', 'mail'] });
  const to = (more: Record<string, unknown>) => goesTo(ann, ben, more);
  assert.equal(await to({}), 'old-best');
  assert.equal(await to({ routing_hints: {} }), 'old-best');
  assert.equal(await to({ routing_hints: { labels: ['low'] } }), 'low');
  assert.equal(await to({ routing_hints: { labels: ['none', 'low', 'new-best'] } }), 'new-best');
  assert.equal(await to({ routing_hints: { tags: ['calendar'] } }), 'low');
  assert.equal(await to({ routing_hints: { tags: ['chat'] } }), 'old-best');
  assert.equal(await to({ routing_hints: { tags: ['mail', 'calendar'] } }), 'new-best');
  assert.equal(await to({ routing_hints: { labels: ['none'], tags: ['calendar'] } }), 'low');
  assert.equal(await to({ routing_hints: { labels: ['new-best'], tags: ['calendar'] } }), 'new-best');
  assert.equal(await to({ routing_hints: { labels: ['LOW'], tags: ['none'] } }), 'old-best');
  assert.equal(await to({ recipient_connection_id: low, routing_hints: { labels: ['new-best'] } }), 'low');
});

test('a suspended agent takes what no active one does; an inactive or deleted one takes nothing', async () => {
  const { ann, ben } = await friends();
  const best = await agent(ben, 'best', { routing_priority: 9 });
  const other = await agent(ben, 'other');
  await setStatus(best, 'suspended');
  assert.equal(await goesTo(ann, ben, {}), 'other');
  assert.equal(await goesTo(ann, ben, { recipient_connection_id: best }), 'best');
  await setStatus(best, 'inactive');
  assertRefused(await send(ann, ben, { recipient_connection_id: best }), 404, 'CONNECTION_NOT_FOUND');
  await setStatus(other, 'suspended');
  assert.equal(await goesTo(ann, ben, {}), 'other');
  await ben.ok('DELETE', `/agents/${other}`);
  assertRefused(await send(ann, ben), 404, 'NO_CONNECTIONS');
  assertRefused(await send(ann, ben, { recipient_connection_id: other }), 404, 'CONNECTION_NOT_FOUND');
});

test('the sender’s agent is the named one’s framework, else the only active one’s, else just an agent', async () => {
  const { ann, ben } = await friends();
  await agent(ben, 'main');
  const senderAgent = async (more: Record<string, unknown> = {}) => {
    const { json } = await send(ann, ben, more);
    return (await ben.ok('GET', `/messages/${json.message_id}`)).sender_agent;
  };
  assert.equal(await senderAgent(), 'agent');
  const one = await agent(ann, 'one');
  assert.equal(await senderAgent(), 'f-one');
  const two = await agent(ann, 'two');
  assert.equal(await senderAgent(), 'agent');
  assert.equal(await senderAgent({ sender_connection_id: two }), 'f-two');
  await setStatus(two, 'inactive');
  assert.equal(await senderAgent(), 'f-one');
  assert.equal(await senderAgent({ sender_connection_id: two }), 'f-two');
  await ann.ok('DELETE', `/agents/${two}`);
  assertRefused(await send(ann, ben, { sender_connection_id: two }), 404, 'CONNECTION_NOT_FOUND');
  assert.equal(await senderAgent({ sender_connection_id: one }), 'f-one');
});

test('deleting an agent cancels what is undelivered, and the history stays readable', async () => {
  const { ann, ben } = await friends();
  const connectionId = await agent(ben, 'main');
  const { json } = await send(ann, ben);
  await ben.ok('DELETE', `/agents/${connectionId}`);
  const message = await ann.ok('GET', `/messages/${json.message_id}`);
  assert.deepEqual(
    [message.status, message.deliveries[0].status, message.message],
    ['failed', 'cancelled', 'hello'],
  );
  assertRefused(
    await ann.call('POST', `/deliveries/${json.delivery_id}/resend`),
    404,
    'CONNECTION_NOT_FOUND',
  );
});
