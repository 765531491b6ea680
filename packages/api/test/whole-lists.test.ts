import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Database } from '@mahilo/shared/db/database';
import { GREATEST, LEAST } from '@mahilo/shared/db/words/words';
import { numbersTo, zeroed } from '@mahilo/shared/test/numbers';
import { type RawBuilder, sql } from 'kysely';
import { Person } from './person.ts';
import { type TestApp, testApp } from './test-app.ts';

/** More than one answer has without a limit. */
const MANY = 1205;
/** Large ones. */
const AGENTS = 400;
const PAGE_BYTES = 4_194_304;

let here: TestApp;
let ann: Person;
let ben: Person;
let group: string;

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '1000000', AGENTS_PER_USER: '10000' });
  [ann, ben] = [await Person.register(here.app, 'ann'), await Person.register(here.app, 'ben')];
  await ann.befriend(ben);
  group = (await ann.ok('POST', '/groups', { name: 'all' })).group_id;
  await fill(here.db);
});
after(() => here[Symbol.asyncDispose]());

const padded = (prefix: string) => sql`${sql.lit(`${prefix}_`)} || ${zeroed(26)}`;
/** Control characters take six bytes each in JSON. */
const costly = (length: number) => '\u0001'.repeat(length);

/** Many friends of Ann, who are in her group; many groups, agents and policies of hers. */
async function fill(db: Database): Promise<void> {
  const insert = (into: string, values: RawBuilder<unknown>, count = MANY) => sql`
    ${numbersTo(count)}
    insert into ${sql.raw(into)} select ${values} from n`;
  const capabilities = JSON.stringify(Array(50).fill(costly(64)));
  await db.write(async (trx) => {
    await insert(
      'users (id, username, display_name, created_at)',
      sql`${padded('usr')}, 'friend-' || i, ${costly(100)}, i`,
    ).execute(trx);
    await insert(
      'friendships (id, user_a, user_b, requester_id, status, created_at, since)',
      sql`${padded('frnd')}, ${LEAST}(${ann.id}, ${padded('usr')}), ${GREATEST}(${ann.id}, ${padded('usr')}), ${ann.id}, 'accepted', i, i`,
    ).execute(trx);
    await insert(
      'groups (id, name, description, invite_only, created_at)',
      sql`${padded('grp')}, 'group-' || i, ${costly(500)}, 1, i`,
    ).execute(trx);
    await insert(
      'group_members (id, group_id, user_id, role, status, created_at, joined_at)',
      sql`${padded('mbr')}, ${padded('grp')}, ${ann.id}, 'owner', 'active', i, i`,
    ).execute(trx);
    await insert(
      'group_members (id, group_id, user_id, role, status, created_at, joined_at)',
      sql`'mbr_1' || ${zeroed(25)}, ${group}, ${padded('usr')}, 'member', 'active', i, i`,
    ).execute(trx);
    await insert(
      'connections (id, user_id, framework, label, description, capabilities_json, routing_priority, mode, status, created_at)',
      sql`${padded('conn')}, ${ann.id}, 'test', 'label-' || i, ${costly(500)}, ${capabilities}, 0, 'polling', 'active', i`,
      AGENTS,
    ).execute(trx);
  });
  for (let i = 0; i < 120; i++) {
    const prompt = { scope: 'global', policy_type: 'llm', policy_content: costly(5_000) };
    await ann.ok('POST', '/policies', prompt);
  }
}

/** Reads a list to its end. @returns the number of items of each answer, and all ids. */
async function read(person: Person, path: string): Promise<{ counts: number[]; ids: string[] }> {
  const counts: number[] = [];
  const ids: string[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const { status, json, headers } = await person.call('GET', next);
    assert.equal(status, 200);
    assert.ok(JSON.stringify(json).length < PAGE_BYTES * 1.1, 'bytes are bounded, too');
    counts.push(json.length);
    ids.push(...json.map((item: Record<string, string>) => item['id'] ?? item['membership_id']));
    next = /^<\/api\/v1([^>]+)>; rel="next"$/.exec(String(headers['link'] ?? ''))?.[1];
  }
  return { counts, ids };
}

for (const [what, path, all] of [
  ['friends', '/friends', MANY + 1],
  ['groups', '/groups', MANY + 1],
  ['members', '/groups/GROUP/members', MANY + 1],
] as const) {
  test(`up to a thousand ${what} come without a limit, and a Link leads to the rest`, async () => {
    const { counts, ids } = await read(ann, path.replace('GROUP', group));
    assert.deepEqual(counts, [1000, all - 1000]);
    assert.equal(new Set(ids).size, all);
    assert.deepEqual(ids, ids.toSorted().toReversed());
    const pages = await read(ann, `${path.replace('GROUP', group)}?limit=100`);
    assert.deepEqual(pages, { counts: [...Array(12).fill(100), all - 1200], ids });
  });
}

for (const [what, path, reader, all] of [
  ['agents', '/agents', () => ann, AGENTS],
  ['agents of a friend', '/contacts/ann/connections', () => ben, AGENTS],
  ['policies', '/policies', () => ann, 120],
] as const) {
  test(`large ${what} come in fewer at once, and all of them in the end`, async () => {
    const { counts, ids } = await read(reader(), path);
    assert.equal(new Set(ids).size, all);
    assert.deepEqual(ids, ids.toSorted().toReversed());
    assert.ok(counts.length === 1 || counts.slice(0, -1).every((count) => count > 50), String(counts));
  });
}

test('messages and deliveries come in pages of fifty as before', async () => {
  await ben.connectPolling();
  for (let i = 0; i < 51; i++) await ann.send(ben, 'hello');
  for (const path of ['/messages', '/deliveries']) {
    assert.deepEqual((await read(ann, path)).counts, [50, 1]);
  }
});

test('one of very many friends is found by name and by id, in whichever list they are', async () => {
  const [dan, eve] = [await Person.register(here.app, 'dan'), await Person.register(here.app, 'eve')];
  await ann.ok('POST', '/friends/request', { username: 'dan' });
  await ann.ok('POST', '/friends/block', { username: 'eve' });
  for (const [status, name, id] of [
    ['accepted', 'BEN', ben.id],
    ['accepted', 'friend-7', `usr_${'7'.padStart(26, '0')}`],
    ['pending', 'dan', dan.id],
    ['blocked', 'eve', eve.id],
  ]) {
    for (const one of [name, id]) {
      const { counts, ids } = await read(ann, `/friends?status=${status}&with=${one}`);
      assert.deepEqual(counts, [1], `${status} ${one}`);
      const all = await read(ann, `/friends?status=${status}&limit=100`);
      assert.ok(all.ids.includes(ids[0] ?? ''));
    }
  }
  for (const nobody of ['dan', 'nobody', ann.id, 'ann', '%20']) {
    assert.deepEqual(await ann.ok('GET', `/friends?with=${nobody}`), []);
  }
  // A block by the other one is not told.
  assert.deepEqual(await eve.ok('GET', '/friends?status=blocked&with=ann'), []);
});

test('requests come by who had asked, groups by whether one has joined', async () => {
  const [fay, gil] = [await Person.register(here.app, 'fay'), await Person.register(here.app, 'gil')];
  await fay.ok('POST', '/friends/request', { username: 'gil' });
  await ben.ok('POST', '/friends/request', { username: 'fay' });
  const names = async (person: Person, query: string) =>
    (await person.ok('GET', `/friends?${query}`)).map(({ username }: { username: string }) => username);
  assert.deepEqual(await names(fay, 'status=pending'), ['ben', 'gil']);
  assert.deepEqual(await names(fay, 'status=pending&direction=sent'), ['gil']);
  assert.deepEqual(await names(fay, 'status=pending&direction=received'), ['ben']);
  assert.deepEqual(await names(gil, 'status=pending&direction=sent'), []);
  await fay.ok('POST', '/friends/block', { username: 'gil' });
  assert.deepEqual(await names(fay, 'status=blocked&direction=sent'), ['gil']);
  assert.deepEqual(await names(fay, 'status=blocked&direction=received'), []);
  await ann.ok('POST', `/groups/${group}/invite`, { username: 'fay' });
  const { group_id } = await fay.ok('POST', '/groups', { name: 'of-fay' });
  for (const [status, ids] of [
    ['active', [group_id]],
    ['invited', [group]],
  ] as const) {
    const groups = await fay.ok('GET', `/groups?status=${status}`);
    assert.deepEqual(
      groups.map(({ id }: { id: string }) => id),
      ids,
    );
  }
});

test('one policy is read by those whom it binds, with the name of whoever it is for', async () => {
  const rules = { policy_type: 'heuristic', policy_content: '{"maxLength":10}' };
  const hal = await Person.register(here.app, 'hal');
  await ann.ok('POST', `/groups/${group}/invite`, { username: 'hal' });
  await hal.ok('POST', `/groups/${group}/join`);
  const { policy_id: ofGroup } = await ann.ok('POST', '/policies', {
    ...rules,
    scope: 'group',
    target_id: group,
  });
  const { policy_id: forBen } = await ann.ok('POST', '/policies', {
    ...rules,
    scope: 'user',
    target_id: ben.id,
  });
  const shown = await ann.ok('GET', `/policies/${forBen}`);
  assert.deepEqual([shown.id, shown.target_id, shown.target_name], [forBen, ben.id, 'ben']);
  assert.equal((await ann.ok('GET', '/policies?scope=user'))[0].target_name, 'ben');
  assert.equal((await hal.ok('GET', `/policies/${ofGroup}`)).target_name, 'all');
  for (const [person, id] of [
    [hal, forBen],
    [ben, ofGroup],
    [ann, 'pol_none'],
  ] as const) {
    const { status, json } = await person.call('GET', `/policies/${id}`);
    assert.deepEqual([status, json.code], [404, 'NOT_FOUND']);
  }
});
