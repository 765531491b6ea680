import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Answer, Client } from '../world/client.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { assertRefused } from './refusal.ts';

const RATE_LIMIT = 30;
const RATE_LIMIT_IP = 25;
const PINGS = 10;

const world = new InProcessWorld({ RATE_LIMIT: String(RATE_LIMIT), RATE_LIMIT_IP: String(RATE_LIMIT_IP) });
/** An API that trusts a proxy, so that each test can use its own addresses. */
const proxied = new InProcessWorld({
  RATE_LIMIT: String(RATE_LIMIT),
  RATE_LIMIT_IP: String(RATE_LIMIT_IP),
  TRUST_PROXY: '10.0.0.0/8, 127.0.0.1/32',
});

before(async () => {
  await Promise.all([world.startApi(), proxied.startApi()]);
});
after(() => Promise.all([world, proxied].map((started) => started[Symbol.asyncDispose]())));

async function repeat(times: number, call: () => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let i = 0; i < times; i++) answers.push(await call());
  return answers;
}

const limits = ({ headers }: Answer) => [
  headers.get('x-ratelimit-limit'),
  headers.get('x-ratelimit-remaining'),
];

function assertLimited(answer: Answer, limit: number): void {
  assertRefused(answer, 429, 'RATE_LIMITED');
  assert.deepEqual(limits(answer), [String(limit), '0']);
  const retryAfter = Number(answer.headers.get('retry-after'));
  assert.ok(retryAfter >= 1 && retryAfter <= 60, `Retry-After: ${retryAfter}`);
}

let address = 0;
/** An address that no test has used yet, as a trusted proxy names it. */
function newAddress(): Record<string, string> {
  address += 1;
  return { 'x-forwarded-for': `203.0.113.${address}` };
}

async function registerFrom(from: Record<string, string>, username: string): Promise<Client> {
  const { api_key } = await proxied.nobody.ok('POST', '/auth/register', { username }, from);
  return new Client(() => proxied.url, username, api_key);
}

test('a user has RATE_LIMIT requests a minute, wherever they come from, and others keep theirs', async () => {
  const [ann, ben] = [await registerFrom(newAddress(), 'ann'), await registerFrom(newAddress(), 'ben')];
  const answers = await repeat(RATE_LIMIT, () => ann.call('GET', '/auth/me', undefined, newAddress()));
  assert.deepEqual(
    answers.map(limits),
    answers.map((_, i) => [String(RATE_LIMIT), String(RATE_LIMIT - 1 - i)]),
  );
  for (const { headers } of answers) assert.ok(Number(headers.get('x-ratelimit-reset')) <= 60);
  assertLimited(await ann.call('GET', '/auth/me', undefined, newAddress()), RATE_LIMIT);
  assertLimited(await ann.call('POST', '/messages/send', '{', newAddress()), RATE_LIMIT);
  assert.equal((await ben.call('GET', '/auth/me')).status, 200);
});

test('every answer tells the limit, whatever it is', async () => {
  const cid = await registerFrom(newAddress(), 'cid');
  const answers = [
    await cid.call('GET', '/agents'),
    await cid.call('POST', '/agents', {}),
    await cid.call('POST', '/agents', '{'),
    await cid.call('POST', '/agents', 'x', { 'content-type': 'text/plain' }),
    await cid.call('GET', '/messages/x'),
    await cid.call('PUT', '/agents', {}),
    await cid.call('GET', '/nowhere'),
    await cid.call('GET', '/messages/%zz'),
    await cid.call('POST', '/friends/request', { username: 'cid' }),
    await cid.call('GET', '/deliveries'),
  ];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 400, 400, 415, 404, 405, 404, 400, 400, 200],
  );
  assert.deepEqual(
    answers.map(limits),
    answers.map((_, i) => [String(RATE_LIMIT), String(RATE_LIMIT - 1 - i)]),
  );
});

test('requests without a key and with bad keys count together, by address, at RATE_LIMIT_IP', async () => {
  const from = newAddress();
  const nobody = proxied.nobody;
  const bad = { ...from, authorization: `Bearer mhl_${'0'.repeat(12)}_${'0'.repeat(36)}` };
  const calls = [
    () => nobody.call('GET', '/auth/me', undefined, from),
    () => nobody.call('GET', '/auth/me', undefined, bad),
    () => nobody.call('POST', '/auth/register', {}, from),
    () => nobody.call('GET', '/nowhere', undefined, bad),
    () => nobody.call('PATCH', '/agents', undefined, from),
  ];
  for (let i = 0; i < RATE_LIMIT_IP; i++) {
    const answer = await calls[i % calls.length]?.();
    assert.deepEqual(answer && limits(answer), [String(RATE_LIMIT_IP), String(RATE_LIMIT_IP - 1 - i)]);
  }
  for (const call of calls) assertLimited(await call(), RATE_LIMIT_IP);
  const user = await registerFrom(newAddress(), 'neighbour');
  assert.equal(
    (await user.call('GET', '/auth/me', undefined, from)).status,
    200,
    'a good key at a bad address',
  );
});

test('an address is counted by its network, not by its spelling', async () => {
  const from = (address: string) =>
    proxied.nobody.call('GET', '/auth/me', undefined, { 'x-forwarded-for': address });
  const spellings = ['2001:db8::1', '2001:DB8:0:0::1', '2001:db8::ffff:2', '2001:db8:0:0:1234::'];
  for (const [i, address] of spellings.entries()) {
    assert.equal(limits(await from(address))[1], String(RATE_LIMIT_IP - 1 - i), address);
  }
  assert.equal(limits(await from('198.51.100.7'))[1], String(RATE_LIMIT_IP - 1));
  assert.equal(limits(await from('::ffff:198.51.100.7'))[1], String(RATE_LIMIT_IP - 2));
});

test('behind trusted proxies the last address that is none of them counts', async () => {
  const call = (chain: string) =>
    proxied.nobody.call('GET', '/auth/me', undefined, { 'x-forwarded-for': chain });
  assert.equal(limits(await call('198.51.100.99'))[1], String(RATE_LIMIT_IP - 1));
  assert.equal(limits(await call('spoofed, 198.51.100.99, 10.1.2.3'))[1], String(RATE_LIMIT_IP - 2));
  assert.equal(limits(await call('203.0.113.250, 198.51.100.99'))[1], String(RATE_LIMIT_IP - 3));
});

test('X-Forwarded-For is ignored unless TRUST_PROXY names its sender', async () => {
  const answers = await repeat(RATE_LIMIT_IP, () =>
    world.nobody.call('GET', '/auth/me', undefined, newAddress()),
  );
  assert.ok(answers.every(({ status }) => status === 401));
  assertLimited(await world.nobody.call('GET', '/auth/me', undefined, newAddress()), RATE_LIMIT_IP);
});

test('health and readiness are never limited', async () => {
  for (const path of ['//health', '//ready']) {
    for (const answer of await repeat(2 * RATE_LIMIT, () => world.nobody.call('GET', path))) {
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('x-ratelimit-limit'), null);
    }
  }
});

test('pings have a lower limit of their own, so that they are no port scanner', async () => {
  const dan = await registerFrom(newAddress(), 'dan');
  const ping = () => dan.call('POST', '/agents/x/ping');
  const answers = await repeat(PINGS, ping);
  assert.ok(answers.every(({ status }) => status === 404));
  assert.deepEqual(answers.map(limits)[0], [String(PINGS), String(PINGS - 1)]);
  assertLimited(await ping(), PINGS);
  assert.equal((await dan.call('GET', '/auth/me')).status, 200);
});
