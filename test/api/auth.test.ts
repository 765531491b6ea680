import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { InProcessWorld } from '../world/in-process-world.ts';
import { assertRefused } from './refusal.ts';

const KEY = /^mhl_[0-9A-Za-z]{8,}_[0-9A-Za-z]{32,}$/;

const world = new InProcessWorld();

before(async () => {
  await world.startApi();
});
after(() => world[Symbol.asyncDispose]());

const register = (body: unknown) => world.nobody.call('POST', '/auth/register', body);

test('a person registers, gets a key once, and is known by it', async () => {
  const { status, json } = await register({ username: 'Nora_1', display_name: 'Nora Ní Bhriain 🌍' });
  assert.equal(status, 201);
  assert.deepEqual(Object.keys(json).sort(), ['api_key', 'user_id', 'username']);
  assert.equal(json.username, 'nora_1');
  assert.match(json.user_id, /^usr_[0-9a-z]{26}$/);
  assert.match(json.api_key, KEY);
  const me = await world.nobody.ok('GET', '/auth/me', undefined, { authorization: `Bearer ${json.api_key}` });
  const { created_at, ...rest } = me;
  assert.deepEqual(rest, { user_id: json.user_id, username: 'nora_1', display_name: 'Nora Ní Bhriain 🌍' });
  assert.equal(new Date(created_at).toISOString(), created_at);
  assert.ok(Math.abs(Date.now() - Date.parse(created_at)) < 60_000);
});

test('without a display name there is none, not null', async () => {
  const plain = await world.nobody.register('plain');
  assert.deepEqual(Object.keys(await plain.ok('GET', '/auth/me')).sort(), [
    'created_at',
    'user_id',
    'username',
  ]);
});

test('no two keys have anything in common but their form', async () => {
  const keys = await Promise.all(
    Array.from({ length: 20 }, async (_, i) =>
      (await register({ username: `key-${i}` })).json.api_key.split('_'),
    ),
  );
  assert.equal(new Set(keys.map(([, id]) => id)).size, 20);
  assert.equal(new Set(keys.map(([, , secret]) => secret)).size, 20);
  const characters = new Set(keys.flatMap(([, , secret]) => [...secret]));
  assert.ok(characters.size > 55, 'all of base62 is in use');
});

test('a username is taken whatever its case, and when two ask at once one gets it', async () => {
  assert.equal((await register({ username: 'CamelCase' })).status, 201);
  for (const username of ['CamelCase', 'camelcase', 'CAMELCASE']) {
    assertRefused(await register({ username }), 409, 'USERNAME_EXISTS');
  }
  const race = await Promise.all(
    ['racer', 'Racer', 'RACER', 'racer'].map((username) => register({ username })),
  );
  assert.deepEqual(race.map(({ status }) => status).sort(), [201, 409, 409, 409]);
});

test('a username has 3 to 30 of A–Z a–z 0–9 _ -', async () => {
  for (const username of ['abc', 'x'.repeat(30), '___', '-a-', '000']) {
    assert.equal((await register({ username })).status, 201, username);
  }
  for (const username of [
    '',
    'ab',
    'x'.repeat(31),
    'a b',
    'a.b',
    'näme',
    'abc\n',
    ' abc',
    'a/b',
    '🌍🌍🌍',
    'ａｂｃ',
    'K\u212Aelvin',
  ]) {
    assertRefused(await register({ username }), 400, 'INVALID_USERNAME', ['username']);
  }
  assertRefused(await register({}), 400, 'INVALID_REQUEST', ['username']);
  assertRefused(await register({ username: 'abc\0' }), 400, 'INVALID_REQUEST', ['username']);
});

test('a display name has at most 100 characters', async () => {
  assert.equal((await register({ username: 'long-name', display_name: '🌍'.repeat(100) })).status, 201);
  assertRefused(
    await register({ username: 'longer-name', display_name: 'x'.repeat(101) }),
    400,
    'INVALID_REQUEST',
    ['display_name'],
  );
});

test('a new key is valid, and the old one dead, at once', async () => {
  const { json } = await register({ username: 'rotator' });
  const as = (key: string) => ({ authorization: `Bearer ${key}` });
  const rotated = await world.nobody.call('POST', '/auth/rotate-key', undefined, as(json.api_key));
  assert.equal(rotated.status, 200);
  assert.deepEqual(Object.keys(rotated.json), ['api_key']);
  assert.match(rotated.json.api_key, KEY);
  assert.notEqual(rotated.json.api_key, json.api_key);
  assertRefused(await world.nobody.call('GET', '/auth/me', undefined, as(json.api_key)), 401, 'UNAUTHORIZED');
  assertRefused(
    await world.nobody.call('POST', '/auth/rotate-key', undefined, as(json.api_key)),
    401,
    'UNAUTHORIZED',
  );
  const me = await world.nobody.ok('GET', '/auth/me', undefined, as(rotated.json.api_key));
  assert.equal(me.user_id, json.user_id);
});

test('keys that are rotated at the same time leave one valid key', async () => {
  const racer = await world.nobody.register('rotating-racer');
  const answers = await Promise.all(Array.from({ length: 5 }, () => racer.call('POST', '/auth/rotate-key')));
  const keys = answers.filter(({ status }) => status === 200).map(({ json }) => json.api_key);
  const statuses = await Promise.all(
    keys.map(
      async (key) =>
        (await world.nobody.call('GET', '/auth/me', undefined, { authorization: `Bearer ${key}` })).status,
    ),
  );
  assert.equal(statuses.filter((status) => status === 200).length, 1);
});

test('whatever is wrong with a key, the answer is the same', async () => {
  const { json } = await register({ username: 'guessed' });
  const [, id, secret] = json.api_key.split('_');
  const other = (await register({ username: 'guesser' })).json.api_key.split('_');
  const wrong = [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    json.api_key,
    `Basic ${Buffer.from(`guessed:${json.api_key}`).toString('base64')}`,
    `Bearer ${json.api_key} x`,
    `Bearer mhl_${id}_${'0'.repeat(secret.length)}`,
    `Bearer mhl_${id}_${secret.slice(0, -1)}`,
    `Bearer mhl_${id}_${secret}0`,
    `Bearer mhl_${id}_${other[2]}`,
    `Bearer mhl_${'0'.repeat(id.length)}_${secret}`,
    `Bearer ${json.api_key.toUpperCase()}`,
    `Bearer MHL_${id}_${secret}`,
    `Bearer mhl_${id}`,
    `Bearer ' or 1=1 --`,
    `Bearer ${'x'.repeat(8000)}`,
  ];
  const seen = new Set<string>();
  for (const authorization of wrong) {
    const answer = await world.nobody.call(
      'GET',
      '/auth/me',
      undefined,
      authorization === undefined ? {} : { authorization },
    );
    assertRefused(answer, 401, 'UNAUTHORIZED');
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
    seen.add(JSON.stringify({ ...answer.json, request_id: '' }));
  }
  assert.equal(seen.size, 1);
});

test('the scheme is taken in any case (RFC 9110)', async () => {
  const { json } = await register({ username: 'shouting' });
  for (const scheme of ['bearer', 'BEARER', 'Bearer ']) {
    const answer = await world.nobody.call('GET', '/auth/me', undefined, {
      authorization: `${scheme} ${json.api_key}`,
    });
    assert.equal(answer.status, 200);
  }
});

const PROTECTED = [
  'POST /auth/rotate-key',
  'GET /auth/me',
  'POST /agents',
  'GET /agents',
  'DELETE /agents/x',
  'POST /agents/x/ping',
  'POST /agents/x/recover',
  'POST /friends/request',
  'POST /friends/x/accept',
  'POST /friends/x/reject',
  'POST /friends/x/block',
  'DELETE /friends/x',
  'GET /friends',
  'GET /contacts/nora/connections',
  'POST /messages/send',
  'GET /messages',
  'GET /messages/x',
  'GET /deliveries',
  'GET /deliveries/x/attempts',
  'POST /deliveries/x/resend',
];

test('every route but registration and health wants a key, before it looks at the request', async () => {
  for (const route of PROTECTED) {
    const [method = '', path = ''] = route.split(' ');
    assertRefused(await world.nobody.call(method, `${path}?limit=0&since=x&cursor=x`), 401, 'UNAUTHORIZED');
    if (method === 'GET') continue;
    for (const [body, type] of [
      ['{', 'application/json'],
      ['[]', 'application/json'],
      ['x', 'text/plain'],
      ['x'.repeat(1_000_000), 'application/json'],
    ]) {
      const answer = await world.nobody.call(method, path, body, { 'content-type': type ?? '' });
      assertRefused(answer, 401, 'UNAUTHORIZED');
    }
  }
});
