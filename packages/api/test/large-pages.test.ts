import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SettableClock } from '@mahilo/shared/test/settable-clock';
import { head, rawClients } from './raw-client.ts';
import { type TestApp, testApp } from './test-app.ts';
import { until } from './until.ts';

const PAGE_BYTES = 4_194_304;
const MESSAGES = 60;
/** Six times as long in JSON. */
const COSTLY = '\u0001'.repeat(32_768);

let here: TestApp;
let ann: string;
let ben: string;
const ids: string[] = [];

const call = (method: 'GET' | 'POST', url: string, key: string | undefined, payload?: object) =>
  here.app.inject({
    method,
    url: url.startsWith('/api') ? url : `/api/v1${url}`,
    ...(key && { headers: { authorization: `Bearer ${key}` } }),
    ...(payload && { payload }),
  });

before(async () => {
  // The clock stands still, so no request lasts long.
  here = await testApp(() => ({}), { RATE_LIMIT: '10000' }, new SettableClock());
  const register = async (username: string): Promise<string> =>
    (await call('POST', '/auth/register', undefined, { username })).json().api_key;
  [ann, ben] = [await register('ann'), await register('ben')];
  await call('POST', '/agents', ben, { framework: 'f', label: 'l', mode: 'polling' });
  await call('POST', '/friends/request', ann, { username: 'ben' });
  await call('POST', '/friends/request', ben, { username: 'ann' });
  for (let i = 0; i < MESSAGES; i++) {
    const sent = await call('POST', '/messages/send', ann, { recipient: 'ben', message: COSTLY });
    ids.push(sent.json().message_id);
  }
});
after(() => here[Symbol.asyncDispose]());

test('a page is bounded by its bytes, too, and a Link leads on until everything was read once', async () => {
  for (const [key, query] of [
    [ann, 'limit=100'],
    [ben, 'limit=100&direction=received'],
    [ann, 'limit=100&status=pending'],
    [ann, 'limit=7'],
  ] as const) {
    let url: string | undefined = `/messages?${query}`;
    const seen: string[] = [];
    while (url !== undefined) {
      const page: Awaited<ReturnType<typeof call>> = await call('GET', url, key);
      assert.equal(page.statusCode, 200);
      assert.ok(page.rawPayload.length < PAGE_BYTES + 100_000, `${page.rawPayload.length}`);
      const rows: { id: string; message: string }[] = page.json();
      for (const { message } of rows) assert.equal(message, COSTLY);
      assert.ok(rows.length > 0);
      seen.push(...rows.map(({ id }) => id));
      url = /<([^>]*)>; rel="next"/.exec(String(page.headers['link'] ?? ''))?.[1];
    }
    assert.deepEqual(seen, ids.toReversed(), query);
  }
});

test('clients that ask for pages and read nothing make room for those that read', {
  timeout: 120_000,
}, async () => {
  const open = await rawClients(here.app);
  const unread = [];
  for (let i = 0; i < 24; i++) {
    const client = await open(`${head('GET', '/messages?limit=100', i % 2 === 0 ? ann : ben)}\r\n`);
    client.socket.pause();
    unread.push(client);
    const { used, limit } = here.app.budgets.responseBytes;
    assert.ok(used <= limit);
  }
  const { responseBytes } = here.app.budgets;
  await until(() => responseBytes.used > responseBytes.limit / 3);
  // Both have used up their share; a third user finds room.
  const cid = (await call('POST', '/auth/register', undefined, { username: 'cid' })).json().api_key;
  assert.equal((await call('GET', '/messages', cid)).statusCode, 200);
  const refused = await call('GET', '/messages?limit=100', ann);
  assert.deepEqual([refused.statusCode, refused.json().code], [429, 'QUOTA_EXCEEDED']);
  for (const { socket } of unread) socket.destroy();
  await until(() => responseBytes.used === 0);
  assert.equal((await call('GET', '/messages?limit=100', ann)).statusCode, 200);
});

test('an answer to a poll is bounded by its bytes as JSON, and what does not fit comes next', async () => {
  const seen: string[] = [];
  while (seen.length < MESSAGES) {
    const answer = await call('GET', '/inbox?limit=100', ben);
    assert.ok(answer.rawPayload.length < PAGE_BYTES + 100_000, `${answer.rawPayload.length}`);
    const messages: { message_id: string }[] = answer.json();
    assert.ok(messages.length > 0);
    seen.push(...messages.map(({ message_id }) => message_id));
  }
  assert.deepEqual(seen, ids);
});
