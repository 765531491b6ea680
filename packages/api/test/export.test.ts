import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Database } from '@mahilo/shared/db/database';
import { numbersTo, zeroed } from '@mahilo/shared/test/numbers';
import { SettableClock } from '@mahilo/shared/test/settable-clock';
import { sql } from 'kysely';
import { Person } from './person.ts';
import { type TestApp, testApp } from './test-app.ts';

/** More than are read at once, several times. */
const MESSAGES = 230;

interface Line {
  type: string;
  data: Record<string, unknown>;
}

let here: TestApp;
let ann: Person;
let ben: Person;
let url: string;

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '100000' });
  [ann, ben] = [await Person.register(here.app, 'ann'), await Person.register(here.app, 'ben')];
  await ann.befriend(ben);
  url = await here.app.listeners.open({ host: '127.0.0.1', port: 0 });
});
after(() => here[Symbol.asyncDispose]());

/** Messages between Ann and Ben, one way and the other, of so many bytes. */
async function fill(db: Database, from: Person, to: Person, bytes: number): Promise<void> {
  const id = (prefix: string) => sql`${sql.lit(`${prefix}_${from.username}`)} || ${zeroed(20)}`;
  await db.write(async (trx) => {
    await sql`
      ${numbersTo(MESSAGES)}
      insert into messages (id, sender_id, sender_username, sender_agent, recipient_type, recipient_id, recipient, body,
        payload_type, status, created_at)
      select ${id('msg')}, ${from.id}, ${from.username}, 'agent', 'user', ${to.id}, ${to.username},
        ${'x'.repeat(bytes)}, 'text/plain', 'delivered', i from n`.execute(trx);
    await sql`
      ${numbersTo(MESSAGES)}
      insert into outbox (id, message_id, recipient_id, connection_id, state, due_at, created_at, settled_at)
      select ${id('dlv')}, ${id('msg')}, ${to.id}, (select min(id) from connections), 'delivered', i, i, i
      from n`.execute(trx);
  });
}

/** An export as it is when it has ended, or was broken off. */
async function linesOf(person: Person, query = ''): Promise<Line[]> {
  const answer = await fetch(`${url}/api/v1/auth/export${query}`, {
    headers: { authorization: person.authorization },
  });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/x-ndjson/);
  assert.match(
    answer.headers.get('content-disposition') ?? '',
    /^attachment; filename="mahilo-\w+-[\d-]+\.ndjson"/,
  );
  const text = await answer.text();
  assert.ok(text.endsWith('\n'));
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const idsOf = (lines: readonly Line[], type: string) =>
  lines.filter((line) => line.type === type).map(({ data }) => data['id'] ?? data['group_id']);

async function everyPage(person: Person, path: string): Promise<unknown[]> {
  const all: { id: string }[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const { json, headers } = await person.call('GET', next);
    all.push(...json);
    next = /^<\/api\/v1([^>]+)>; rel="next"$/.exec(String(headers['link'] ?? ''))?.[1];
  }
  return all.map(({ id }) => id);
}

test('an export has all that the lists have, once, and says that it is whole', async () => {
  const cid = await Person.register(here.app, 'cid');
  const dan = await Person.register(here.app, 'dan');
  await cid.ok('POST', '/friends/request', { username: 'ann' });
  await ann.ok('POST', '/friends/block', { username: 'dan' });
  await ann.connectPolling();
  await ben.connectPolling();
  const { group_id } = await ann.ok('POST', '/groups', { name: 'book-club', invite_only: false });
  await dan.ok('POST', '/groups', { name: 'of-others' });
  for (let n = 0; n < 60; n += 1) await ann.ok('POST', '/groups', { name: `one-of-many-${n}` });
  for (const target of [
    { scope: 'global' },
    { scope: 'user', target_id: 'ben' },
    { scope: 'group', target_id: group_id },
  ])
    await ann.ok('POST', '/policies', {
      ...target,
      policy_type: 'heuristic',
      policy_content: '{"maxLength":9000}',
    });
  await fill(here.db, ann, ben, 10);
  await fill(here.db, ben, ann, 10);

  const lines = await linesOf(ann);

  assert.deepEqual(lines[0]?.data['username'], 'ann');
  assert.deepEqual(lines.at(-1), { type: 'end', data: {} });
  for (const [type, ...lists] of [
    ['agent', '/agents'],
    ['friend', '/friends', '/friends?status=pending', '/friends?status=blocked'],
    ['group', '/groups'],
    ['policy', '/policies?scope=global', '/policies?scope=user'],
    ['message', '/messages?limit=100'],
  ] as const) {
    const expected = (await Promise.all(lists.map((list) => everyPage(ann, list)))).flat();
    assert.ok(expected.length > 0, type);
    assert.deepEqual(idsOf(lines, type), expected, type);
  }
  assert.equal(idsOf(lines, 'message').length, 2 * MESSAGES);
  assert.doesNotMatch(JSON.stringify(lines), /secret|mhl_/);
  const [shown] = await ann.ok('GET', '/messages?limit=1');
  assert.deepEqual(lines.find(({ type }) => type === 'message')?.data, shown);
});

test('one that broke off goes on behind the last message of it', async () => {
  const all = idsOf(await linesOf(ann), 'message');
  const rest = await linesOf(ann, `?after=${all[99]}`);
  assert.deepEqual(
    rest.map(({ type, data }) => data['id'] ?? type),
    [...all.slice(100), 'end'],
  );
  const { status, json } = await ann.call('GET', '/auth/export?after=usr_1');
  assert.deepEqual([status, json.details[0].path], [400, 'after']);
});

test('a person has one at a time, and nobody waits for whoever does not read theirs', {
  timeout: 120_000,
}, async () => {
  const [eve, fay] = [await Person.register(here.app, 'eve'), await Person.register(here.app, 'fay')];
  await eve.connectPolling();
  await fill(here.db, eve, fay, 32_000);
  const { body } = await fetch(`${url}/api/v1/auth/export`, {
    headers: { authorization: eve.authorization },
  });
  const reader = body?.getReader();
  await reader?.read();
  const refused = await eve.call('GET', '/auth/export');
  assert.deepEqual([refused.status, refused.json.code], [429, 'QUOTA_EXCEEDED']);
  assert.equal(refused.json.details[0].path, 'exports_per_user');
  assert.ok((await linesOf(fay)).length > MESSAGES);
  await reader?.cancel();
  let again: Response;
  do {
    again = await fetch(`${url}/api/v1/auth/export`, { headers: { authorization: eve.authorization } });
    // Until the process has seen that the first one is not wanted any more.
  } while (again.status === 429);
  assert.ok((await again.text()).endsWith('{"type":"end","data":{}}\n'));
});

test('it ends with the key that asked for it, and is not whole then', async () => {
  const [gil, hal] = [await Person.register(here.app, 'gil'), await Person.register(here.app, 'hal')];
  await gil.connectPolling();
  await fill(here.db, gil, hal, 32_000);
  const { json } = await gil.call('POST', '/auth/keys', { name: 'for once', scope: 'read' });
  const { body } = await fetch(`${url}/api/v1/auth/export`, {
    headers: { authorization: `Bearer ${json.api_key}` },
  });
  const reader = body?.getReader();
  await reader?.read();
  await gil.ok('DELETE', `/auth/keys/${json.id}`);
  await assert.rejects(async () => {
    for (;;) if ((await reader?.read())?.done !== false) return;
  });
});

test('a process that stops waits for nobody who reads nothing of theirs', { timeout: 25_000 }, async () => {
  // The clock stands still, so nothing rests between pieces.
  await using stopping = await testApp(() => ({}), {}, new SettableClock());
  const [ida, jon] = [await Person.register(stopping.app, 'ida'), await Person.register(stopping.app, 'jon')];
  await ida.connectPolling();
  await fill(stopping.db, ida, jon, 200_000);
  const at = await stopping.app.listeners.open({ host: '127.0.0.1', port: 0 });
  const { body } = await fetch(`${at}/api/v1/auth/export`, { headers: { authorization: ida.authorization } });
  const reader = body?.getReader();
  for (let bytes = 0; bytes < 6_000_000; ) bytes += (await reader?.read())?.value?.length ?? 0;
  // Meanwhile it writes as much as there is room for.
  for (let n = 0; n < 200; n += 1) await (await fetch(`${at}/health`)).text();
  await stopping.app.close();
  await assert.rejects(async () => {
    for (;;) if ((await reader?.read())?.done !== false) return;
  });
});
