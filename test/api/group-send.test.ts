import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '../world/client.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { join, leave, remove } from './group-actions.ts';
import { assertRefused } from './refusal.ts';

const URL = 'http://127.0.0.1:9999/callback';

const world = new InProcessWorld();
let api: Awaited<ReturnType<typeof world.startApi>>;

before(async () => {
  api = await world.startApi();
});
after(() => world[Symbol.asyncDispose]());

let made = 0;

interface Group {
  id: string;
  ann: Client;
  ben: Client;
  cid: Client;
}

/** Three who are no friends of each other, in a group of the first one; all have an agent. */
async function group(): Promise<Group> {
  const person = async (name: string) => {
    const user = await world.nobody.register(`${name}-${++made}`);
    await user.connect(URL);
    return user;
  };
  const [ann, ben, cid] = [await person('ann'), await person('ben'), await person('cid')];
  const { group_id: id } = await ann.ok('POST', '/groups', { name: `group-${made}`, invite_only: false });
  for (const user of [ben, cid]) await join(user, id);
  return { id, ann, ben, cid };
}

const send = (from: Client, id: string, more: Record<string, unknown> = {}) =>
  from.call('POST', '/messages/send', { recipient: id, recipient_type: 'group', message: 'hello', ...more });

interface Delivery {
  id: string;
  recipient: string;
  connection_id: string;
}

async function recipientsOf(sender: Client, messageId: string): Promise<string[]> {
  const { deliveries } = await sender.ok('GET', `/messages/${messageId}`);
  return deliveries.map(({ recipient }: Delivery) => recipient).sort();
}

const setStatus = (user: Client, status: string) =>
  world.store.query(
    'update connections set status = ? where user_id = (select id from users where username = ?)',
    status,
    user.username,
  );

test('a message to a group is owed to each other member, friend or not, and is one message', async () => {
  const { id, ann, ben, cid } = await group();
  const { status, json } = await send(ann, id, { correlation_id: 'c-1', context: 'why' });
  assert.equal(status, 200);
  assert.match(json.message_id, /^msg_/);
  assert.deepEqual(json, {
    message_id: json.message_id,
    status: 'pending',
    recipients: 2,
    delivered: 0,
    pending: 2,
    failed: 0,
  });
  assert.deepEqual(await recipientsOf(ann, json.message_id), [ben.username, cid.username]);
  const [sent] = await ann.ok('GET', '/messages?direction=sent');
  for (const user of [ben, cid]) {
    const [received] = await user.ok('GET', '/messages?direction=received');
    assert.deepEqual(received, sent);
    const { deliveries } = await user.ok('GET', `/messages/${json.message_id}`);
    assert.deepEqual(
      deliveries.map(({ recipient }: Delivery) => recipient),
      [user.username],
      'members see their own delivery',
    );
  }
  assert.deepEqual([sent.recipient, sent.recipient_type, sent.status], [id, 'group', 'pending']);
  assert.deepEqual(await ann.ok('GET', '/messages?direction=received'), []);
});

test('each recipient is told by an event, which names the group', async () => {
  const { id, ann, ben } = await group();
  const { json } = await send(ann, id, { correlation_id: 'c-2' });
  const { deliveries } = await ben.ok('GET', `/messages/${json.message_id}`);
  const told = await world.store.query<{ data_json: string }>(
    `select data_json from events join users on users.id = events.user_id
     where username = ? and type = 'message_received'`,
    ben.username,
  );
  assert.deepEqual(
    told.map(({ data_json }) => JSON.parse(data_json)),
    [
      {
        message_id: json.message_id,
        delivery_id: deliveries[0].id,
        sender: ann.username,
        connection_id: deliveries[0].connection_id,
        correlation_id: 'c-2',
        group_id: id,
        group_name: (await ann.ok('GET', `/groups/${id}`)).name,
      },
    ],
  );
});

test('a stranger, an invited person and who has left cannot write; an unknown group is not found', async () => {
  const { id, ann, ben } = await group();
  const eve = await world.nobody.register(`eve-${++made}`);
  await eve.connect(URL);
  assertRefused(await send(eve, id), 403, 'NOT_MEMBER');
  await ann.ok('POST', `/groups/${id}/invite`, { username: eve.username });
  assertRefused(await send(eve, id), 403, 'NOT_MEMBER');
  await leave(ben, id);
  assertRefused(await send(ben, id), 403, 'NOT_MEMBER');
  for (const unknown of ['grp_00000000000000000000000000', 'x', ann.username]) {
    assertRefused(await send(ann, unknown), 404, 'GROUP_NOT_FOUND');
  }
  await ann.ok('DELETE', `/groups/${id}`);
  assertRefused(await send(ann, id), 404, 'GROUP_NOT_FOUND');
  assertRefused(
    await ann.call('POST', '/messages/send', { recipient: id, message: 'x' }),
    404,
    'USER_NOT_FOUND',
  );
});

test('what cannot be sent to a group is refused, naming the field', async () => {
  const { id, ann, ben } = await group();
  const [{ id: connection }] = await ben.ok('GET', '/agents');
  const named = await send(ann, id, { recipient_connection_id: connection });
  assertRefused(named, 400, 'INVALID_REQUEST', ['recipient_connection_id']);
  assertRefused(await send(ann, id, { sender_connection_id: connection }), 404, 'CONNECTION_NOT_FOUND');
  assertRefused(await send(ann, id, { message: 'x'.repeat(32_769) }), 413, 'PAYLOAD_TOO_LARGE', ['message']);
  assert.deepEqual(await ann.ok('GET', '/messages'), []);
});

test('who is invited, has no agent that could take it, or is gone, gets nothing', async () => {
  const { id, ann, ben, cid } = await group();
  const dan = await world.nobody.register(`dan-${++made}`);
  const eve = await world.nobody.register(`eve-${++made}`);
  await eve.connect(URL);
  await join(dan, id);
  await ann.ok('POST', `/groups/${id}/invite`, { username: eve.username });
  await setStatus(cid, 'inactive');
  const { json } = await send(ann, id);
  assert.deepEqual(await recipientsOf(ann, json.message_id), [ben.username]);
  await setStatus(cid, 'suspended');
  const second = (await send(ann, id)).json;
  assert.deepEqual(await recipientsOf(ann, second.message_id), [ben.username, cid.username]);
  await remove(ann, id, ben);
  await leave(cid, id);
  assertRefused(await send(ann, id), 404, 'NO_CONNECTIONS');
});

test('those who blocked each other are left out, on both sides', async () => {
  const { id, ann, ben, cid } = await group();
  const friendship = await ann.befriend(ben);
  await ben.ok('POST', `/friends/${friendship}/block`);
  const from = async (sender: Client) => recipientsOf(sender, (await send(sender, id)).json.message_id);
  assert.deepEqual(await from(ann), [cid.username]);
  assert.deepEqual(await from(ben), [cid.username]);
  assert.deepEqual(await from(cid), [ann.username, ben.username]);
});

test('each member’s best agent takes it, by the rule for users', async () => {
  const { id, ann, ben } = await group();
  const connect = async (label: string, more: Record<string, unknown>) => {
    const body = { framework: 'test', label, callback_url: URL, public_key: 'A', public_key_alg: 'ed25519' };
    return (await ben.ok('POST', '/agents', { ...body, ...more })).connection_id;
  };
  const high = await connect('high', { routing_priority: 9 });
  const home = await connect('home', {});
  const cook = await connect('cook', { capabilities: ['food'] });
  const goesTo = async (routing_hints?: unknown) => {
    const { json } = await send(ann, id, { ...(routing_hints !== undefined && { routing_hints }) });
    return (await ben.ok('GET', `/messages/${json.message_id}`)).deliveries[0].connection_id;
  };
  assert.equal(await goesTo(), high);
  assert.equal(await goesTo({ labels: ['home'] }), home);
  assert.equal(await goesTo({ tags: ['food'] }), cook);
  assert.equal(await goesTo({ labels: ['none'], tags: ['none'] }), high);
});

test('the same key is the same message, with the same answer, also across a restart and when members changed', async () => {
  const { id, ann, ben } = await group();
  const first = await send(ann, id, { idempotency_key: 'k' });
  const both = await Promise.all([
    send(ann, id, { idempotency_key: 'two' }),
    send(ann, id, { idempotency_key: 'two' }),
  ]);
  assert.equal(new Set(both.map(({ json }) => json.message_id)).size, 1);
  await leave(ben, id);
  await api.close();
  api = await world.startApi();
  const again = await send(ann, id, { idempotency_key: 'k' });
  assert.deepEqual([again.status, again.json], [200, { ...first.json, deduplicated: true }]);
  assert.equal((await recipientsOf(ann, first.json.message_id)).length, 2);
  const other = await send(ann, id, { idempotency_key: 'k', message: 'other' });
  assertRefused(other, 422, 'IDEMPOTENCY_CONFLICT');
  const toUser = { recipient: id, message: 'hello', idempotency_key: 'k' };
  assertRefused(await ann.call('POST', '/messages/send', toUser), 422, 'IDEMPOTENCY_CONFLICT');
});

test('a resend by the sender needs both to be members still; the recipient may always ask again', async () => {
  const { id, ann, ben, cid } = await group();
  const { json } = await send(ann, id);
  const { deliveries } = await ann.ok('GET', `/messages/${json.message_id}`);
  const idFor = (user: Client): string =>
    deliveries.find(({ recipient }: Delivery) => recipient === user.username).id;
  const resend = (by: Client, to: Client) => by.call('POST', `/deliveries/${idFor(to)}/resend`);
  await world.store.query(
    "update outbox set state = 'failed', settled_at = 1 where message_id = ?",
    json.message_id,
  );
  assert.equal((await resend(ann, ben)).status, 200, 'they are no friends');
  assertRefused(await resend(cid, ben), 404, 'NOT_FOUND');
  const friendship = await ann.befriend(cid);
  await cid.ok('POST', `/friends/${friendship}/block`);
  assertRefused(await resend(ann, cid), 403, 'BLOCKED');
  await cid.ok('DELETE', `/friends/${friendship}`);
  await leave(cid, id);
  assertRefused(await resend(ann, cid), 403, 'NOT_MEMBER');
  assert.equal((await resend(cid, cid)).status, 200);
  assertRefused(await resend(ann, ben), 409, 'DELIVERY_NOT_SETTLED');
  await ann.ok('POST', `/groups/${id}/transfer`, { username: ben.username });
  await leave(ann, id);
  assertRefused(await resend(ann, ben), 403, 'NOT_MEMBER');
});
