import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newKeySet } from './jwk.ts';
import { McpHost } from './mcp-host.ts';
import { Person } from './person.ts';
import { type TestApp, testApp } from './test-app.ts';

const JOSE = 'ECDH-ES+A256KW';
const CIPHERTEXT = 'application/mahilo+ciphertext';
const SEALED = '{"protected":"eyJ","ciphertext":"only its recipients can read this"}';

let here: TestApp;
let url: string;
let ann: Person;
let ben: Person;
let cid: Person;
let group: string;

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '10000', TRUSTED_MODE: 'true', MAX_PAYLOAD_SIZE: '1000' });
  url = await here.app.listen({ host: '127.0.0.1', port: 0 });
  [ann, ben, cid] = [
    await Person.register(here.app, 'ann'),
    await Person.register(here.app, 'ben'),
    await Person.register(here.app, 'cid'),
  ];
  await ann.befriend(ben);
  group = (await ann.ok('POST', '/groups', { name: 'sealed', invite_only: false })).group_id;
  for (const one of [ben, cid]) await one.ok('POST', `/groups/${group}/join`);
  await cid.connectPolling('only');
});
after(() => here[Symbol.asyncDispose]());

const encrypted = (key_id?: string) => ({
  payload_type: CIPHERTEXT,
  encryption: { alg: JOSE, ...(key_id !== undefined && { key_id }) },
});
const toGroup = (more: object) => ({ recipient: group, recipient_type: 'group', message: SEALED, ...more });

/** The connections that a message went to. */
async function targetsOf(message_id: string): Promise<string[]> {
  const { deliveries } = await ann.ok('GET', `/messages/${message_id}`);
  return deliveries.map(({ connection_id }: { connection_id: string }) => connection_id).toSorted();
}

test('a message that is encrypted for the agent’s key arrives as it was sent; one for an old key is refused', async () => {
  const [first, second] = [newKeySet(), newKeySet()];
  const from = await ann.connectPolling('writes');
  const to = await ben.connectPolling('sealed', { routing_priority: 9, public_keys: first.public_keys });
  await ben.connectPolling('open', { capabilities: ['calendar'] });
  const send = (key: string | undefined, more: object = {}) =>
    ann.send(ben, SEALED, { sender_connection_id: from, ...encrypted(key), ...more });

  const sent = await send(first.encrypt.kid, { idempotency_key: 'once' });
  assert.equal(sent.status, 200);
  const [received] = await ben.ok('GET', `/inbox?connection_id=${to}`);
  const { message, payload_type, encryption, sender_connection_id, recipient_connection_id } = received;
  assert.deepEqual(
    { message, payload_type, encryption, sender_connection_id, recipient_connection_id },
    {
      message: SEALED,
      ...encrypted(first.encrypt.kid),
      sender_connection_id: from,
      recipient_connection_id: to,
    },
  );
  await ben.ok('POST', '/inbox/ack', { receipts: [received.receipt] });

  const stale = [send(second.encrypt.kid), send(first.sign.kid), send('x')];
  for (const { status, json } of await Promise.all(stale))
    assert.deepEqual([status, json.code], [409, 'STALE_KEY']);
  const elsewhere = await send(first.encrypt.kid, { routing_hints: { tags: ['calendar'] } });
  assert.equal(elsewhere.status, 200, 'of an agent without keys the registry knows nothing');
  const unnamed = await send(undefined);
  assert.deepEqual([unnamed.status, unnamed.json.details?.[0].path], [400, 'encryption.key_id']);

  await ben.connectPolling('sealed', { routing_priority: 9, public_keys: second.public_keys });
  assert.equal((await send(first.encrypt.kid)).json.code, 'STALE_KEY');
  assert.equal((await send(second.encrypt.kid)).status, 200);
  const again = await send(first.encrypt.kid, { idempotency_key: 'once' });
  assert.deepEqual([again.status, again.json.deduplicated], [200, true]);
  const own = await send('any', { encryption: { alg: 'a scheme of their own', key_id: 'any' } });
  assert.equal(own.status, 200, 'other schemes are the agents’ own business');
});

test('the size that counts is that of the ciphertext', async () => {
  const { public_keys, encrypt } = newKeySet();
  const recipient_connection_id = await ben.connectPolling('small', { public_keys });
  const send = (bytes: number) =>
    ann.send(ben, 'x'.repeat(bytes), { recipient_connection_id, ...encrypted(encrypt.kid) });
  assert.equal((await send(1000)).status, 200);
  assert.deepEqual((await send(1001)).json.code, 'PAYLOAD_TOO_LARGE');
});

test('one ciphertext for a group goes to the agents that the list of its members names, whatever else would choose', async () => {
  const { message_id: asked } = await ben.ok('POST', '/messages/send', {
    ...toGroup({ message: 'who answers me?' }),
    sender_connection_id: await ben.connectPolling('asks'),
  });
  const members: { username: string; connection_id: string }[] = await ann.ok(
    'GET',
    `/groups/${group}/members`,
  );
  const listed = members.flatMap(({ username, connection_id }) =>
    username === 'ann' ? [] : [connection_id],
  );
  const choosing = { in_response_to: asked, routing_hints: { labels: ['asks'] } };
  const { message_id } = await ann.ok('POST', '/messages/send', toGroup({ ...encrypted(), ...choosing }));
  assert.deepEqual(await targetsOf(message_id), listed.toSorted());
  const open = await ann.ok('POST', '/messages/send', toGroup(choosing));
  assert.notDeepEqual(await targetsOf(open.message_id), listed.toSorted(), 'an open one follows its hints');

  const inbox: { message_id: string }[] = await cid.ok('GET', '/inbox');
  const received = inbox.find((message) => message.message_id === message_id);
  assert.deepEqual(received && 'encryption' in received && received.encryption, { alg: JOSE });
  const stored = await here.db.kysely
    .selectFrom('messages')
    .select('id')
    .where('body', '=', SEALED)
    .execute();
  assert.equal(stored.filter(({ id }) => id === message_id).length, 1);
});

test('a host is told that a message is encrypted and how to read it; the program before it gets the ciphertext beside', async () => {
  const [dan, eve] = [await Person.register(here.app, 'dan'), await Person.register(here.app, 'eve')];
  await dan.befriend(eve);
  await using host = await McpHost.connect(url, eve.authorization.replace('Bearer ', ''));
  await host.ok('check_inbox');
  const how = [
    encrypted('k'),
    { encryption: { alg: 'own', key_id: 'k' } },
    { payload_type: CIPHERTEXT.toUpperCase() },
  ];
  for (const more of how) await dan.send(eve, SEALED, more);
  await dan.send(eve, 'open');
  const { structuredContent, content, _meta } = await host.call('check_inbox');
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
  const { messages } = structuredContent as any;
  assert.doesNotMatch(JSON.stringify([structuredContent, content]), /only its recipients/);
  assert.deepEqual(
    messages.map((mail: Record<string, string>) => [
      mail['message'],
      mail['encrypted'],
      'how_to_read' in mail,
    ]),
    [...how.map(() => [undefined, true, true]), ['open', false, false]],
  );
  assert.match(messages[0].how_to_read, /mahilo mcp/);
  const beside = _meta?.['mahilo/encrypted'] as Record<string, unknown>[];
  assert.deepEqual(
    beside.map(({ delivery_id, message }) => [delivery_id, message]),
    messages.slice(0, 3).map((mail: Record<string, string>) => [mail['delivery_id'], SEALED]),
  );
  const [first] = beside;
  assert.deepEqual([first?.['sender'], first?.['encryption']], ['dan', encrypted('k').encryption]);
  assert.ok('recipient_connection_id' in (first ?? {}));
  const { message_id } = messages[0];
  const status = await host.ok('message_status', { message_id });
  assert.deepEqual([status.encrypted, status.message], [true, undefined]);
  const resource = await host.client.readResource({ uri: 'mahilo://eve/inbox' });
  assert.doesNotMatch(JSON.stringify(resource), /only its recipients/);
  assert.match(JSON.stringify(resource), /how_to_read/);
});

test('lists of what is held and what was refused show no part of a ciphertext', async () => {
  const sender_connection_id = await ann.connectPolling('decides');
  const commit = (resolution_id: string, decision: string, delivery_mode: string) =>
    ann.ok('POST', '/plugin/local-decisions/commit', {
      sender_connection_id,
      recipient: 'ben',
      message: SEALED,
      payload_type: CIPHERTEXT,
      resolution_id,
      local_decision: { decision, delivery_mode, reason: 'as decided' },
    });
  await commit('res_1', 'ask', 'review_required');
  await commit('res_2', 'deny', 'blocked');
  const { reviews } = await ann.ok('GET', '/plugin/reviews');
  assert.equal(reviews[0].message_preview, '(encrypted)');
  const { blocked_events } = await ann.ok('GET', '/plugin/events/blocked?include_payload_excerpt=1');
  assert.equal(blocked_events[0].stored_payload_excerpt, '(encrypted)');
  assert.match(blocked_events[0].payload_hash, /^sha256:[0-9a-f]{64}$/);
});
