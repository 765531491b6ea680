import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '../world/client.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { assertRefused } from './refusal.ts';

const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/;
const URL = 'http://127.0.0.1:9999/callback';
const KEY = { public_key: 'AAAA', public_key_alg: 'ed25519' };
const AGENT = { framework: 'openclaw', label: 'main', callback_url: URL, ...KEY };

const world = new InProcessWorld();

before(async () => {
  await world.startApi();
});
after(() => world[Symbol.asyncDispose]());

const connect = (user: Client, more: Record<string, unknown> = {}) =>
  user.call('POST', '/agents', { ...AGENT, ...more });
const only = async (user: Client) => (await user.ok('GET', '/agents'))[0];

test('a new agent gets an id and a secret of the Standard Webhooks form, and is listed with everything but the secret', async () => {
  const user = await world.nobody.register('new-agent');
  const { status, json } = await connect(user, {
    description: 'Plans my week',
    capabilities: ['chat', 'calendar'],
    routing_priority: 7,
    public_key_alg: 'x25519',
  });
  assert.equal(status, 201);
  assert.deepEqual(Object.keys(json).sort(), ['callback_secret', 'connection_id', 'mode']);
  assert.equal(json.mode, 'callback');
  assert.match(json.connection_id, /^conn_[0-9a-z]{26}$/);
  assert.match(json.callback_secret, SECRET);
  const { created_at, ...listed } = await only(user);
  assert.deepEqual(listed, {
    id: json.connection_id,
    framework: 'openclaw',
    label: 'main',
    description: 'Plans my week',
    capabilities: ['chat', 'calendar'],
    routing_priority: 7,
    mode: 'callback',
    callback_url: URL,
    public_key: 'AAAA',
    public_key_alg: 'x25519',
    status: 'active',
    health: { state: 'never_seen', failures: 0, waiting: 0, dead_letters: 0 },
  });
  assert.equal(new Date(created_at).toISOString(), created_at);
});

test('what an agent does not say has its default, or is left out', async () => {
  const user = await world.nobody.register('terse');
  await connect(user);
  const listed = await only(user);
  assert.deepEqual([listed.routing_priority, listed.capabilities], [0, []]);
  for (const field of ['description', 'last_seen']) assert.equal(field in listed, false, field);
});

test('the same framework and label update the agent: what is absent stays, what is given changes', async () => {
  const user = await world.nobody.register('updating');
  const created = await connect(user, { description: 'old', capabilities: ['a'], routing_priority: 3 });
  const updated = await connect(user, { description: 'new', callback_url: `${URL}/2`, capabilities: 'b,c' });
  assert.equal(updated.status, 200);
  assert.deepEqual(updated.json, {
    connection_id: created.json.connection_id,
    mode: 'callback',
    updated: true,
  });
  const agents = await user.ok('GET', '/agents');
  assert.equal(agents.length, 1);
  const { description, callback_url, capabilities, routing_priority, status } = agents[0];
  assert.deepEqual(
    [description, callback_url, capabilities, routing_priority, status],
    ['new', `${URL}/2`, ['b', 'c'], 3, 'active'],
  );
  assert.equal((await connect(user, { label: 'Main' })).status, 201, 'labels differ in case');
  assert.equal((await connect(user, { framework: 'other' })).status, 201);
});

test('when the same new agent is registered twice at once, there is one', async () => {
  const user = await world.nobody.register('double');
  const answers = await Promise.all(Array.from({ length: 5 }, () => connect(user)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 201]);
  assert.equal(new Set(answers.map(({ json }) => json.connection_id)).size, 1);
  assert.equal((await user.ok('GET', '/agents')).length, 1);
});

test('a secret is the caller’s own, kept, or rotated when asked for', async () => {
  const user = await world.nobody.register('secretive');
  const given = 'sixteen-letters!';
  assert.equal((await connect(user, { callback_secret: given })).json.callback_secret, given);
  const rotated = await connect(user, { rotate_secret: true });
  assert.equal(rotated.status, 200);
  assert.match(rotated.json.callback_secret, SECRET);
  assert.equal('callback_secret' in (await connect(user)).json, false);
  assert.equal('callback_secret' in (await connect(user, { rotate_secret: false })).json, false);
  const chosen = await connect(user, { rotate_secret: true, callback_secret: 'another secret, mine' });
  assert.equal(chosen.json.callback_secret, 'another secret, mine');
  const first = await connect(user, { label: 'first', rotate_secret: true });
  assert.deepEqual(
    [first.status, Object.keys(first.json).sort()],
    [201, ['callback_secret', 'connection_id', 'mode']],
  );
});

test('a secret has 16 to 64 characters, and valid base64 after whsec_', async () => {
  const user = await world.nobody.register('strict-secret');
  for (const callback_secret of [
    'x'.repeat(16),
    'x'.repeat(64),
    'ü🌍'.repeat(8),
    `whsec_${Buffer.alloc(32).toString('base64')}`,
  ]) {
    assert.equal((await connect(user, { callback_secret, label: `l${callback_secret.length}` })).status, 201);
  }
  for (const callback_secret of [
    '',
    'x'.repeat(15),
    'x'.repeat(65),
    'whsec_not-base64!!!!',
    `whsec_${'A'.repeat(41)}`,
  ]) {
    assertRefused(await connect(user, { callback_secret }), 400, 'INVALID_REQUEST', ['callback_secret']);
  }
});

test('capabilities are an array, or the same as a JSON or comma-separated text', async () => {
  const user = await world.nobody.register('capable');
  const forms: [given: unknown, taken: string[]][] = [
    [
      ['chat', 'a b'],
      ['chat', 'a b'],
    ],
    [[], []],
    ['["chat","a,b"]', ['chat', 'a,b']],
    [' chat , calendar ,, ', ['chat', 'calendar']],
    ['', []],
    [Array(50).fill('x'.repeat(64)), Array(50).fill('x'.repeat(64))],
    [['🌍'.repeat(64)], ['🌍'.repeat(64)]],
  ];
  for (const [capabilities, taken] of forms) {
    await connect(user, { capabilities });
    assert.deepEqual((await only(user)).capabilities, taken);
  }
  const wrong = [
    null,
    1,
    true,
    {},
    [1],
    [''],
    ['x'.repeat(65)],
    Array(51).fill('x'),
    [null],
    [['x']],
    '[',
    '[1]',
    '{"a":1}'.repeat(20),
    'x'.repeat(65),
    ['\ud800'],
  ];
  for (const capabilities of wrong) {
    assertRefused(await connect(user, { capabilities }), 400, 'INVALID_CAPABILITIES', ['capabilities']);
  }
});

test('a callback URL that cannot be called is refused, with the reason', async () => {
  const user = await world.nobody.register('misdirected');
  const wrong: [url: string, reason: RegExp][] = [
    ['', /not a valid absolute URL/],
    ['/callback', /not a valid absolute URL/],
    ['ftp://agent.example/x', /https/],
    ['javascript:alert(1)', /https/],
    ['file:///etc/passwd', /https/],
    ['http://agent.example/x', /https/],
    ['https://user:secret@agent.example/', /user name or password/],
    ['https://agent.example/#part', /fragment/],
    ['https://agent.example/#', /fragment/],
    ['https://10.0.0.1/', /address/],
    ['https://192.168.1.1/', /address/],
    ['https://169.254.169.254/latest/meta-data', /address/],
    ['https://[fd00::1]/', /address/],
    ['https://[::ffff:10.0.0.1]/', /address/],
    ['https://0x0a000001/', /address/],
    ['https://intranet/', /full host name/],
    ['https://agent.example:6379/', /port 6379/],
    [`https://agent.example/${'x'.repeat(2048)}`, /2048 characters/],
  ];
  for (const [callback_url, reason] of wrong) {
    const answer = await connect(user, { callback_url });
    assertRefused(answer, 400, 'INVALID_CALLBACK_URL', ['callback_url']);
    assert.match(answer.json.error, reason, callback_url);
    assert.doesNotMatch(answer.json.error, /secret/);
  }
  assert.deepEqual(await user.ok('GET', '/agents'), []);
});

test('in production loopback is refused, and with ALLOW_PRIVATE_IPS only cloud metadata is', async () => {
  await using production = new InProcessWorld({ NODE_ENV: 'production' });
  await using lenient = new InProcessWorld({ NODE_ENV: 'production', ALLOW_PRIVATE_IPS: 'true' });
  await Promise.all([production.startApi(), lenient.startApi()]);
  const [strictUser, lenientUser] = [
    await production.nobody.register('ann'),
    await lenient.nobody.register('ann'),
  ];
  for (const callback_url of [
    URL,
    'https://127.0.0.1/',
    'https://localhost/',
    'https://[::1]/',
    'http://8.8.8.8/',
  ]) {
    assertRefused(await connect(strictUser, { callback_url }), 400, 'INVALID_CALLBACK_URL', ['callback_url']);
    const allowed = await connect(lenientUser, { callback_url });
    assert.ok(allowed.status < 300, `${callback_url}: ${JSON.stringify(allowed.json)}`);
  }
  for (const callback_url of ['http://169.254.169.254/', 'http://[fd00:ec2::254]/']) {
    assertRefused(await connect(lenientUser, { callback_url }), 400, 'INVALID_CALLBACK_URL', [
      'callback_url',
    ]);
  }
});

test('a polling agent needs no URL and no key, and has no secret', async () => {
  const user = await world.nobody.register('polling');
  const { status, json } = await user.call('POST', '/agents', {
    framework: 'cli',
    label: 'laptop',
    mode: 'polling',
  });
  assert.equal(status, 201);
  assert.deepEqual(json, { connection_id: json.connection_id, mode: 'polling' });
  const listed = await only(user);
  assert.equal(listed.mode, 'polling');
  for (const field of ['callback_url', 'public_key', 'public_key_alg'])
    assert.equal(field in listed, false, field);
});

test('what present clients send connects: another word for callbacks, which is remembered, and no key', async () => {
  const user = await world.nobody.register('present');
  const sent = {
    framework: 'openclaw',
    label: 'default',
    mode: 'webhook',
    callback_url: URL,
    capabilities: ['chat'],
  };
  const created = await user.call('POST', '/agents', { ...sent, rotate_secret: true });
  assert.deepEqual([created.status, created.json.mode], [201, 'webhook']);
  assert.match(created.json.callback_secret, SECRET);
  const again = await user.call('POST', '/agents', { ...sent, rotate_secret: true });
  assert.deepEqual([again.status, again.json.mode], [200, 'webhook']);
  assert.match(again.json.callback_secret, SECRET);
  assert.equal((await only(user)).mode, 'webhook');
  const { mode: _, ...modeless } = sent;
  assert.equal((await user.call('POST', '/agents', modeless)).json.mode, 'webhook', 'still its word');
  assert.equal((await user.call('POST', '/agents', { ...sent, mode: 'callback' })).json.mode, 'callback');
  assert.equal((await user.call('POST', '/agents', modeless)).json.mode, 'callback');
});

test('who says neither mode nor URL polls, and callbacks need a URL', async () => {
  const user = await world.nobody.register('modeless');
  const names = { framework: 'cli', label: 'laptop' };
  assert.equal((await user.call('POST', '/agents', names)).json.mode, 'polling');
  assert.equal((await user.call('POST', '/agents', { ...names, callback_url: URL })).json.mode, 'callback');
  for (const mode of ['callback', 'webhook']) {
    const answer = await user.call('POST', '/agents', { ...names, mode });
    assertRefused(answer, 400, 'INVALID_REQUEST', ['callback_url']);
  }
  assert.equal((await only(user)).mode, 'callback', 'what is refused changes nothing');
  const subscribing = await user.call('POST', '/agents', { ...names, mode: 'events', callback_url: URL });
  assertRefused(subscribing, 400, 'INVALID_REQUEST', ['mode']);
  assert.match(subscribing.json.error, /events\/subscribe at \/mcp/);
});

test('an agent may change from polling to callbacks and back', async () => {
  const user = await world.nobody.register('changing');
  const as = (mode: string, more: object = {}) => connect(user, { mode, ...more });
  assert.equal((await as('polling')).status, 201);
  const first = await as('callback');
  assert.deepEqual([first.status, first.json.mode], [200, 'callback']);
  assert.match(first.json.callback_secret, SECRET, 'it had none to keep');
  assert.equal((await only(user)).callback_url, URL);
  const polls = await as('polling', { rotate_secret: true, callback_secret: 'nobody needs this' });
  const { connection_id } = first.json;
  assert.deepEqual([polls.status, polls.json], [200, { connection_id, mode: 'polling', updated: true }]);
  assert.equal('callback_url' in (await only(user)), false);
  const second = (await as('callback')).json.callback_secret;
  assert.match(second, SECRET);
  assert.notEqual(second, first.json.callback_secret);
  await as('polling');
  assert.equal(
    (await as('callback', { callback_secret: 'one of my own making' })).json.callback_secret,
    'one of my own making',
  );
  assert.equal('callback_secret' in (await as('callback')).json, false);
});

test('a deleted agent is gone, and the same name is a new agent afterwards', async () => {
  const user = await world.nobody.register('deleting');
  const { connection_id } = (await connect(user)).json;
  assert.deepEqual((await user.call('DELETE', `/agents/${connection_id}`)).json, { success: true });
  assert.deepEqual(await user.ok('GET', '/agents'), []);
  assertRefused(await user.call('DELETE', `/agents/${connection_id}`), 404, 'NOT_FOUND');
  assertRefused(await user.call('POST', `/agents/${connection_id}/ping`), 404, 'NOT_FOUND');
  const again = await connect(user);
  assert.equal(again.status, 201);
  assert.notEqual(again.json.connection_id, connection_id);
});

test('who wants a new agent changes none that is there', async () => {
  const user = await world.nobody.register('creating');
  const body = { framework: 'script', label: 'laptop', mode: 'polling', create_only: true };
  const { connection_id } = await user.ok('POST', '/agents', { ...body, description: 'the first' });
  const changed = {
    ...body,
    description: 'another',
    callback_url: 'http://127.0.0.1:8099/',
    mode: 'callback',
  };
  assertRefused(await user.call('POST', '/agents', changed), 409, 'AGENT_EXISTS');
  const agent = await only(user);
  assert.deepEqual([agent.id, agent.description, agent.mode], [connection_id, 'the first', 'polling']);
  await user.ok('DELETE', `/agents/${connection_id}`);
  await user.ok('POST', '/agents', body);
});

test('somebody else’s agent is not to be seen, pinged, recovered or deleted', async () => {
  const [owner, other] = [await world.nobody.register('owner'), await world.nobody.register('intruder')];
  const { connection_id } = (await connect(owner)).json;
  assert.deepEqual(await other.ok('GET', '/agents'), []);
  assertRefused(await other.call('DELETE', `/agents/${connection_id}`), 404, 'NOT_FOUND');
  assertRefused(await other.call('POST', `/agents/${connection_id}/ping`), 404, 'NOT_FOUND');
  assertRefused(await other.call('POST', `/agents/${connection_id}/recover`, { since: 0 }), 404, 'NOT_FOUND');
  assert.equal((await only(owner)).status, 'active');
});
