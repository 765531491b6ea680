import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { requeueSettled } from '@mahilo/shared/outbox/requeue';
import { ApiClient } from './api-client.ts';
import { type TestApp, testApp } from './test-app.ts';

let here: TestApp;
const api = new ApiClient(() => here.app);

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '10000', REGISTRATIONS_PER_ADDRESS: '1000' });
});
after(() => here[Symbol.asyncDispose]());

interface Person {
  name: string;
  key: string;
  agent: string;
}

async function person(name: string): Promise<Person> {
  const key = await api.register(name);
  const agent = { framework: 'test', label: 'main', mode: 'polling' };
  return { name, key, agent: (await api.ok(key, 'POST', '/agents', agent)).connection_id };
}

async function befriend(one: Person, other: Person): Promise<string> {
  const { friendship_id } = await api.ok(one.key, 'POST', '/friends/request', { username: other.name });
  await api.ok(other.key, 'POST', `/friends/${friendship_id}/accept`);
  return friendship_id;
}

const send = (from: Person, to: Person, message: string) =>
  api.ok(from.key, 'POST', '/messages/send', { recipient: to.name, message, context: 'of the moment' });
const inbox = (of: Person) => api.ok(of.key, 'GET', '/inbox');
const shown = (to: Person, id: string) => api.ok(to.key, 'GET', `/messages/${id}`);

async function group(owner: Person, name: string, ...members: Person[]): Promise<string> {
  const { group_id } = await api.ok(owner.key, 'POST', '/groups', { name, invite_only: false });
  for (const member of members) await api.ok(member.key, 'POST', `/groups/${group_id}/join`);
  return group_id;
}

const setRole = (by: Person, groupId: string, of: Person, role: string) =>
  api.ok(by.key, 'PATCH', `/groups/${groupId}/members/${of.name}`, { role });
const roleIn = async (of: Person, groupId: string) =>
  (await api.call(of.key, 'GET', `/groups/${groupId}`)).json.role;

const auditOf = async (subject: string) =>
  (await here.db.kysely.selectFrom('audit').selectAll().where('subject', '=', subject).execute()).map(
    ({ actor, action }) => [actor, action],
  );

test('who deletes their account is gone, with all that was theirs', async () => {
  const [ann, ben] = [await person('ann'), await person('ben')];
  await befriend(ann, ben);
  const second = await api.ok(ann.key, 'POST', '/auth/keys', { name: 'second', scope: 'all' });
  const policy = { scope: 'global', policy_type: 'heuristic', policy_content: '{"maxLength":100}' };
  await api.ok(ann.key, 'POST', '/policies', policy);
  await api.ok(ann.key, 'PATCH', '/auth/me', { display_name: 'Ann' });
  const { user_id } = await api.ok(ann.key, 'GET', '/auth/me');
  const told = await send(ann, ben, 'what stays');
  const owed = await send(ben, ann, 'what nobody fetches');
  assert.deepEqual(await api.ok(ann.key, 'DELETE', '/auth/me'), { success: true });

  for (const key of [ann.key, second.api_key])
    assert.equal((await api.call(key, 'GET', '/auth/me')).status, 401);
  assert.deepEqual(await api.ok(ben.key, 'GET', '/friends'), []);
  for (const [path, body] of [
    ['/messages/send', { recipient: 'ann', message: 'hello' }],
    ['/friends/request', { username: 'ann' }],
    ['/friends/block', { username: 'ann' }],
  ] as const) {
    assert.equal((await api.call(ben.key, 'POST', path, body)).json.code, 'USER_NOT_FOUND');
  }
  const { deliveries } = await shown(ben, owed.message_id);
  assert.deepEqual([deliveries[0].status, deliveries[0].recipient], ['cancelled', 'ann']);
  const [fetched] = await inbox(ben);
  assert.deepEqual(
    [fetched.message, fetched.sender, fetched.message_id],
    ['what stays', 'ann', told.message_id],
  );
  const taken = await api.call(undefined, 'POST', '/auth/register', { username: 'Ann' });
  assert.equal(taken.json.code, 'USERNAME_EXISTS');
  const left = await here.db.kysely
    .selectFrom('policies')
    .select('id')
    .where('user_id', '=', user_id)
    .execute();
  assert.deepEqual(left, []);
  const row = await here.db.kysely
    .selectFrom('users')
    .selectAll()
    .where('id', '=', user_id)
    .executeTakeFirst();
  assert.deepEqual([row?.username, row?.display_name], ['ann', null]);
  assert.deepEqual((await auditOf(user_id)).at(-1), [user_id, 'user.delete']);
});

test('groups of who goes: to the oldest admin, else to the oldest member, else they end', async () => {
  const [olga, max, ada, zoe] = [
    await person('olga'),
    await person('max'),
    await person('ada'),
    await person('zoe'),
  ];
  const withAdmins = await group(olga, 'with-admins', max, ada, zoe);
  await setRole(olga, withAdmins, zoe, 'admin');
  await setRole(olga, withAdmins, ada, 'admin');
  const withMembers = await group(olga, 'with-members', max, ada);
  const alone = await group(olga, 'alone');
  await api.ok(olga.key, 'POST', `/groups/${alone}/invite`, { username: 'max' });
  const joined = await group(max, 'of-max', olga);
  await api.ok(olga.key, 'DELETE', '/auth/me');
  const owners = [
    await roleIn(ada, withAdmins),
    await roleIn(zoe, withAdmins),
    await roleIn(max, withMembers),
  ];
  assert.deepEqual(owners, ['owner', 'admin', 'owner']);
  assert.equal((await api.call(max.key, 'GET', `/groups/${alone}`)).status, 404);
  const members = await api.ok(max.key, 'GET', `/groups/${joined}/members`);
  assert.deepEqual(
    members.map((member: { username: string }) => member.username),
    ['max'],
  );
});

test('a message that is erased says nothing any more, and reaches nobody', async () => {
  const [sia, rob] = [await person('sia'), await person('rob')];
  await befriend(sia, rob);
  const fetched = await send(sia, rob, 'fetched and not acknowledged');
  await inbox(rob);
  const waiting = await send(sia, rob, 'not fetched');
  for (const { message_id } of [fetched, waiting]) {
    assert.deepEqual(await api.ok(sia.key, 'DELETE', `/messages/${message_id}`), { success: true });
    for (const who of [sia, rob]) {
      const { message, context, erased_at, deliveries } = await shown(who, message_id);
      assert.deepEqual([message, context, deliveries[0].status], ['', undefined, 'cancelled']);
      assert.ok(Date.parse(erased_at) > 0);
    }
  }
  assert.deepEqual(await inbox(rob), []);
  const delivery_ids = [fetched.delivery_id, waiting.delivery_id];
  assert.deepEqual(await api.ok(rob.key, 'POST', '/inbox/ack', { delivery_ids }), { acknowledged: 0 });
  assert.deepEqual(await auditOf(waiting.message_id), [
    [(await api.ok(sia.key, 'GET', '/auth/me')).user_id, 'message.erase'],
  ]);
  assert.equal((await api.call(sia.key, 'DELETE', `/messages/${waiting.message_id}`)).status, 200, 'again');
  assert.equal((await auditOf(waiting.message_id)).length, 1);
});

test('a delivered message that is erased stays delivered, and is not sent again', async () => {
  const [una, vic] = [await person('una'), await person('vic')];
  await befriend(una, vic);
  const { message_id, delivery_id } = await send(una, vic, 'read already');
  await inbox(vic);
  await api.ok(vic.key, 'POST', '/inbox/ack', { delivery_ids: [delivery_id] });
  const attempt = { delivery_id, attempt: 9, started_at: 0, duration_ms: 0, outcome: 'http_status' } as const;
  const answered = { ...attempt, response_excerpt: 'You said: read already' };
  await here.db.kysely.insertInto('delivery_attempts').values(answered).execute();
  await api.ok(una.key, 'DELETE', `/messages/${message_id}`);
  const left = await api.ok(vic.key, 'GET', `/deliveries/${delivery_id}/attempts`);
  assert.deepEqual(left.at(-1)?.response_excerpt, undefined, 'what an agent answered may repeat it');
  assert.equal((await shown(una, message_id)).status, 'delivered');
  assert.equal(await here.db.write((trx) => requeueSettled(trx, [delivery_id], 0)), 0);
  const resent = await api.call(vic.key, 'POST', `/deliveries/${delivery_id}/resend`);
  assert.deepEqual([resent.status, resent.json.code], [409, 'DELIVERY_NOT_SETTLED']);
  assert.match(resent.json.error, /was erased/);
});

test('only who sent a message can erase it', async () => {
  const [wim, xia] = [await person('wim'), await person('xia')];
  await befriend(wim, xia);
  const { message_id } = await send(wim, xia, 'mine');
  const refused = await api.call(xia.key, 'DELETE', `/messages/${message_id}`);
  assert.equal(refused.json.code, 'NOT_FOUND');
  assert.equal((await shown(wim, message_id)).message, 'mine');
});

test('the audit trail has what was done with keys, and nobody can change it', async () => {
  const kay = await person('kay');
  const { id, api_key } = await api.ok(kay.key, 'POST', '/auth/keys', { name: 'next', scope: 'all' });
  await api.ok(api_key, 'DELETE', `/auth/keys/${kay.key.split('_')[1]}`);
  await api.ok(api_key, 'POST', '/auth/rotate-key');
  assert.deepEqual(
    (await auditOf(id)).map(([, action]) => action),
    ['key.create', 'key.rotate'],
  );
  assert.deepEqual((await auditOf(kay.key.split('_')[1] ?? '')).at(-1)?.[1], 'key.revoke');
  const rows = await here.db.kysely.selectFrom('audit').selectAll().execute();
  for (const key of [kay.key, api_key]) assert.ok(!JSON.stringify(rows).includes(key.split('_')[2] ?? '-'));
  await assert.rejects(here.db.kysely.updateTable('audit').set({ actor: 'nobody' }).execute(), /append-only/);
  await assert.rejects(here.db.kysely.deleteFrom('audit').execute(), /kept for a year/);
});
