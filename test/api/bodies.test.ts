import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '../world/client.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { assertRefused } from './refusal.ts';

const MAX_PAYLOAD_SIZE = 32_768;

const world = new InProcessWorld({ MAX_PAYLOAD_SIZE: String(MAX_PAYLOAD_SIZE) });
let nora: Client;
let theo: Client;

before(async () => {
  await world.startApi();
  nora = await world.nobody.register('nora');
  theo = await world.nobody.register('theo');
  await theo.connect('http://127.0.0.1:9999/callback');
  await nora.befriend(theo);
});
after(() => world[Symbol.asyncDispose]());

const AGENT = {
  framework: 'test',
  label: 'typed',
  callback_url: 'http://127.0.0.1:9999/callback',
  public_key: 'AAAA',
  public_key_alg: 'ed25519',
};

const SEND = { recipient: 'theo', message: 'typed' };

/** Values that a lenient parser would take for a text, a number or a flag. */
const NOT_TEXT = [1, 0, true, false, null, [], ['a'], {}, { a: 1 }];
const NOT_INTEGER = ['1', '', 1.5, true, null, [], [1], {}];
const NOT_BOOLEAN = ['true', 1, 0, '', null, [], {}];

async function assertEachRefused(path: string, valid: object, field: string, values: readonly unknown[]) {
  const [outer = '', inner] = field.split('.');
  for (const value of values) {
    const body = {
      ...valid,
      [outer]: inner === undefined ? value : { ...(valid as Record<string, object>)[outer], [inner]: value },
    };
    assertRefused(await nora.call('POST', path, body), 400, 'INVALID_REQUEST', [field]);
  }
}

test('types are never coerced', async () => {
  for (const field of ['username', 'display_name']) {
    await assertEachRefused('/auth/register', { username: 'typed' }, field, NOT_TEXT);
  }
  await assertEachRefused('/friends/request', { username: 'theo' }, 'username', NOT_TEXT);
  for (const field of [
    'framework',
    'label',
    'description',
    'callback_url',
    'callback_secret',
    'public_key',
    'public_key_alg',
    'mode',
  ]) {
    await assertEachRefused('/agents', AGENT, field, NOT_TEXT);
  }
  await assertEachRefused('/agents', AGENT, 'routing_priority', NOT_INTEGER);
  await assertEachRefused('/agents', AGENT, 'rotate_secret', NOT_BOOLEAN);
  const texts = [
    'recipient',
    'recipient_type',
    'recipient_connection_id',
    'sender_connection_id',
    'message',
    'context',
    'payload_type',
    'correlation_id',
    'in_response_to',
    'idempotency_key',
  ];
  for (const field of texts) await assertEachRefused('/messages/send', SEND, field, NOT_TEXT);
});

test('nested fields are checked like outer ones, and named by their path', async () => {
  const nested = {
    ...SEND,
    encryption: { alg: 'a', key_id: 'k' },
    sender_signature: { alg: 'a', key_id: 'k', signature: 's' },
  };
  for (const field of [
    'encryption.alg',
    'encryption.key_id',
    'sender_signature.alg',
    'sender_signature.key_id',
    'sender_signature.signature',
  ]) {
    await assertEachRefused('/messages/send', nested, field, NOT_TEXT);
  }
  for (const field of ['routing_hints', 'encryption', 'sender_signature']) {
    await assertEachRefused('/messages/send', SEND, field, [1, 'a', true, null, []]);
  }
  await assertEachRefused('/messages/send', SEND, 'routing_hints.labels', [1, 'a', null, {}]);
  const hints = await nora.call('POST', '/messages/send', {
    ...SEND,
    routing_hints: { tags: ['a', 1, 'b', null] },
  });
  assertRefused(hints, 400, 'INVALID_REQUEST', ['routing_hints.tags.1', 'routing_hints.tags.3']);
  const missing = await nora.call('POST', '/messages/send', { ...SEND, encryption: {} });
  assertRefused(missing, 400, 'INVALID_REQUEST', ['encryption.alg']);
  const unnamed = await nora.call('POST', '/messages/send', { ...SEND, encryption: { alg: 'a' } });
  assertRefused(unnamed, 400, 'INVALID_REQUEST', ['encryption.key_id']);
});

test('every field that is wrong is named at once', async () => {
  assertRefused(await nora.call('POST', '/agents', {}), 400, 'INVALID_REQUEST', ['framework', 'label']);
  const many = {
    ...AGENT,
    framework: '',
    label: 'x'.repeat(51),
    routing_priority: 101,
    mode: 'carrier pigeon',
  };
  const paths = ['framework', 'label', 'routing_priority', 'mode'];
  assertRefused(await nora.call('POST', '/agents', many), 400, 'INVALID_REQUEST', paths);
});

test('a body that is JSON but no object is refused as a whole', async () => {
  for (const body of ['null', '[]', '"username"', '1', 'true']) {
    assertRefused(await nora.call('POST', '/auth/register', body), 400, 'INVALID_REQUEST', ['body']);
  }
});

test('lengths are counted in characters, and their bounds are inside', async () => {
  const bounds = { framework: 50, label: 50, description: 500 };
  for (const [field, longest] of Object.entries(bounds)) {
    assert.equal(
      (await nora.call('POST', '/agents', { ...AGENT, [field]: '🌍'.repeat(longest) })).status,
      201,
      field,
    );
    const tooLong = await nora.call('POST', '/agents', { ...AGENT, [field]: 'x'.repeat(longest + 1) });
    assertRefused(tooLong, 400, 'INVALID_REQUEST', [field]);
  }
  for (const field of ['correlation_id', 'in_response_to', 'idempotency_key']) {
    await nora.send(theo, 'long', { [field]: 'x'.repeat(255) });
    const tooLong = await nora.call('POST', '/messages/send', { ...SEND, [field]: 'x'.repeat(256) });
    assertRefused(tooLong, 400, 'INVALID_REQUEST', [field]);
    assertRefused(
      await nora.call('POST', '/messages/send', { ...SEND, [field]: '' }),
      400,
      'INVALID_REQUEST',
      [field],
    );
  }
});

test('unknown fields are ignored, also those that mean something to JavaScript', async () => {
  const hostile =
    '{"username":"polluter","__proto__":{"display_name":"p"},"constructor":{"prototype":{"x":1}},"toString":null,"is_admin":true}';
  const registered = await world.nobody.call('POST', '/auth/register', hostile);
  assert.equal(registered.status, 201);
  assert.deepEqual(Object.keys(registered.json).sort(), ['api_key', 'user_id', 'username']);
  const other = await world.nobody.register('unpolluted');
  assert.equal('display_name' in (await other.ok('GET', '/auth/me')), false);
  const inherited = await world.nobody.call(
    'POST',
    '/auth/register',
    '{"__proto__":{"username":"inherited"}}',
  );
  assertRefused(inherited, 400, 'INVALID_REQUEST', ['username']);
});

test('any Unicode text comes back as it was sent: emoji, right-to-left, unpaired nothing', async () => {
  const text = 'Grüße 👩‍👩‍👧 \u0001 \u202Eabc\u2028\u2029 \uFFFF \uFEFF\r\n\t" \\ </script>';
  const { message_id } = await nora.send(theo, text, {
    context: text,
    correlation_id: text,
    encryption: { alg: text, key_id: text },
  });
  const message = await theo.ok('GET', `/messages/${message_id}`);
  assert.equal(message.message, text);
  assert.equal(message.context, text);
  assert.equal(message.correlation_id, text);
  assert.deepEqual(message.encryption, { alg: text, key_id: text });
  const [found] = await nora.ok('GET', `/messages?correlation_id=${encodeURIComponent(text)}`);
  assert.equal(found.id, message_id);
  const label = `l ${text}`.slice(0, 50);
  await nora.ok('POST', '/agents', {
    ...AGENT,
    framework: 'unicode',
    label,
    description: text,
    capabilities: [text],
  });
  const [agent] = await nora.ok('GET', '/agents?limit=1');
  assert.deepEqual([agent.label, agent.description, agent.capabilities], [label, text, [text]]);
});

test('U+0000, which not every database can hold, is refused in every text, and the answer names the field', async () => {
  const nul = 'a\0b';
  for (const [method, path, body, field] of [
    ['POST', '/messages/send', { recipient: 'theo', message: nul }, 'message'],
    ['POST', '/messages/send', { recipient: nul, message: 'x' }, 'recipient'],
    [
      'POST',
      '/messages/send',
      { recipient: 'theo', message: 'x', encryption: { alg: nul } },
      'encryption.alg',
    ],
    [
      'POST',
      '/messages/send',
      { recipient: 'theo', message: 'x', routing_hints: { tags: ['a', nul] } },
      'routing_hints.tags.1',
    ],
    ['POST', '/friends/request', { username: nul }, 'username'],
    ['POST', '/groups', { name: 'no-nul', description: nul }, 'description'],
    ['POST', '/agents', { ...AGENT, capabilities: [nul] }, 'capabilities.0'],
    ['POST', '/agents', { ...AGENT, callback_headers: { [nul]: 'x' } }, 'callback_headers'],
    ['POST', '/auth/keys', { name: nul }, 'name'],
    [
      'POST',
      '/policies',
      { scope: 'global', policy_type: 'heuristic', policy_content: { blockedPatterns: [nul] } },
      'policy_content.blockedPatterns.0',
    ],
    ['GET', '/messages?correlation_id=a%00', undefined, 'correlation_id'],
  ] as const) {
    assertRefused(await nora.call(method, path, body), 400, 'INVALID_REQUEST', [field]);
  }
  const asText = await nora.call('POST', '/policies', {
    scope: 'global',
    policy_type: 'heuristic',
    policy_content: JSON.stringify({ blockedPatterns: [nul] }),
  });
  assertRefused(asText, 400, 'INVALID_POLICY_CONTENT', ['policy_content.blockedPatterns.0']);
  const capabilities = await nora.call('POST', '/agents', { ...AGENT, capabilities: JSON.stringify([nul]) });
  assertRefused(capabilities, 400, 'INVALID_CAPABILITIES', ['capabilities']);
  // After an escaped backslash, `u0000` is plain text.
  await nora.send(theo, 'the letters \\u0000');
});

test('a lone surrogate, which has no UTF-8 form, is refused', async () => {
  for (const lone of ['\\ud800', 'a\\udc00b', '\\udc00\\ud800']) {
    for (const field of [
      'message',
      'context',
      'correlation_id',
      'in_response_to',
      'payload_type',
      'idempotency_key',
    ]) {
      const rest = JSON.stringify({ ...SEND, [field]: undefined }).slice(1);
      const answer = await nora.call('POST', '/messages/send', `{"${field}":"${lone}",${rest}`);
      assertRefused(answer, 400, 'INVALID_REQUEST', [field]);
    }
    const named = await world.nobody.call(
      'POST',
      '/auth/register',
      `{"username":"surrogate","display_name":"${lone}"}`,
    );
    assertRefused(named, 400, 'INVALID_REQUEST', ['display_name']);
  }
});

test('JSON that is nested ten thousand deep is refused before it is made', async () => {
  const deep = '['.repeat(10_000) + ']'.repeat(10_000);
  const bodies: [path: string, body: string][] = [
    ['/auth/register', deep],
    ['/auth/register', `{"username":"deep-${process.pid}","unknown":${deep}}`],
    ['/messages/send', `{"recipient":"theo","message":${deep}}`],
    ['/agents', JSON.stringify({ ...AGENT, label: 'deep' }).replace('{', `{"capabilities":${deep},`)],
  ];
  for (const [path, body] of bodies)
    assertRefused(await nora.call('POST', path, body), 400, 'INVALID_REQUEST', ['body']);
  const inText = await nora.call('POST', '/agents', { ...AGENT, label: 'deep', capabilities: deep });
  assertRefused(inText, 400, 'INVALID_CAPABILITIES', ['capabilities']);
});

test('a message of exactly MAX_PAYLOAD_SIZE bytes is taken, however JSON writes it; a byte more is 413', async () => {
  const twoBytes = 'ü'.repeat(MAX_PAYLOAD_SIZE / 2);
  for (const largest of [
    'x'.repeat(MAX_PAYLOAD_SIZE),
    twoBytes,
    '🌍'.repeat(MAX_PAYLOAD_SIZE / 4),
    '\u0001'.repeat(MAX_PAYLOAD_SIZE),
  ]) {
    const { message_id } = await nora.send(theo, largest);
    assert.equal((await theo.ok('GET', `/messages/${message_id}`)).message, largest);
    const more = await nora.call('POST', '/messages/send', { ...SEND, message: `${largest}x` });
    assertRefused(more, 413, 'PAYLOAD_TOO_LARGE', ['message']);
  }
  const escaped = `{"recipient":"theo","message":"${'\\u0061'.repeat(MAX_PAYLOAD_SIZE)}"}`;
  assert.equal((await nora.call('POST', '/messages/send', escaped)).status, 200);
  assertRefused(await nora.call('POST', '/messages/send', { ...SEND, message: '' }), 400, 'INVALID_REQUEST', [
    'message',
  ]);
});

test('a context of more than 4096 bytes is refused', async () => {
  await nora.send(theo, 'context', { context: '🌍'.repeat(1024) });
  const more = await nora.call('POST', '/messages/send', { ...SEND, context: `${'ü'.repeat(2048)}x` });
  assertRefused(more, 400, 'INVALID_REQUEST', ['context']);
});

test('a body that is far too large is 413 before it was read', async () => {
  const huge = JSON.stringify({ ...SEND, message: 'x'.repeat(2_000_000) });
  assertRefused(await nora.call('POST', '/messages/send', huge), 413, 'PAYLOAD_TOO_LARGE');
  assertRefused(await nora.call('POST', '/friends/x/accept', huge), 413, 'PAYLOAD_TOO_LARGE');
});
