import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SettableClock } from '@mahilo/shared/test/settable-clock';
import { Person } from './person.ts';
import { type TestApp, testApp } from './test-app.ts';

const DAY_MS = 86_400_000;

let here: TestApp;
const clock = new SettableClock();

before(async () => {
  const environment = { RATE_LIMIT: '10000', PUBLIC_URL: 'https://registry.example', MAX_GROUP_MEMBERS: '3' };
  here = await testApp(() => ({}), environment, clock);
});
after(() => here[Symbol.asyncDispose]());

let made = 0;

/** Ann owns a group, and has invited nobody. */
async function annsGroup() {
  made += 1;
  const named = (name: string) => Person.register(here.app, `${name}-${made}`);
  const people = { ann: await named('ann'), ben: await named('ben'), cid: await named('cid') };
  const { group_id: group } = await people.ann.ok('POST', '/groups', { name: `club-${made}` });
  return { ...people, group, name: `club-${made}`, named };
}

const linkTo = (who: Person, group: string, body: object = {}) =>
  who.call('POST', `/groups/${group}/links`, body);
const join = (who: Person, token: string) => who.call('POST', '/groups/links/join', { token });

async function assertRefused(request: Promise<{ status: number; json: { code: string } }>, code: string) {
  assert.equal((await request).json.code, code);
}

async function assertNone(who: Person, token: string): Promise<void> {
  await assertRefused(who.call('POST', '/groups/links/read', { token }), 'INVALID_GROUP_LINK');
  await assertRefused(join(who, token), 'INVALID_GROUP_LINK');
}

test('a link makes whoever uses it a member of a group that is for invited people, once', async () => {
  const { ann, ben, cid, group, name } = await annsGroup();
  const { json } = await linkTo(ann, group);
  const { token, link, ...listed } = json;
  assert.equal(link, `https://registry.example/console/groups/link#${token}`);
  assert.deepEqual([listed.made_by, listed.uses_left], [ann.username, 1]);
  assert.deepEqual(await ann.ok('GET', `/groups/${group}/links`), [listed]);
  const shown = { group_name: name, made_by: ann.username, expires_at: listed.expires_at };
  assert.deepEqual(await ben.ok('POST', '/groups/links/read', { token }), shown);
  assert.equal((await ben.call('GET', `/groups/${group}`)).status, 404, 'to look is not to join');
  const joined = (await join(ben, token)).json;
  assert.deepEqual(joined, { group_id: group, id: group, name, status: 'active', role: 'member' });
  assert.deepEqual(await ann.ok('GET', `/groups/${group}/links`), []);
  await assertNone(cid, token);
  const [event] = await here.db.kysely
    .selectFrom('events')
    .select(['type', 'data_json'])
    .where('user_id', '=', ann.id)
    .execute();
  assert.deepEqual(
    [event?.type, JSON.parse(event?.data_json ?? '{}').username],
    ['group_join', ben.username],
  );
});

test('a link may be for several; whoever is in the group, or finds it full, takes none of its uses', async () => {
  const { ann, ben, cid, group, named } = await annsGroup();
  const { token } = (await linkTo(ann, group, { max_uses: 3 })).json;
  const left = async () => (await ann.ok('GET', `/groups/${group}/links`))[0]?.uses_left;
  await join(ben, token);
  await assertRefused(join(ben, token), 'ALREADY_MEMBER');
  await assertRefused(join(ann, token), 'ALREADY_MEMBER');
  assert.equal(await left(), 2);
  await join(cid, token);
  await assertRefused(join(await named('dan'), token), 'GROUP_FULL');
  assert.equal(await left(), 1);
});

test('many who use a link at once: no more get in than it says', async () => {
  const { ann, ben, cid, group } = await annsGroup();
  const { token } = (await linkTo(ann, group)).json;
  const answers = await Promise.all([ben, cid, ben, cid].map((one) => join(one, token)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
});

test('only owner and admins make, see and withdraw links, and one counts while its maker is in charge', async () => {
  const { ann, ben, cid, group } = await annsGroup();
  await assertRefused(linkTo(ben, group), 'NOT_FOUND');
  await ann.ok('POST', `/groups/${group}/invite`, { username: ben.username });
  await assertRefused(linkTo(ben, group), 'FORBIDDEN');
  await ben.ok('POST', `/groups/${group}/join`);
  await assertRefused(linkTo(ben, group), 'FORBIDDEN');
  await assertRefused(ben.call('GET', `/groups/${group}/links`), 'FORBIDDEN');
  await ann.ok('PATCH', `/groups/${group}/members/${ben.username}`, { role: 'admin' });
  const [of, another] = [(await linkTo(ben, group)).json, (await linkTo(ann, group)).json];
  await ben.ok('DELETE', `/groups/${group}/links/${another.id}`);
  await assertNone(cid, another.token);
  await assertRefused(cid.call('DELETE', `/groups/${group}/links/${of.id}`), 'NOT_FOUND');
  await ann.ok('PATCH', `/groups/${group}/members/${ben.username}`, { role: 'member' });
  await assertNone(cid, of.token);
  assert.deepEqual(await ann.ok('GET', `/groups/${group}/links`), []);
});

test('a link ends after seven days, with its group, with what lets its maker in, and never was one', async () => {
  const { ann, ben, group } = await annsGroup();
  const { token } = (await linkTo(ann, group)).json;
  clock.ms += 7 * DAY_MS;
  await assertNone(ben, token);
  for (const junk of ['', 'x', 'A'.repeat(43), `${token}A`]) await assertNone(ben, junk);
  const inGroup = (await linkTo(ann, group)).json;
  await ann.ok('DELETE', `/groups/${group}`);
  await assertNone(ben, inGroup.token);
  const other = await annsGroup();
  const ofRotated = (await linkTo(other.ann, other.group)).json;
  await other.ann.ok('DELETE', '/auth/me');
  await assertNone(ben, ofRotated.token);
  const kept = here.db.kysely.selectFrom('group_links').select('id');
  assert.deepEqual(await kept.where('group_id', 'in', [group, other.group]).execute(), []);
});

test('who has blocked the maker, or is blocked by them, does not join by their link', async () => {
  const { ann, ben, group } = await annsGroup();
  const { token } = (await linkTo(ann, group)).json;
  await ben.ok('POST', '/friends/block', { username: ann.username });
  await assertRefused(join(ben, token), 'BLOCKED');
});

test('there is a bound on them, which what is used up or withdrawn makes room in', async () => {
  const { ann, group } = await annsGroup();
  const made = [];
  for (let n = 0; n < 50; n += 1) made.push((await linkTo(ann, group)).json);
  const { status, json } = await linkTo(ann, group);
  assert.deepEqual([status, json.details[0].path], [429, 'group_links_per_user']);
  await ann.ok('DELETE', `/groups/${group}/links/${made[0].id}`);
  assert.equal((await linkTo(ann, group)).status, 201);
  for (const max_uses of [0, 1001, 1.5, '2'])
    await assertRefused(linkTo(ann, group, { max_uses }), 'INVALID_REQUEST');
});

test('who is in charge of a group changes what it is for and who can join, and nobody its name', async () => {
  const { ann, ben, group, name } = await annsGroup();
  const change = (who: Person, body: object) => who.call('PATCH', `/groups/${group}`, body);
  await assertRefused(change(ben, { invite_only: false }), 'NOT_FOUND');
  const { json } = await change(ann, { description: 'We read.', invite_only: false, name });
  assert.deepEqual([json.description, json.invite_only, json.name], ['We read.', false, name]);
  await ben.ok('POST', `/groups/${group}/join`);
  await assertRefused(change(ben, { description: 'Mine.' }), 'FORBIDDEN');
  await assertRefused(change(ann, { name: 'another' }), 'INVALID_REQUEST');
  assert.equal((await change(ann, {})).json.description, 'We read.');
  assert.equal('description' in (await change(ann, { description: '' })).json, false);
});
