import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Clock } from '@mahilo/shared/clock';
import { SettableClock } from '@mahilo/shared/test/settable-clock';
import { type Answer, Person } from './person.ts';
import { testApp } from './test-app.ts';

/** Friends, one of whom has an agent that polls, on an API with small bounds. */
async function registry(t: TestContext, bounds: Readonly<Record<string, string>>, clock?: Clock) {
  const here = await testApp(() => ({}), { RATE_LIMIT: '1000000', ...bounds }, clock);
  t.after(() => here[Symbol.asyncDispose]());
  const person = (name: string) => Person.register(here.app, name);
  const [ann, ben] = [await person('ann'), await person('ben')];
  await ann.befriend(ben);
  await ben.connectPolling();
  return { db: here.db, person, ann, ben };
}

/** Makes a group that everybody joins. @returns its id. */
async function groupOf(owner: Person, others: readonly Person[]): Promise<string> {
  const { group_id } = await owner.ok('POST', '/groups', { name: 'all', invite_only: false });
  for (const other of others) await other.ok('POST', `/groups/${group_id}/join`);
  return group_id;
}

const toGroup = (who: Person, recipient: string, message = 'hello') =>
  who.call('POST', '/messages/send', { recipient, recipient_type: 'group', message });

function assertOver({ status, json }: Answer, bound: string): void {
  assert.deepEqual([status, json.code, json.details?.[0]?.path], [429, 'QUOTA_EXCEEDED', bound]);
}

async function used(person: Person, name: string): Promise<number> {
  const limits: { name: string; used: number }[] = await person.ok('GET', '/auth/limits');
  return limits.find((one) => one.name === name)?.used ?? assert.fail(`${name} is not told`);
}

test('STORED_BYTES_PER_USER: messages with their context, in bytes, and only those that somebody sent', async (t) => {
  const { ann, ben } = await registry(t, { STORED_BYTES_PER_USER: '1000' });
  await ben.send(ann, 'no agent');
  assert.equal((await ann.send(ben, 'ä'.repeat(200), { context: 'x'.repeat(100) })).status, 200);
  assert.equal((await ann.send(ben, 'x'.repeat(500))).status, 200);
  assert.equal(await used(ann, 'stored_bytes_per_user'), 1000);
  const refused = await ann.send(ben, 'x');
  assertOver(refused, 'stored_bytes_per_user');
  assert.equal(refused.headers['retry-after'], undefined, 'no wait of seconds helps');
  assert.equal((await ann.ok('GET', '/messages')).length, 2);
  await ann.connectPolling();
  assert.equal((await ben.send(ann, 'x'.repeat(1000))).status, 200, 'what ben was sent is not his');
});

test('what a user has stored is counted anew after a start, and when messages were deleted', async (t) => {
  const clock = new SettableClock();
  const { ann, ben, db } = await registry(t, { STORED_BYTES_PER_USER: '1000' }, clock);
  const [row] = (await ann.send(ben, 'x')).status === 200 ? await messages() : assert.fail();
  assert.ok(row);
  // As another API left them, or this one before its restart. PostgreSQL numbers them itself.
  const { arrival: _arrival, ...said } = { arrival: undefined, ...row };
  const older = Array.from({ length: 9 }, (_, n) => ({ ...said, id: `msg_00${n}`, stored_bytes: 111 }));
  await db.write((trx) => trx.insertInto('messages').values(older).execute());
  assert.equal(await used(ann, 'stored_bytes_per_user'), 1000);
  assertOver(await ann.send(ben, 'x'), 'stored_bytes_per_user');

  await db.write((trx) => trx.deleteFrom('messages').where('id', 'like', 'msg_00%').execute());
  clock.ms += 5000;
  // The first send finds an old count, and starts a new one.
  await ann.send(ben, 'x');
  assert.equal(await used(ann, 'stored_bytes_per_user'), 1);
  assert.equal((await ann.send(ben, 'x')).status, 200);

  function messages() {
    return db.kysely.selectFrom('messages').selectAll().execute();
  }
});

test('messages from before they were counted count nothing', async (t) => {
  const { ann, ben, db } = await registry(t, { STORED_BYTES_PER_USER: '1000' });
  await ann.send(ben, 'x'.repeat(900));
  await db.write((trx) => trx.updateTable('messages').set({ stored_bytes: null }).execute());
  assert.equal(await used(ann, 'stored_bytes_per_user'), 0);
  assert.equal((await ann.send(ben, 'x'.repeat(900))).status, 200);
});

test('OWED_PER_USER: what was accepted and not settled yet, by whatever recipients; others keep theirs', async (t) => {
  // By this clock no count takes long: on a busy machine it would rest for longer than a send waits for it.
  const { ann, ben, person } = await registry(t, { OWED_PER_USER: '3' }, new SettableClock());
  const cid = await person('cid');
  await ann.befriend(cid);
  await cid.befriend(ben);
  await cid.connectPolling();
  for (const friend of [ben, ben, cid]) assert.equal((await ann.send(friend, 'hello')).status, 200);
  const refused = await ann.send(ben, 'hello');
  assertOver(refused, 'owed_per_user');
  assert.ok(Number(refused.headers['retry-after']) > 0);
  assert.equal(await used(ann, 'owed_per_user'), 3);
  assert.equal((await cid.send(ben, 'hello')).status, 200);

  const [fetched] = await cid.ok('GET', '/inbox');
  assert.equal(await used(ann, 'owed_per_user'), 3, 'fetched is not settled');
  await cid.ok('POST', '/inbox/ack', { delivery_ids: [fetched.delivery_id] });
  assert.equal((await ann.send(ben, 'hello')).status, 200, 'what was settled a moment ago is known');
  assert.equal(await used(ann, 'owed_per_user'), 3);
});

test('OWED_PER_USER: dead letters that an agent’s owner sends again count when the owner has sent them', async (t) => {
  const { ann, ben, db } = await registry(t, { OWED_PER_USER: '3' }, new SettableClock());
  const home = await ann.connectPolling();
  for (let n = 0; n < 2; n++) await ann.ok('POST', `/agents/${home}/test`);
  await db.write((trx) => trx.updateTable('outbox').set({ state: 'failed', settled_at: 1 }).execute());
  await ann.ok('GET', '/auth/limits');
  for (let n = 0; n < 2; n++) assert.equal((await ann.send(ben, 'hello')).status, 200);
  assertOver(await ann.call('POST', `/agents/${home}/recover`, { since: 0 }), 'owed_per_user');
  const [{ health }] = await ann.ok('GET', '/agents');
  assert.equal(health.dead_letters, 2, 'nothing was sent again');
});

test('who sends far more than they may owe, and all of it is taken at once, is refused nothing', async (t) => {
  // By this clock no count takes long. On a busy machine it would rest longer than a send waits for it.
  const { ann, ben } = await registry(t, { OWED_PER_USER: '5' }, new SettableClock());
  for (let n = 0; n < 30; n++) {
    assert.equal((await ann.send(ben, `hello ${n}`)).status, 200);
    const [fetched] = await ben.ok('GET', '/inbox');
    await ben.ok('POST', '/inbox/ack', { delivery_ids: [fetched.delivery_id] });
  }
});

test('many sends at once get over the bound by no more than wrote together', async (t) => {
  const { ann, ben, db } = await registry(t, { OWED_PER_USER: '20' });
  const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => ann.send(ben, `hello ${n}`)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 20);
  assert.equal((await db.kysely.selectFrom('outbox').select('id').execute()).length, 20);
});

test('a repetition and a rejected message owe nothing', async (t) => {
  const { ann, ben } = await registry(t, { OWED_PER_USER: '1', TRUSTED_MODE: 'true' });
  const first = await ann.send(ben, 'hello', { idempotency_key: 'once' });
  const again = await ann.send(ben, 'hello', { idempotency_key: 'once' });
  assert.deepEqual([again.status, again.json.message_id], [200, first.json.message_id]);
  await ann.ok('POST', '/policies', {
    scope: 'global',
    policy_type: 'heuristic',
    policy_content: '{"maxLength":5}',
  });
  assert.equal((await ann.send(ben, 'too long')).json.status, 'rejected');
});

test('a group send that would go over a bound is refused whole: nothing is stored, and nobody gets it', async (t) => {
  const { ann, ben, person, db } = await registry(t, { OWED_PER_USER: '5' });
  const others = [ben, await person('cid'), await person('dan')];
  for (const other of others.slice(1)) await other.connectPolling();
  const group = await groupOf(ann, others);
  assert.equal((await toGroup(ann, group)).json.recipients, 3);
  assertOver(await toGroup(ann, group), 'owed_per_user');
  assert.equal((await db.kysely.selectFrom('messages').select('id').execute()).length, 1);
  assert.equal((await db.kysely.selectFrom('outbox').select('id').execute()).length, 3);
  assert.equal((await ann.send(ben, 'hello')).status, 200);
});

test('a group send takes one request of the minute for each 50 members, and all of them or none', async (t) => {
  const clock = new SettableClock();
  const { ann, ben, person, db } = await registry(t, { RATE_LIMIT: '20' }, clock);
  const group = await groupOf(ann, [ben]);
  await addMembers(group, 98);
  const cid = await person('cid');
  await cid.ok('POST', `/groups/${group}/join`);
  clock.ms += 60_000;
  assert.equal((await toGroup(ann, group)).status, 200);
  assert.equal(await used(ann, 'requests_per_minute'), 4, '101 members, and this request');
  for (let n = 0; n < 5; n++) assert.equal((await toGroup(ann, group)).status, 200);
  const refused = await toGroup(ann, group);
  assert.deepEqual([refused.status, refused.json.code], [429, 'RATE_LIMITED']);
  assert.ok(Number(refused.headers['retry-after']) > 0);
  assert.equal((await db.kysely.selectFrom('messages').select('id').execute()).length, 6);
  clock.ms += 60_000;
  assert.equal((await toGroup(ann, group)).status, 200);

  await addMembers(group, 5000);
  assert.equal((await toGroup(ann, group)).status, 429);
  clock.ms += 60_000;
  assert.equal((await toGroup(ann, group)).status, 200, 'it never costs more than a minute has');
  assert.equal((await ann.send(ben, 'hello')).status, 429);

  async function addMembers(groupId: string, count: number) {
    const [user] = await db.kysely.selectFrom('users').selectAll().execute();
    const [member] = await db.kysely
      .selectFrom('group_members')
      .selectAll()
      .where('role', '=', 'member')
      .execute();
    assert.ok(user && member);
    const ids = Array.from({ length: count }, (_, n) => `extra_${count}_${n}`);
    await db.write(async (trx) => {
      for (const id of ids) {
        await trx
          .insertInto('users')
          .values({ ...user, id, username: id })
          .execute();
        await trx
          .insertInto('group_members')
          .values({ ...member, id, user_id: id, group_id: groupId })
          .execute();
      }
    });
  }
});
