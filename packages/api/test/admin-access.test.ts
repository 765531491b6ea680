import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { withdrawOperator } from '@mahilo/shared/accounts/operators';
import { mintToken } from '@mahilo/shared/accounts/session-token';
import { insertSignInLink } from '@mahilo/shared/accounts/sign-in-links';
import { systemRandom } from '@mahilo/shared/random';
import { SettableClock } from '@mahilo/shared/test/settable-clock';
import { ApiClient } from './api-client.ts';
import { BrowserDouble } from './browser-double.ts';
import { operatorsBrowser } from './operator-double.ts';
import { Person } from './person.ts';
import { type TestApp, testApp } from './test-app.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let here: TestApp;
const clock = new SettableClock();
const api = new ApiClient(() => here.app);

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '100000', RATE_LIMIT_IP: '100000' }, clock);
  await here.app.ready();
});
after(() => here[Symbol.asyncDispose]());

/** Every route of the operator's, with something in the place of its id. */
function adminRoutes(): { method: 'GET' | 'POST' | 'PATCH' | 'DELETE'; path: string }[] {
  return api
    .routes()
    .filter((route) => route.includes(' /admin/'))
    .map((route) => {
      const [method = '', path = ''] = route.split(' ');
      return { method: method as 'GET', path: path.replace('{id}', 'usr_0') };
    });
}

test('no key and no session of a person reaches any route of the operator’s, the operator’s own neither', async () => {
  const routes = adminRoutes();
  assert.ok(routes.length >= 15, String(routes.length));
  const olga = await Person.register(here.app, 'olga');
  await operatorsBrowser(here, olga.id, clock);
  const asPerson = new BrowserDouble(() => here.app);
  await asPerson.signIn(olga.authorization.slice('Bearer '.length));
  const token = mintToken(systemRandom);
  await here.db.write((trx) => insertSignInLink(trx, { token, userId: olga.id, now: clock.ms }));
  const byLink = new BrowserDouble(() => here.app);
  await byLink.call('POST', '/auth/sessions', { link_token: token });
  assert.equal(await byLink.isSignedIn(), true);
  const nobody = new BrowserDouble(() => here.app);
  for (const { method, path } of routes) {
    const payload = method === 'GET' || method === 'DELETE' ? undefined : {};
    assert.equal((await nobody.call(method, path, payload)).status, 401, `${method} ${path}`);
    for (const who of [olga, asPerson, byLink]) {
      const { status, json } = await who.call(method, path, payload);
      assert.deepEqual([status, json.code], [403, 'FORBIDDEN'], `${method} ${path}`);
    }
  }
});

test('what an agent of the operator’s approves is no operator’s session', async () => {
  const olga = await Person.register(here.app, 'approving-olga');
  const olgas = await operatorsBrowser(here, olga.id, clock);
  const other = new BrowserDouble(() => here.app);
  const { json } = await other.call('POST', '/auth/browser-login/attempts', { username: olga.username });
  const { attempt_id, approval_code, browser_token } = json;
  await olgas.call('POST', '/auth/browser-login/approve', { approval_code });
  const headers = { 'x-browser-login-token': browser_token };
  const redeemed = await other.call('POST', `/auth/browser-login/attempts/${attempt_id}/redeem`, {}, headers);
  assert.equal(redeemed.status, 200);
  assert.equal((await other.call('GET', '/admin/users')).status, 403);
  assert.equal((await other.call('GET', '/auth/me')).json.operator, undefined);
  assert.equal((await olgas.call('GET', '/auth/me')).json.operator, true);
});

test('an operator’s session ends with the grant, with the disabling of its user, and after twelve hours', async () => {
  const ways: Record<string, (id: string) => Promise<unknown>> = {
    withdrawn: (id) => here.db.write((trx) => withdrawOperator(trx, id)),
    disabled: async (id) => {
      const otto = await Person.register(here.app, 'otto');
      const ottos = await operatorsBrowser(here, otto.id, clock);
      assert.equal((await ottos.call('PATCH', `/admin/users/${id}`, { disabled: true })).status, 200);
    },
    late: async () => {
      clock.ms += 12 * HOUR_MS;
    },
  };
  for (const [name, end] of Object.entries(ways)) {
    const olga = await Person.register(here.app, `ends-${name}`);
    const olgas = await operatorsBrowser(here, olga.id, clock);
    assert.equal((await olgas.call('GET', '/admin/users')).status, 200);
    await end(olga.id);
    assert.equal((await olgas.call('GET', '/admin/users')).status, 401, name);
    assert.equal(await olgas.isSignedIn(), false, name);
  }
});

test('a grant that is withdrawn while a request arrives lets it do nothing', async () => {
  let withdraw: string | undefined;
  await using there = await testApp(
    (db) => ({
      write: async (work) => {
        const userId = withdraw;
        if (userId !== undefined) await db.write((trx) => withdrawOperator(trx, userId));
        return db.write(work);
      },
    }),
    {},
    clock,
  );
  const olga = await Person.register(there.app, 'olga');
  const olgas = await operatorsBrowser(there, olga.id, clock);
  withdraw = olga.id;
  assert.equal((await olgas.call('POST', '/admin/invites', {})).status, 401);
  assert.deepEqual(await there.db.kysely.selectFrom('invites').selectAll().execute(), []);
});

test('what cannot be undone takes a sign-in of the last ten minutes, and the rest does not', async () => {
  const olga = await Person.register(here.app, 'steps-olga');
  const ben = await Person.register(here.app, 'steps-ben');
  const olgas = await operatorsBrowser(here, olga.id, clock);
  clock.ms += 11 * MINUTE_MS;
  const dangerous: ['POST' | 'DELETE', string, object?][] = [
    ['POST', '/admin/users', { username: 'somebody' }],
    ['POST', `/admin/users/${ben.id}/reset-key`, {}],
    ['POST', `/admin/users/${ben.id}/sign-in-link`, {}],
    ['DELETE', `/admin/users/${ben.id}`],
    ['POST', '/admin/invites', {}],
  ];
  for (const request of dangerous) {
    assert.equal((await olgas.call(...request)).json.code, 'STEP_UP_REQUIRED', request.slice(0, 2).join(' '));
  }
  assert.equal((await olgas.call('PATCH', `/admin/users/${ben.id}`, { disabled: true })).status, 200);
  assert.equal((await olgas.call('PATCH', `/admin/users/${ben.id}`, { disabled: false })).status, 200);
});

test('no page of another site uses an operator’s session', async () => {
  const olga = await Person.register(here.app, 'site-olga');
  const ben = await Person.register(here.app, 'site-ben');
  const olgas = await operatorsBrowser(here, olga.id, clock);
  for (const site of ['cross-site', 'same-site', 'none']) {
    const headers = { 'sec-fetch-site': site };
    const { status } = await olgas.call('PATCH', `/admin/users/${ben.id}`, { disabled: true }, headers);
    assert.equal(status, 401, site);
  }
});

test('ADMIN_NETWORKS narrows operators to where they come from', async () => {
  const environment = { ADMIN_NETWORKS: '10.0.0.0/8, 2001:db8::/32', TRUST_PROXY: '127.0.0.1' };
  await using there = await testApp(() => ({}), environment, clock);
  const olga = await Person.register(there.app, 'olga');
  const olgas = await operatorsBrowser(there, olga.id, clock);
  const from = async (address: string) =>
    (await olgas.call('GET', '/admin/users', undefined, { 'x-forwarded-for': address })).status;
  assert.deepEqual(
    [await from('10.1.2.3'), await from('2001:db8::1'), await from('192.0.2.1'), await from('junk')],
    [200, 200, 403, 403],
  );
});
