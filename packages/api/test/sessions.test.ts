import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { giveNewKey } from '@mahilo/shared/accounts/register-user';
import { mintToken } from '@mahilo/shared/accounts/session-token';
import { insertSignInLink } from '@mahilo/shared/accounts/sign-in-links';
import { setDisplayName } from '@mahilo/shared/accounts/users';
import { systemRandom } from '@mahilo/shared/random';
import { keyRing } from '@mahilo/shared/sealing/key-ring';
import { SettableClock } from '@mahilo/shared/test/settable-clock';
import { apiDatabase } from '../src/access/api-database.ts';
import { ApiClient } from './api-client.ts';
import { BrowserDouble } from './browser-double.ts';
import { callerDouble } from './caller-double.ts';
import { type TestApp, testApp } from './test-app.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

let here: TestApp;
const clock = new SettableClock();
const api = new ApiClient(() => here.app);
const browser = () => new BrowserDouble(() => here.app);

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '10000' }, clock);
});
after(() => here[Symbol.asyncDispose]());

async function signedIn(username: string): Promise<{ key: string; anns: BrowserDouble }> {
  const key = await api.register(username);
  const anns = browser();
  const { status } = await anns.signIn(key);
  assert.equal(status, 201);
  return { key, anns };
}

/** The rows of a user who is signed in. */
async function sessionsOf(username: string) {
  const rows = await here.db.kysely
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(['sessions.id', 'user_id'])
    .where('username', '=', username)
    .execute();
  const [first, ...others] = rows;
  assert.ok(first);
  return [first, ...others] as const;
}

test('a key is exchanged once for a session, which only the cookie has', async () => {
  const key = await api.register('ann');
  const anns = browser();
  const { status, json, headers } = await anns.signIn(key);
  assert.equal(status, 201);
  const { session_id, user_id, session_expires_at, ...rest } = json;
  assert.deepEqual(rest, { authenticated: true, username: 'ann', display_name: null });
  assert.equal(session_expires_at, new Date(clock.ms + 90 * DAY_MS).toISOString());
  assert.equal(headers['cache-control'], 'no-store');
  const token = anns.cookie.split('=')[1] ?? '';
  assert.match(token, /^[\w-]{43}$/);
  assert.ok(!JSON.stringify(json).includes(token));
  assert.equal((await anns.call('GET', '/auth/me')).json.user_id, user_id);
  const rows = await here.db.kysely.selectFrom('sessions').selectAll().execute();
  assert.ok(
    !JSON.stringify(rows.map((row) => ({ ...row, text: row.token_hash.toString() }))).includes(token),
  );
  const [listed] = (await anns.call('GET', '/auth/sessions')).json;
  const at = new Date(clock.ms).toISOString();
  assert.deepEqual(listed, {
    id: session_id,
    way: 'api_key',
    browser: 'Firefox on Linux',
    created_at: at,
    last_used_at: at,
    expires_at: new Date(clock.ms + 30 * DAY_MS).toISOString(),
    current: true,
  });
});

test('what is no key signs nobody in, and a narrow key does not', async () => {
  const key = await api.register('narrow');
  const read = await api.ok(key, 'POST', '/auth/keys', { name: 'read', scope: 'read' });
  const cases: [object, number, string][] = [
    [{}, 400, 'INVALID_REQUEST'],
    [{ api_key: key, link_token: mintToken(systemRandom) }, 400, 'INVALID_REQUEST'],
    [{ api_key: 'mhl_nothing' }, 401, 'UNAUTHORIZED'],
    [{ api_key: `${key.slice(0, -1)}~` }, 401, 'UNAUTHORIZED'],
    [{ api_key: read.api_key }, 403, 'INSUFFICIENT_SCOPE'],
    [{ link_token: mintToken(systemRandom) }, 403, 'INVALID_SIGN_IN_LINK'],
  ];
  for (const [body, status, code] of cases) {
    const anns = browser();
    const answer = await anns.call('POST', '/auth/sessions', body);
    assert.deepEqual([answer.status, answer.json.code, anns.setCookie], [status, code, '']);
  }
});

test('the cookie is for this host over https alone, but on a developer’s machine', async () => {
  const { anns } = await signedIn('cookies');
  assert.match(anns.setCookie, /^mahilo=[\w-]{43}; Max-Age=7776000; Path=\/; HttpOnly; SameSite=Strict$/);
  const cases: Record<string, string>[] = [
    { PUBLIC_URL: 'https://registry.example' },
    { NODE_ENV: 'production' },
  ];
  for (const environment of cases) {
    await using there = await testApp(() => ({}), environment, clock);
    const key = await new ApiClient(() => there.app).register('ann');
    const bens = new BrowserDouble(() => there.app);
    await bens.signIn(key);
    assert.match(
      bens.setCookie,
      /^__Host-mahilo=[\w-]{43}; Max-Age=7776000; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    assert.equal(await bens.isSignedIn(), true);
    bens.cookie = bens.cookie.replace('__Host-', '');
    assert.equal(await bens.isSignedIn(), false, 'any subdomain could have set that one');
  }
});

test('a session counts for pages of the registry itself, and for what a person opens', async () => {
  const { anns } = await signedIn('origins');
  const post = (headers: Record<string, string | undefined>) =>
    anns.call('PATCH', '/auth/me', { display_name: 'Ann' }, { 'sec-fetch-site': undefined, ...headers });
  const get = (headers: Record<string, string | undefined>) =>
    anns.call('GET', '/auth/me', undefined, { 'sec-fetch-site': undefined, ...headers });
  const own = 'http://localhost:80';
  const cases: [typeof post, Record<string, string>, number][] = [
    [post, { 'sec-fetch-site': 'same-origin' }, 200],
    [post, { 'sec-fetch-site': 'same-site' }, 401],
    [post, { 'sec-fetch-site': 'cross-site' }, 401],
    [post, { 'sec-fetch-site': 'none' }, 401],
    [post, { 'sec-fetch-site': 'cross-site', origin: own }, 401],
    [post, { origin: own }, 200],
    [post, { origin: 'https://evil.example' }, 401],
    [post, { origin: 'null' }, 401],
    [post, {}, 401],
    [get, { 'sec-fetch-site': 'none' }, 200],
    [get, { 'sec-fetch-site': 'cross-site' }, 401],
    [get, { 'sec-fetch-site': 'same-site' }, 401],
    [get, {}, 200],
    [get, { upgrade: 'websocket', connection: 'upgrade' }, 401],
    [get, { upgrade: 'websocket', connection: 'upgrade', origin: 'https://evil.example' }, 401],
  ];
  for (const [ask, headers, status] of cases)
    assert.equal((await ask(headers)).status, status, JSON.stringify(headers));
});

test('no other site signs its visitors in; programs may sign in', async () => {
  const key = await api.register('sign-in-csrf');
  const cases: [Record<string, string>, number][] = [
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ origin: 'https://evil.example' }, 403],
    [{}, 201],
  ];
  for (const [headers, status] of cases) {
    const anns = browser();
    const body = { api_key: key };
    const all = { 'sec-fetch-site': undefined, ...headers };
    assert.equal((await anns.call('POST', '/auth/sessions', body, all)).status, status);
    assert.equal(anns.cookie !== '', status === 201);
  }
});

test('the header counts where both come, also when it is wrong', async () => {
  const { anns } = await signedIn('both');
  const other = await api.register('other');
  const me = (authorization: string) => anns.call('GET', '/auth/me', undefined, { authorization });
  assert.equal((await me(`Bearer ${other}`)).json.username, 'other');
  assert.equal((await me('Bearer nonsense')).status, 401);
  assert.equal((await me('Basic YTpi')).status, 401);
});

test('a session is no key of the protocols for agents', async () => {
  const { anns } = await signedIn('no-mcp');
  const headers = { cookie: anns.cookie, 'sec-fetch-site': 'same-origin' };
  const payload = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  const answer = await here.app.inject({ method: 'POST', url: '/mcp', headers, payload });
  assert.equal(answer.statusCode, 401);
  assert.equal((await anns.call('POST', '/auth/rotate-key')).json.code, 'INSUFFICIENT_SCOPE');
});

test('what is dangerous needs a sign-in of the last ten minutes; to sign in again is enough', async () => {
  const { key, anns } = await signedIn('stepper');
  const newKey = { name: 'next', scope: 'all' };
  const made = await anns.call('POST', '/auth/keys', newKey);
  assert.equal(made.status, 201);
  clock.ms += 10 * MINUTE_MS + 1;
  const before = anns.cookie;
  const dangerous: ['POST' | 'DELETE', string, object?][] = [
    ['POST', '/auth/keys', newKey],
    ['DELETE', `/auth/keys/${made.json.id}`],
    ['POST', '/auth/browser-login/approve', { approval_code: 'ABCDEF' }],
    ['DELETE', '/auth/me'],
  ];
  for (const [method, path, body] of dangerous) {
    const { status, json } = await anns.call(method, path, body);
    assert.deepEqual([status, json.code], [403, 'STEP_UP_REQUIRED'], path);
  }
  assert.equal((await api.call(key, 'POST', '/auth/keys', newKey)).status, 201, 'a key may');
  await anns.signIn(key);
  assert.notEqual(anns.cookie, before);
  assert.equal((await anns.call('POST', '/auth/keys', newKey)).status, 201);
  assert.equal((await anns.call('GET', '/auth/sessions')).json.length, 1, 'the old one is over');
  assert.equal(await isAlive(before), false);
});

async function isAlive(cookie: string): Promise<boolean> {
  const other = browser();
  other.cookie = cookie;
  return other.isSignedIn();
}

test('one signs out here, at one browser, or at all others', async () => {
  const { key, anns } = await signedIn('leaver');
  const [second, third] = [browser(), browser()];
  await second.signIn(key);
  await third.signIn(key);
  const listed = (await anns.call('GET', '/auth/sessions')).json as { id: string; current?: true }[];
  assert.equal(listed.length, 3);
  assert.equal(listed.filter(({ current }) => current).length, 1);
  const stranger = await signedIn('stranger');
  const own = listed.find(({ current }) => current)?.id;
  assert.equal((await stranger.anns.call('DELETE', `/auth/sessions/${own}`)).status, 404);
  assert.equal((await api.call(key, 'DELETE', '/auth/sessions/current')).status, 404, 'a key has none');

  const out = await second.call('DELETE', '/auth/sessions/current');
  assert.deepEqual([out.status, second.cookie], [200, '']);
  assert.match(String(out.headers['clear-site-data']), /"storage"/);
  assert.equal(await second.isSignedIn(), false);
  await anns.call('DELETE', '/auth/sessions/others');
  assert.deepEqual([await third.isSignedIn(), await anns.isSignedIn()], [false, true]);
  assert.equal((await api.call(key, 'DELETE', `/auth/sessions/${own}`)).status, 200);
  assert.equal(await anns.isSignedIn(), false);
  assert.equal(await stranger.anns.isSignedIn(), true);
});

test('a session ends with the key that it came of, and with all keys', async () => {
  const first = await signedIn('revoker');
  const second = (await api.ok(first.key, 'POST', '/auth/keys', { name: 'second', scope: 'all' })).api_key;
  const bySecond = browser();
  await bySecond.signIn(second);
  await api.ok(second, 'DELETE', `/auth/keys/${first.key.split('_')[1]}`);
  assert.deepEqual([await first.anns.isSignedIn(), await bySecond.isSignedIn()], [false, true]);
  await bySecond.call('DELETE', `/auth/keys/${second.split('_')[1]}`);
  assert.equal(await bySecond.isSignedIn(), true, 'but not the one that revokes it');

  const rotated = await signedIn('rotator');
  await api.ok(rotated.key, 'POST', '/auth/rotate-key');
  assert.equal(await rotated.anns.isSignedIn(), false);

  const reset = await signedIn('reset');
  const [{ user_id }] = await sessionsOf('reset');
  const ring = keyRing({ SECRET_KEY: 'a-secret-key-for-tests-that-is-long-enough' });
  const source = { random: systemRandom, keys: ring };
  await here.db.write((trx) => giveNewKey(trx, source, user_id, clock.ms));
  assert.equal(await reset.anns.isSignedIn(), false);
});

test('a session ends when nobody uses it, in any case after 90 days, and with a key that expires', async () => {
  const idle = await signedIn('idle');
  clock.ms += 30 * DAY_MS;
  assert.equal(await idle.anns.isSignedIn(), false);
  const { key, anns } = await signedIn('busy');
  for (let day = 0; day < 89; day += 1) {
    clock.ms += DAY_MS;
    await here.db.kysely.updateTable('sessions').set({ last_used_at: clock.ms }).execute();
    assert.equal(await anns.isSignedIn(), true);
  }
  clock.ms += DAY_MS;
  assert.equal(await anns.isSignedIn(), false);
  assert.deepEqual(await api.ok(key, 'GET', '/auth/sessions'), []);

  const expires_at = new Date(clock.ms + DAY_MS).toISOString();
  const short = await api.ok(key, 'POST', '/auth/keys', { name: 'short', scope: 'all', expires_at });
  const byShort = browser();
  assert.equal((await byShort.signIn(short.api_key)).json.session_expires_at, expires_at);
  clock.ms += DAY_MS;
  assert.equal(await byShort.isSignedIn(), false);
});

test('a session that ends while its request is on the way changes nothing', async () => {
  const { anns } = await signedIn('late');
  const [{ id, user_id }] = await sessionsOf('late');
  const session = { id, signedInAt: clock.ms, isOperator: false };
  const caller = { ...callerDouble(user_id), session, accessVersion: null };
  const db = apiDatabase(here.db, clock);
  const change = () => db.write(caller, (trx) => setDisplayName(trx, user_id, 'Late'));
  await change();
  await anns.call('DELETE', '/auth/sessions/current');
  await assert.rejects(change, { code: 'UNAUTHORIZED' });
});

test('a link of the operator’s lets in once, and not for long', async () => {
  const key = await api.register('linked');
  const { user_id: userId } = await api.ok(key, 'GET', '/auth/me');
  const linkOf = async () => {
    const token = mintToken(systemRandom);
    await here.db.write((trx) => insertSignInLink(trx, { token, userId, now: clock.ms }));
    return token;
  };
  const use = (link_token: string) => browser().call('POST', '/auth/sessions', { link_token });
  const old = await linkOf();
  const token = await linkOf();
  assert.equal((await use(old)).json.code, 'INVALID_SIGN_IN_LINK', 'the latest one counts');
  const both = await Promise.all([use(token), use(token)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [201, 403]);
  const late = await linkOf();
  clock.ms += 15 * MINUTE_MS;
  assert.equal((await use(late)).status, 403);
});

test('a user has so many sessions; the one that was not used for longest makes room', async () => {
  const { key, anns } = await signedIn('many');
  clock.ms += 1000;
  const others = [];
  for (let n = 0; n < 50; n += 1) {
    const other = browser();
    await other.signIn(key);
    others.push(other);
  }
  assert.equal((await api.ok(key, 'GET', '/auth/sessions')).length, 50);
  assert.equal(await anns.isSignedIn(), false);
  assert.equal(await others[0]?.isSignedIn(), true);
});

test('browsers have requests of their own to spend', async () => {
  await using there = await testApp(() => ({}), { RATE_LIMIT: '5', RATE_LIMIT_IP: '100' }, clock);
  const client = new ApiClient(() => there.app);
  const key = await client.register('ann');
  const [one, two] = [new BrowserDouble(() => there.app), new BrowserDouble(() => there.app)];
  await one.signIn(key);
  await two.signIn(key);
  const statuses = [];
  for (const anns of [one, two, one, two, one, two])
    statuses.push((await anns.call('GET', '/auth/me')).status);
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429], 'all browsers of a user together');
  assert.equal((await client.call(key, 'GET', '/auth/me')).status, 200, 'the key has its own');
});
