import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SettableClock } from '@mahilo/shared/test/settable-clock';
import { ApiClient } from './api-client.ts';
import { BrowserDouble } from './browser-double.ts';
import { type TestApp, testApp } from './test-app.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let here: TestApp;
let ann: string;
let ben: string;
const clock = new SettableClock();
const api = new ApiClient(() => here.app);

/** A browser that waits for the approval of its code. */
class Waiting extends BrowserDouble {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
  attempt: any;

  static async at(username: string): Promise<Waiting> {
    const waiting = new Waiting(() => here.app);
    const { status, json } = await waiting.call('POST', '/auth/browser-login/attempts', { username });
    assert.equal(status, 201, JSON.stringify(json));
    waiting.attempt = json;
    return waiting;
  }

  #own(method: 'GET' | 'POST', path = '', token: string | undefined = this.attempt.browser_token) {
    const url = `/auth/browser-login/attempts/${this.attempt.attempt_id}${path}`;
    return this.call(method, url, undefined, { 'x-browser-login-token': token });
  }

  look = (token?: string) => this.#own('GET', '', token);
  redeem = (token?: string) => this.#own('POST', '/redeem', token);
}

const approve = (key: string, approval_code: string, more: object = {}) =>
  api.call(key, 'POST', '/auth/browser-login/approve', { approval_code, ...more });
const deny = (key: string, approval_code: string, more: object = {}) =>
  api.call(key, 'POST', '/auth/browser-login/deny', { approval_code, ...more });

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '10000' }, clock);
  ann = await api.register('ann');
  ben = await api.register('ben');
});
after(() => here[Symbol.asyncDispose]());

test('a browser is let in when an agent approves the code that it shows', async () => {
  const anns = await Waiting.at('Ann');
  const { attempt_id, approval_code, browser_token, ...shown } = anns.attempt;
  const at = (ms: number) => new Date(clock.ms + ms).toISOString();
  assert.match(approval_code, /^[2-9A-HJ-NP-Z]{6}$/);
  const nothing = {
    approved_at: null,
    denied_at: null,
    redeemed_at: null,
    failure_state: null,
    failure_code: null,
    failure_message: null,
    failure_at: null,
  };
  const waiting = {
    ...nothing,
    created_at: at(0),
    expires_at: at(10 * MINUTE_MS),
    browser: 'Firefox on Linux',
  };
  assert.deepEqual(shown, { ...waiting, status: 'pending' });
  assert.deepEqual((await anns.look()).json, { ...shown, attempt_id });
  assert.equal((await anns.redeem()).json.code, 'LOGIN_ATTEMPT_NOT_APPROVED');

  const typed = ` ${approval_code.slice(0, 3)}-${approval_code.slice(3)}`.toLowerCase();
  const approved = await approve(ann, typed);
  assert.equal(approved.status, 200);
  assert.deepEqual(approved.json, {
    ...waiting,
    attempt_id,
    approval_code,
    status: 'approved',
    approved_at: at(0),
  });
  const redeemed = await anns.redeem();
  assert.equal(redeemed.status, 200);
  const { user_id, session_expires_at, ...rest } = redeemed.json;
  assert.deepEqual(rest, {
    authenticated: true,
    username: 'ann',
    display_name: null,
    attempt_id,
    status: 'redeemed',
  });
  assert.equal((await anns.call('GET', '/auth/me')).json.user_id, user_id);
  const [session] = (await anns.call('GET', '/auth/sessions')).json;
  assert.deepEqual([session.way, session.current], ['agent', true]);
  assert.equal((await anns.redeem()).json.code, 'LOGIN_ATTEMPT_ALREADY_REDEEMED');
  assert.equal(
    (await approve(ann, approval_code, { attempt_id })).json.code,
    'LOGIN_ATTEMPT_ALREADY_REDEEMED',
  );
});

test('a browser that was denied, or waited too long, stays out', async () => {
  const denied = await Waiting.at('ann');
  assert.equal((await deny(ann, denied.attempt.approval_code)).json.status, 'denied');
  const again = { attempt_id: denied.attempt.attempt_id };
  assert.equal((await deny(ann, denied.attempt.approval_code, again)).status, 200);
  assert.equal((await approve(ann, denied.attempt.approval_code, again)).json.code, 'LOGIN_ATTEMPT_DENIED');
  const looked = (await denied.look()).json;
  assert.deepEqual([looked.failure_state, looked.failure_code], ['denied', 'LOGIN_ATTEMPT_DENIED']);
  assert.equal((await denied.redeem()).json.code, 'LOGIN_ATTEMPT_DENIED');

  const [slow, approved] = [await Waiting.at('ann'), await Waiting.at('ann')];
  await approve(ann, approved.attempt.approval_code);
  clock.ms += 10 * MINUTE_MS;
  const { attempt_id, approval_code } = slow.attempt;
  assert.equal((await approve(ann, approval_code)).json.code, 'LOGIN_ATTEMPT_NOT_FOUND');
  assert.equal((await approve(ann, approval_code, { attempt_id })).json.code, 'LOGIN_ATTEMPT_EXPIRED');
  for (const late of [slow, approved]) {
    assert.equal((await late.look()).json.failure_state, 'expired');
    assert.equal((await late.redeem()).json.code, 'LOGIN_ATTEMPT_EXPIRED');
  }
});

test('only who is named approves, and only who began goes on', async () => {
  const anns = await Waiting.at('ann');
  const { attempt_id, approval_code } = anns.attempt;
  assert.equal((await approve(ben, approval_code)).json.code, 'LOGIN_ATTEMPT_NOT_FOUND');
  assert.equal((await approve(ben, approval_code, { attempt_id })).json.code, 'LOGIN_ATTEMPT_NOT_FOUND');
  assert.equal((await approve(ann, '234567', { attempt_id })).json.code, 'INVALID_APPROVAL_CODE');
  assert.equal(
    (await api.call(undefined, 'POST', '/auth/browser-login/approve', { approval_code })).status,
    401,
  );
  await approve(ann, approval_code);
  const bens = await Waiting.at('ben');
  const code = async (answer: Promise<{ json: { code: string } }>) => (await answer).json.code;
  assert.equal(await code(anns.redeem(bens.attempt.browser_token)), 'INVALID_BROWSER_LOGIN_TOKEN');
  assert.equal(await code(anns.look('x')), 'INVALID_BROWSER_LOGIN_TOKEN');
  const url = `/auth/browser-login/attempts/${attempt_id}`;
  assert.equal(await code(anns.call('GET', url)), 'BROWSER_LOGIN_TOKEN_REQUIRED');
  const headers = { 'x-browser-login-token': 'x' };
  assert.equal(
    await code(anns.call('GET', '/auth/browser-login/attempts/lgn_none', undefined, headers)),
    'LOGIN_ATTEMPT_NOT_FOUND',
  );
  const foreign = await anns.call('POST', `${url}/redeem`, undefined, {
    'x-browser-login-token': anns.attempt.browser_token,
    'sec-fetch-site': 'cross-site',
  });
  assert.equal(foreign.json.code, 'FORBIDDEN');
  const both = await Promise.all([anns.redeem(), anns.redeem()]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 409]);
});

test('nobody learns from a sign-in which names there are', async () => {
  const [known, unknown] = [await Waiting.at('ben'), await Waiting.at('nobody-there')];
  const shape = (json: object) =>
    Object.fromEntries(Object.entries(json).map(([name, value]) => [name, typeof value]));
  assert.deepEqual(shape(known.attempt), shape(unknown.attempt));
  assert.equal((await unknown.look()).json.status, 'pending');
  assert.equal((await unknown.redeem()).json.code, (await known.redeem()).json.code);
  const later = await api.register('nobody-there');
  const { attempt_id, approval_code } = unknown.attempt;
  assert.equal(
    (await approve(later, approval_code, { attempt_id })).json.code,
    'LOGIN_ATTEMPT_NOT_FOUND',
    'it was begun before anybody had the name',
  );
  const malformed = await known.call('POST', '/auth/browser-login/attempts', { username: 'a b' });
  assert.equal(malformed.json.code, 'INVALID_USERNAME');
});

test('an approval is worth no more than the key that gave it', async () => {
  const next = await api.ok(ann, 'POST', '/auth/keys', { name: 'next', scope: 'all' });
  const [early, late] = [await Waiting.at('ann'), await Waiting.at('ann')];
  for (const { attempt } of [early, late]) await approve(next.api_key, attempt.approval_code);
  assert.equal((await early.redeem()).status, 200);
  await api.ok(ann, 'DELETE', `/auth/keys/${next.id}`);
  assert.equal(await early.isSignedIn(), false);
  assert.equal((await late.redeem()).json.code, 'LOGIN_ATTEMPT_EXPIRED');
});

test('a browser that is signed in approves another one', async () => {
  const first = new BrowserDouble(() => here.app);
  await first.signIn(ann);
  const second = await Waiting.at('ann');
  const { approval_code } = second.attempt;
  assert.equal((await first.call('POST', '/auth/browser-login/approve', { approval_code })).status, 200);
  assert.equal((await second.redeem()).status, 200);
  const { attempts, retrieved_at } = (await first.call('GET', '/auth/browser-login/diagnostics?limit=1'))
    .json;
  assert.equal(retrieved_at, new Date(clock.ms).toISOString());
  assert.deepEqual(
    [attempts.length, attempts[0].approval_code, attempts[0].status],
    [1, approval_code, 'redeemed'],
  );
});

test('nobody shuts a person out alone, and what is over is forgotten', async () => {
  const start = (username: string, remoteAddress: string) =>
    here.app.inject({
      method: 'POST',
      url: '/api/v1/auth/browser-login/attempts',
      payload: { username },
      remoteAddress,
    });
  await api.register('victim');
  for (let n = 0; n < 10; n += 1) assert.equal((await start('victim', '203.0.113.1')).statusCode, 201);
  const refused = await start('victim', '203.0.113.1');
  assert.deepEqual([refused.statusCode, refused.json().details[0].path], [429, 'sign_ins_per_name']);
  assert.equal((await start('victim', '203.0.113.2')).statusCode, 201);
  for (let n = 0; n < 39; n += 1) await start('victim', `203.0.113.${3 + n}`);
  assert.equal((await start('victim', '203.0.113.99')).statusCode, 429);
  assert.equal((await start('somebody-else', '203.0.113.1')).statusCode, 201);
  clock.ms += 2 * HOUR_MS;
  for (let n = 0; n < 10; n += 1) await start('victim', '203.0.113.1');
  const { kept } = await here.db.kysely
    .selectFrom('browser_logins')
    .select((select) => select.fn.countAll<number>().as('kept'))
    .executeTakeFirstOrThrow();
  assert.equal(kept, 10);
});

test('the many networks of one customer shut nobody out: neither of one name, nor all', async () => {
  await using alone = await testApp(() => ({}), { RATE_LIMIT: '100000' }, clock);
  const start = async (username: string, remoteAddress: string) => {
    const url = '/api/v1/auth/browser-login/attempts';
    return (await alone.app.inject({ method: 'POST', url, payload: { username }, remoteAddress })).statusCode;
  };
  const statuses: number[] = [];
  for (let n = 0; n < 50; n += 1) statuses.push(await start('victim', `2001:db8:1:${n % 5}::1`));
  assert.deepEqual(statuses, [...Array(20).fill(201), ...Array(30).fill(429)]);
  assert.equal(await start('victim', '2001:db8:2::1'), 201);
  assert.equal(await start('victim', '203.0.113.1'), 201);
  // What was refused above does not count.
  for (let n = 20; n < 2500; n += 1) {
    assert.equal(await start(`name-${n}`, `2001:db8:1:${n}::1`), 201);
  }
  assert.equal(await start('another', '2001:db8:1:ffff::1'), 503);
  assert.equal(await start('another', '203.0.113.1'), 201);
});
