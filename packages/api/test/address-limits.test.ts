import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SettableClock } from '@mahilo/shared/test/settable-clock';
import { testApp } from './test-app.ts';

const LIMIT = 20;
const TRUST_PROXY = '10.0.0.0/8, 127.0.0.1/32';

/** An API that trusts a proxy at 127.0.0.1, with low limits. */
async function limited(environment: Readonly<Record<string, string>> = {}) {
  const clock = new SettableClock();
  const settings = { RATE_LIMIT: '20', TRUST_PROXY, REGISTRATIONS_PER_ADDRESS: '3', ...environment };
  const here = await testApp(() => ({}), settings, clock);
  const ask = (from: string, key?: string, url = '/api/v1/auth/me') =>
    here.app.inject({
      url,
      headers: { 'x-forwarded-for': from, ...(key && { authorization: `Bearer ${key}` }) },
    });
  const register = (username: string, from: string) =>
    here.app.inject({
      method: 'POST',
      url: '/api/v1/auth/register',
      headers: { 'x-forwarded-for': from },
      payload: { username },
    });
  return { ...here, clock, ask, register };
}

test('whatever a client writes into X-Forwarded-For, it does not become another one', async () => {
  await using here = await limited();
  const client = '203.0.113.9';
  const spellings = [
    (i: number) => `${client}:${1024 + i}`,
    (i: number) => `198.51.100.${i}, ${client}:443`,
    (i: number) => `[::ffff:${client}]:${1024 + i}`,
    (i: number) => `junk-${i}, ${client}, 10.0.0.${i}:80`,
  ];
  const answers = [];
  for (let i = 0; i < 32; i++) answers.push(await here.ask(spellings[i % 4]?.(i) ?? ''));
  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    answers.map((_, i) => (i < LIMIT ? 401 : 429)),
  );
  const network = ['[2001:db8::1]:1', '[2001:db8::2]', '2001:db8::3', '2001:DB8:0:0:4::'];
  for (const [i, from] of network.entries()) {
    assert.equal((await here.ask(from)).headers['x-ratelimit-remaining'], String(LIMIT - 1 - i), from);
  }
});

test('junk counts as the proxy that sent it on, and is not a key of its own', async () => {
  await using here = await limited();
  const junk = [
    '_hidden',
    'unknown',
    '1.2.3',
    '1.2.3.4:',
    '1.2.3.4:123456',
    '[::1',
    '::1]',
    '"1.2.3.4"',
    '',
    ', ,',
    '[]',
  ];
  const answers = [];
  for (let i = 0; i < 32; i++)
    answers.push(await here.ask(`${junk[i % junk.length]}${i < 11 ? '' : `!${i}`}`));
  const refused = answers.filter(({ statusCode }) => statusCode === 429);
  assert.equal(refused.length, 32 - LIMIT);
  assert.equal(
    (await here.ask('_hidden, 10.9.9.9')).headers['x-ratelimit-remaining'],
    String(LIMIT - 1),
    'another proxy',
  );
});

test('all accounts of one address together have fifty times what one has', async () => {
  await using here = await limited({
    RATE_LIMIT: '2',
    RATE_LIMIT_IP: '1000',
    REGISTRATIONS_PER_ADDRESS: '100',
  });
  const keys = await Promise.all(
    Array.from({ length: 55 }, async (_, i) => (await here.register(`u-${i}`, '203.0.113.1')).json().api_key),
  );
  const answers = [];
  for (const key of [...keys, ...keys]) answers.push(await here.ask('203.0.113.1', key));
  assert.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 100);
  const last = answers.at(-1);
  assert.deepEqual([last?.statusCode, last?.json().code], [429, 'RATE_LIMITED']);
  assert.deepEqual([last?.headers['x-ratelimit-limit'], last?.headers['retry-after']], ['100', '60']);
  assert.equal(last?.headers['ratelimit'], '"user";r=0;t=60');
  here.clock.ms += 60_000;
  for (const key of [...keys, ...keys])
    assert.equal((await here.ask('10.1.2.3', key)).statusCode, 200, 'not counted');
});

test('without a valid key an IPv6 /48 has sixteen times what one address has', async () => {
  await using here = await limited({ RATE_LIMIT_IP: '2' });
  const statuses = [];
  for (let i = 0; i < 40; i++) {
    statuses.push((await here.ask(`2001:db8:7:${i.toString(16)}::1`)).statusCode);
  }
  assert.deepEqual(
    statuses,
    statuses.map((_, i) => (i < 32 ? 401 : 429)),
  );
  assert.equal((await here.ask('2001:db8:8::1')).statusCode, 401);
});

test('an address has so many new accounts a day, its /64 as one, and a loopback address as many as it likes', async () => {
  await using here = await limited();
  const statuses = [];
  for (const i of [1, 2, 3, 4]) statuses.push((await here.register(`net-${i}`, `2001:db8::${i}`)).statusCode);
  assert.deepEqual(statuses, [201, 201, 201, 429]);
  assert.equal((await here.register('net-1', '203.0.113.1')).statusCode, 409, 'what fails is not counted');
  for (const i of [1, 2, 3]) assert.equal((await here.register(`v4-${i}`, '203.0.113.1')).statusCode, 201);
  const refused = await here.register('v4-4', '203.0.113.1');
  assert.deepEqual([refused.statusCode, refused.json().code], [429, 'QUOTA_EXCEEDED']);
  assert.equal(refused.json().details[0].path, 'registrations_per_address');
  assert.equal(refused.headers['retry-after'], '86400');
  for (const i of [1, 2, 3, 4]) assert.equal((await here.register(`own-${i}`, '_')).statusCode, 201);
  here.clock.ms += 86_400_000;
  assert.equal((await here.register('v4-4', '203.0.113.1')).statusCode, 201);
});

test('every answer tells the limit in the standard headers, too; static pages have a limit of their own', async () => {
  await using here = await limited();
  const key = (await here.register('ann', '203.0.113.1')).json().api_key;
  const first = await here.ask('203.0.113.1', key);
  assert.equal(first.headers['ratelimit-policy'], '"user";q=20;w=60');
  assert.equal(first.headers['ratelimit'], '"user";r=19;t=60');
  here.clock.ms += 12_345;
  assert.equal((await here.ask('203.0.113.1', key)).headers['ratelimit'], '"user";r=18;t=48');
  for (const url of ['/docs', '/docs/', '/openapi.json', '/docs/reference.css']) {
    const page = await here.ask('203.0.113.1', key, url);
    assert.equal(page.headers['ratelimit-policy'], '"static";q=200;w=60', url);
  }
  assert.equal((await here.ask('203.0.113.1', key)).headers['ratelimit'], '"user";r=17;t=48');
  assert.equal((await here.ask('203.0.113.1', key, '/health')).headers['ratelimit'], undefined);
});

test('a wall clock that jumps changes no limit', async () => {
  await using here = await limited();
  let wall = Date.now();
  here.clock.now = () => wall;
  for (let i = 0; i < LIMIT; i++) assert.equal((await here.ask('203.0.113.1')).statusCode, 401);
  for (const jump of [86_400_000, -30 * 86_400_000]) {
    wall += jump;
    assert.equal((await here.ask('203.0.113.1')).statusCode, 429);
  }
});
