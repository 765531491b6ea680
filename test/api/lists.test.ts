import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '../world/client.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { assertRefused } from './refusal.ts';

const CALLBACK = 'http://127.0.0.1:9999/';

const world = new InProcessWorld();
let ann: Client;
let ben: Client;
/** Ids of the messages between Ann and Ben, newest first; every third one Ben's. */
let messageIds: string[];

before(async () => {
  await world.startApi();
  ann = await world.nobody.register('ann');
  ben = await world.nobody.register('ben');
  await ann.connect(CALLBACK);
  await ben.connect(CALLBACK);
  await ann.befriend(ben);
  messageIds = [];
  for (let i = 0; i < 23; i++) {
    const [from, to] = i % 3 === 0 ? [ben, ann] : [ann, ben];
    messageIds.unshift((await from.send(to, `message ${i}`, { correlation_id: `c-${i % 2}` })).message_id);
  }
});
after(() => world[Symbol.asyncDispose]());

interface Item {
  id: string;
}

const idsOf = (items: Item[]) => items.map(({ id }) => id);

/** The target of an answer's `Link: <…>; rel="next"`, below /api/v1. */
function nextOf(headers: Headers): string | undefined {
  const link = headers.get('link');
  if (link === null) return undefined;
  const target = /^<(\/api\/v1(\/[^>]+))>; rel="next"$/.exec(link)?.[2];
  assert.ok(target, link);
  return target;
}

/** Follows the pages of a list to the last one. */
async function pages(user: Client, path: string): Promise<Item[][]> {
  const read: Item[][] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const { status, json, headers } = await user.call('GET', next);
    assert.equal(status, 200, next);
    read.push(json);
    next = nextOf(headers);
  }
  return read;
}

test('every list is newest first, and its pages have no gaps and no repeats', async () => {
  for (let i = 0; i < 12; i++) {
    const friend = await world.nobody.register(`friend-${String(i).padStart(2, '0')}`);
    await (i % 2 === 0 ? ann.befriend(friend) : friend.befriend(ann));
    await ann.connect(CALLBACK, `agent ${i}`);
  }
  for (const path of [
    '/messages',
    '/messages?direction=sent',
    '/deliveries',
    '/friends',
    '/agents',
    '/friends?status=pending',
  ]) {
    const all = idsOf(await ann.ok('GET', path));
    const join = path.includes('?') ? '&' : '?';
    for (const limit of [1, 2, 5, 7, 100]) {
      const read = await pages(ann, `${path}${join}limit=${limit}`);
      assert.deepEqual(idsOf(read.flat()), all, path);
      assert.ok(read.slice(0, -1).every((page) => page.length === limit));
      assert.ok(read.length === 1 || (read.at(-1)?.length ?? 0) > 0, 'the last page is not empty');
    }
    assert.deepEqual(all, [...all].sort().reverse());
  }
  const contacts = '/contacts/ann/connections';
  assert.deepEqual(
    idsOf((await pages(ben, `${contacts}?limit=5`)).flat()),
    idsOf(await ben.ok('GET', contacts)),
  );
});

test('a list of agents comes whole unless a page is asked for, and what comes in between is not repeated', async () => {
  const reader = await world.nobody.register('reader');
  const frameworks = Array.from({ length: 51 }, (_, i) => `f-${i}`);
  const add = (framework: string) => reader.ok('POST', '/agents', { framework, label: 'a', mode: 'polling' });
  for (const framework of frameworks) await add(framework);
  const whole = await reader.call('GET', '/agents');
  assert.deepEqual([whole.json.length, nextOf(whole.headers)], [51, undefined]);
  const first = await reader.call('GET', '/agents?limit=50');
  assert.equal(first.json.length, 50);
  await add('in between');
  const rest = await reader.ok('GET', nextOf(first.headers) ?? '');
  assert.deepEqual(
    rest.map(({ framework }: { framework: string }) => framework),
    ['f-0'],
  );
});

test('the next page keeps the filter', async () => {
  const read = (await pages(ann, '/messages?direction=received&correlation_id=c-0&limit=1')).flat();
  assert.deepEqual(
    idsOf(read),
    messageIds.filter((_, i) => (22 - i) % 6 === 0),
  );
});

test('a limit is a whole number from 1 to 100, a cursor one that the list gave out', async () => {
  for (const list of ['/messages', '/deliveries', '/friends', '/agents', '/contacts/ben/connections']) {
    for (const limit of ['0', '101', '-1', '1.5', 'x', '', 'null', '1&limit=2']) {
      assertRefused(await ann.call('GET', `${list}?limit=${limit}`), 400, 'INVALID_REQUEST', ['limit']);
    }
    for (const cursor of [
      '',
      'x',
      '%00',
      "'",
      Buffer.from("x' or 1=1").toString('base64url'),
      'x'.repeat(201),
    ]) {
      assertRefused(await ann.call('GET', `${list}?cursor=${cursor}`), 400, 'INVALID_REQUEST', ['cursor']);
    }
  }
});

test('history is filtered by direction, status and correlation id', async () => {
  const list = async (user: Client, query: string) => idsOf(await user.ok('GET', `/messages?${query}`));
  const bens = messageIds.filter((_, i) => (22 - i) % 3 === 0);
  const anns = messageIds.filter((_, i) => (22 - i) % 3 !== 0);
  assert.deepEqual(await list(ann, ''), messageIds);
  assert.deepEqual(await list(ann, 'direction=sent'), anns);
  assert.deepEqual(await list(ann, 'direction=received'), bens);
  assert.deepEqual(await list(ben, 'direction=sent'), bens);
  assert.deepEqual(await list(ann, 'status=pending'), messageIds);
  for (const status of ['delivered', 'failed', 'rejected'])
    assert.deepEqual(await list(ann, `status=${status}`), []);
  assert.deepEqual(
    await list(ann, 'correlation_id=c-1'),
    messageIds.filter((_, i) => (22 - i) % 2 === 1),
  );
  assert.deepEqual(await list(ann, 'correlation_id=none'), []);
  for (const [field, value] of [
    ['direction', 'both'],
    ['status', 'lost'],
    ['status', 'cancelled'],
  ]) {
    assertRefused(await ann.call('GET', `/messages?${field}=${value}`), 400, 'INVALID_REQUEST', [
      field ?? '',
    ]);
  }
});

test('history is read since a time, as ISO 8601 or Unix seconds or milliseconds', async () => {
  const times = new Map<string, number>();
  const hour = 3_600_000;
  const start = Math.floor(Date.now() / 1000) * 1000 - 24 * hour;
  // Moved within the minute by which ids and times may differ: only the time counts.
  for (const [i, id] of messageIds.entries()) times.set(id, start + 24 * hour - i * 1000);
  for (const [id, time] of times)
    await world.store.query('update messages set created_at = ? where id = ?', time, id);
  const tenth = times.get(messageIds[9] ?? '') ?? 0;
  const iso = new Date(tenth).toISOString();
  const forms = [
    String(tenth),
    String(tenth / 1000),
    iso,
    iso.replace('.000Z', 'Z'),
    iso.replace('.000Z', '+00:00'),
    iso.replace('.000Z', ''),
  ];
  for (const since of forms) {
    const found = idsOf(await ann.ok('GET', `/messages?since=${encodeURIComponent(since)}`));
    assert.deepEqual(found, messageIds.slice(0, 10), since);
  }
  assert.deepEqual(await ann.ok('GET', `/messages?since=${Date.now() + hour}`), []);
  for (const since of ['0', '1970-01-01', '2020-02-29T23:59:59.999+14:00']) {
    assert.equal((await ann.ok('GET', `/messages?since=${encodeURIComponent(since)}`)).length, 23, since);
  }
});

test('a time that is none is INVALID_SINCE', async () => {
  const wrong = [
    '',
    'x',
    '-1',
    'yesterday',
    '2024-13-01',
    '2023-02-29',
    '2024-01-01T25:00',
    '1e3',
    'NaN',
    'Infinity',
    '0x10',
    '9'.repeat(16),
    '2024-01-01T00:00:00+99:99',
    "'",
  ];
  for (const since of wrong) {
    assertRefused(
      await ann.call('GET', `/messages?since=${encodeURIComponent(since)}`),
      400,
      'INVALID_SINCE',
      ['since'],
    );
  }
});

test('deliveries are filtered by status and connection', async () => {
  const [agent] = await ben.ok('GET', '/agents');
  const toBen = await ann.ok('GET', `/deliveries?connection_id=${agent.id}`);
  assert.deepEqual(
    toBen.map(({ message_id }: { message_id: string }) => message_id),
    messageIds.filter((_, i) => (22 - i) % 3 !== 0),
  );
  assert.ok(
    toBen.every((item: Record<string, unknown>) => item['sender'] === 'ann' && item['recipient'] === 'ben'),
  );
  assert.equal((await ben.ok('GET', '/deliveries?status=pending')).length, 23);
  assert.deepEqual(await ben.ok('GET', '/deliveries?status=failed'), []);
  assert.deepEqual(await ben.ok('GET', '/deliveries?connection_id=none'), []);
  assertRefused(await ben.call('GET', '/deliveries?status=lost'), 400, 'INVALID_REQUEST', ['status']);
});
