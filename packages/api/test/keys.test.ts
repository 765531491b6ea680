import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { noteKeyUse } from '@mahilo/shared/accounts/keys';
import { SettableClock } from '@mahilo/shared/test/settable-clock';
import { LastUses } from '../src/auth/last-uses.ts';
import { ApiClient } from './api-client.ts';
import { callerDouble, unchecked } from './caller-double.ts';
import { type TestApp, testApp } from './test-app.ts';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

let here: TestApp;
const clock = new SettableClock();
const api = new ApiClient(() => here.app);

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '10000' }, clock);
});
after(() => here[Symbol.asyncDispose]());

test('a new key works beside the old one, which can then be revoked: rotation without downtime', async () => {
  const old = await api.register('rotator');
  const created = await api.call(old, 'POST', '/auth/keys', { name: 'next', scope: 'all' });
  const { api_key, id, ...rest } = created.json;
  assert.equal(created.status, 201);
  assert.equal(api_key.split('_')[1], id);
  const created_at = new Date(clock.ms).toISOString();
  assert.deepEqual(rest, { name: 'next', scope: 'all', created_at, last_used_at: null });
  assert.deepEqual(await statuses(old, api_key), [200, 200]);
  const listed = (await api.call(api_key, 'GET', '/auth/keys')).json;
  assert.deepEqual(listed.map((key: { name: string; current?: true }) => [key.name, key.current]).sort(), [
    ['default', undefined],
    ['next', true],
  ]);
  assert.doesNotMatch(JSON.stringify(listed), /mhl_/);
  assert.equal((await api.call(api_key, 'DELETE', `/auth/keys/${old.split('_')[1]}`)).status, 200);
  assert.deepEqual(await statuses(old, api_key), [401, 200]);
});

test('rotate-key replaces the key that asks, with its name and expiry, and no other', async () => {
  const first = await api.register('two-keys');
  const expires_at = new Date(clock.ms + YEAR_MS).toISOString();
  const asked = { name: 'laptop', scope: 'all', expires_at };
  const laptop = (await api.call(first, 'POST', '/auth/keys', asked)).json.api_key;
  const next = (await api.call(laptop, 'POST', '/auth/rotate-key')).json.api_key;
  assert.deepEqual(await statuses(first, laptop, next), [200, 401, 200]);
  const listed = (await api.call(next, 'GET', '/auth/keys')).json;
  const current = listed.find((key: { current?: true }) => key.current);
  assert.deepEqual([current.name, current.scope, current.expires_at], ['laptop', 'all', expires_at]);
});

test('what a key is asked for must fit together', async () => {
  const key = await api.register('careless');
  const stranger = await api.register('stranger');
  const agent = { framework: 'test', label: 'main', mode: 'polling' };
  const { connection_id } = (await api.call(stranger, 'POST', '/agents', agent)).json;
  const wrong: [unknown, string, string?][] = [
    [{ scope: 'all' }, 'INVALID_REQUEST', 'name'],
    [{ name: '', scope: 'all' }, 'INVALID_REQUEST', 'name'],
    [{ name: 'x'.repeat(101), scope: 'all' }, 'INVALID_REQUEST', 'name'],
    [{ name: 'x' }, 'INVALID_REQUEST', 'scope'],
    [{ name: 'x', scope: 'write' }, 'INVALID_REQUEST', 'scope'],
    [{ name: 'x', scope: 'agent' }, 'INVALID_REQUEST', 'connection_id'],
    [{ name: 'x', scope: 'read', connection_id }, 'INVALID_REQUEST', 'connection_id'],
    [{ name: 'x', scope: 'agent', connection_id }, 'CONNECTION_NOT_FOUND'],
    [{ name: 'x', scope: 'all', expires_at: 'tomorrow' }, 'INVALID_REQUEST', 'expires_at'],
    [{ name: 'x', scope: 'all', expires_at: '2026-02-30T00:00:00Z' }, 'INVALID_REQUEST', 'expires_at'],
    [{ name: 'x', scope: 'all', expires_at: '999999999999999' }, 'INVALID_REQUEST', 'expires_at'],
    [
      { name: 'x', scope: 'all', expires_at: new Date(clock.ms).toISOString() },
      'INVALID_REQUEST',
      'expires_at',
    ],
  ];
  for (const [body, code, path] of wrong) {
    const { json } = await api.call(key, 'POST', '/auth/keys', body as object);
    assert.deepEqual([json.code, json.details?.[0].path], [code, path], JSON.stringify(body));
  }
  assert.equal(
    (await api.call(key, 'DELETE', `/auth/keys/${stranger.split('_')[1]}`)).json.code,
    'NOT_FOUND',
  );
});

test('an expired key is dead, also where it is remembered, and makes room', async () => {
  const key = await api.register('short-lived');
  const expires_at = new Date(clock.ms + HOUR_MS).toISOString();
  const more = async (name: string) =>
    (await api.call(key, 'POST', '/auth/keys', { name, scope: 'all', expires_at })).json;
  const keys = [];
  for (let i = 1; i < 50; i++) keys.push((await more(`key ${i}`)).api_key);
  assert.equal((await more('one too many')).code, 'QUOTA_EXCEEDED');
  assert.deepEqual(await statuses(keys[0]), [200]);
  clock.ms += HOUR_MS;
  assert.deepEqual(await statuses(keys[0], key), [401, 200]);
  const created = await api.call(key, 'POST', '/auth/keys', { name: 'new', scope: 'all' });
  assert.equal(created.status, 201);
  assert.equal((await api.call(key, 'GET', '/auth/keys')).json.length, 2);
});

test('the use of a key is noted within the hour and in the background, at most once an hour', async () => {
  const key = await api.register('user');
  const id = key.split('_')[1] ?? '';
  const writes: string[] = [];
  const unwatched = unchecked(here.db);
  const write: typeof unwatched.write = (by, work) => {
    writes.push('write');
    return unwatched.write(by, work);
  };
  const uses = new LastUses({ write }, noteKeyUse);
  const caller = callerDouble('usr_none');
  const noted = async () =>
    (
      await here.db.kysely
        .selectFrom('api_keys')
        .select('last_used_at')
        .where('id', '=', id)
        .executeTakeFirst()
    )?.last_used_at;
  uses.note(id, caller, 1000);
  uses.note(id, caller, 2000);
  assert.equal(await noted(), null);
  const version = await here.db.accessVersion();
  await uses.flush();
  assert.equal(await noted(), 1000);
  assert.equal(await here.db.accessVersion(), version, 'nobody has to look anything up anew');
  uses.note(id, caller, 1000 + HOUR_MS - 1);
  await uses.flush();
  assert.equal(await noted(), 1000);
  uses.note(id, caller, 1000 + HOUR_MS);
  await uses.close();
  assert.equal(await noted(), 1000 + HOUR_MS);
  assert.equal(writes.length, 2);
});

test('one changes one’s display name', async () => {
  const key = await api.register('renamed');
  assert.equal(
    (await api.call(key, 'PATCH', '/auth/me', { display_name: 'Re Named' })).json.display_name,
    'Re Named',
  );
  assert.equal((await api.call(key, 'GET', '/auth/me')).json.display_name, 'Re Named');
  assert.equal((await api.call(key, 'PATCH', '/auth/me', { display_name: '' })).json.display_name, undefined);
});

async function statuses(...keys: (string | undefined)[]): Promise<number[]> {
  const all = [];
  for (const key of keys) all.push((await api.call(key ?? '', 'GET', '/auth/me')).status);
  return all;
}
