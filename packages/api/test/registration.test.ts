import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { insertInvite, mintInviteToken, revokeInvite } from '@mahilo/shared/accounts/invites';
import { type Clock, systemClock } from '@mahilo/shared/clock';
import { systemRandom } from '@mahilo/shared/random';
import { SettableClock } from '@mahilo/shared/test/settable-clock';
import { testApp } from './test-app.ts';

const DAY_MS = 86_400_000;

/** An API with this kind of registration, and requests to it. */
async function registry(t: TestContext, REGISTRATION: string, clock: Clock = systemClock) {
  const here = await testApp(() => ({}), { REGISTRATION }, clock);
  t.after(() => here[Symbol.asyncDispose]());
  const { write } = here.db;
  return {
    write,
    app: here.app,
    /** Asks for a registration. @returns the status and the code of a refusal. */
    async register(username: string, more: object = {}) {
      const payload = { username, ...more };
      const answer = await here.app.inject({ method: 'POST', url: '/api/v1/auth/register', payload });
      const { code, api_key } = answer.json();
      return [answer.statusCode, code ?? typeof api_key];
    },
    async invite(id: string, more: { uses?: number; expiresAt?: number } = {}): Promise<string> {
      const token = mintInviteToken(systemRandom);
      const now = Date.now();
      await write((trx) =>
        insertInvite(trx, { id, token, note: null, uses: 1, now, expiresAt: now + DAY_MS, ...more }),
      );
      return token;
    },
  };
}

const REGISTERED = [201, 'string'];
const INVALID = [403, 'INVALID_INVITE_TOKEN'];

test('where one is invited, a token registers as many people as it says, under either name', async (t) => {
  const { register, invite } = await registry(t, 'invite');
  const token = await invite('inv_1', { uses: 2 });
  assert.deepEqual(await register('ann', { invite_token: token }), REGISTERED);
  assert.deepEqual(await register('ben', { inviteToken: token }), REGISTERED);
  assert.deepEqual(await register('cid', { invite_token: token }), [409, 'INVITE_TOKEN_EXHAUSTED']);
});

test('many at once with one token: no more get in than it says', async (t) => {
  const { register, invite } = await registry(t, 'invite');
  const invite_token = await invite('inv_1', { uses: 3 });
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, n) => register(`racer-${n}`, { invite_token })),
  );
  assert.equal(answers.filter(([status]) => status === 201).length, 3);
});

test('no token, and one that is wrong, expired or revoked, are the same: 403', async (t) => {
  const { register, invite, write } = await registry(t, 'invite');
  const expired = await invite('inv_1', { expiresAt: Date.now() - 1 });
  const revoked = await invite('inv_2');
  await write((trx) => revokeInvite(trx, 'inv_2', Date.now()));
  const wrong = mintInviteToken(systemRandom);
  for (const invite_token of [undefined, '', wrong, expired, revoked]) {
    assert.deepEqual(await register('ann', { invite_token }), INVALID);
  }
});

test('a name that is taken takes no use of a token, and without a token nobody learns that it is taken', async (t) => {
  const { register, invite } = await registry(t, 'invite');
  const invite_token = await invite('inv_1', { uses: 2 });
  assert.deepEqual(await register('ann', { invite_token }), REGISTERED);
  assert.deepEqual(await register('ann', { invite_token }), [409, 'USERNAME_EXISTS']);
  assert.deepEqual(await register('ann'), INVALID);
  assert.deepEqual(await register('ben', { invite_token }), REGISTERED);
});

test('where registration is closed, nobody registers, also not with a token', async (t) => {
  const { register, invite } = await registry(t, 'closed');
  const invite_token = await invite('inv_1');
  assert.deepEqual(await register('ann', { invite_token }), [403, 'REGISTRATION_CLOSED']);
});

test('where it is open, nobody needs a token, and one that comes along is not looked at', async (t) => {
  const { register } = await registry(t, 'open');
  assert.deepEqual(await register('ann'), REGISTERED);
  assert.deepEqual(await register('ben', { invite_token: 'anything' }), REGISTERED);
});

test('names that speak for the registry or for everybody are given to nobody, however they are written', async (t) => {
  const { register } = await registry(t, 'open');
  for (const name of [
    ...['admin', 'root', 'system', 'mahilo', 'registry', 'support', 'security', 'api', 'www', 'null'],
    ...['everyone', 'ADMIN', '_admin_', 'sup-port', 'm-e'],
  ]) {
    assert.deepEqual(await register(name), [400, 'INVALID_USERNAME'], name);
  }
  assert.deepEqual(await register('me'), [400, 'INVALID_USERNAME']);
  assert.deepEqual(await register('admiral'), REGISTERED);
});

test('whose answer was lost asks again with the same token, and gets the same account, for an hour', async (t) => {
  const clock = new SettableClock();
  const { app, invite } = await registry(t, 'invite', clock);
  const invite_token = await invite('inv_1');
  const retry_token = 'a'.repeat(43);
  const register = async (username: string, more: object = {}) => {
    const payload = { username, invite_token, retry_token, ...more };
    return (await app.inject({ method: 'POST', url: '/api/v1/auth/register', payload })).json();
  };
  const first = await register('ann');
  assert.match(first.api_key, /^mhl_/);
  // Who registers, and how, is the same; what else they said is not looked at.
  assert.deepEqual(await register('ANN', { display_name: 'Ann' }), first);
  const headers = { authorization: `Bearer ${first.api_key}` };
  const me = await app.inject({ url: '/api/v1/auth/me', headers });
  assert.equal(me.json().user_id, first.user_id);
  assert.equal((await register('ann', { retry_token: 'b'.repeat(43) })).code, 'INVITE_TOKEN_EXHAUSTED');
  assert.equal((await register('ben')).code, 'INVITE_TOKEN_EXHAUSTED');
  assert.equal((await register('ben', { retry_token: 'short' })).code, 'INVALID_REQUEST');
  clock.ms += 3_600_000;
  assert.equal((await register('ann')).code, 'INVITE_TOKEN_EXHAUSTED');
});

test('a key that was replaced is not given again', async (t) => {
  const { app } = await registry(t, 'open');
  const payload = { username: 'ann', retry_token: 'a'.repeat(43) };
  const register = async () =>
    (await app.inject({ method: 'POST', url: '/api/v1/auth/register', payload })).json();
  const { api_key } = await register();
  const headers = { authorization: `Bearer ${api_key}` };
  await app.inject({ method: 'POST', url: '/api/v1/auth/rotate-key', headers });
  assert.equal((await register()).code, 'USERNAME_EXISTS');
});

test('two at once with the same token are one registration', async (t) => {
  const { app } = await registry(t, 'open');
  const payload = { username: 'ann', retry_token: 'a'.repeat(43) };
  const [one, other] = await Promise.all(
    [1, 2].map(async () =>
      (await app.inject({ method: 'POST', url: '/api/v1/auth/register', payload })).json(),
    ),
  );
  assert.deepEqual(one, other);
});
