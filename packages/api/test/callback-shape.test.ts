import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Person } from './person.ts';
import { type TestApp, testApp } from './test-app.ts';

const TOKEN = 'Bearer a-token-of-the-receiver';
const AGENT = { framework: 'test', label: 'called', callback_url: 'http://127.0.0.1:4009/hooks/agent' };

let here: TestApp;

before(async () => {
  here = await testApp(() => ({}));
});

after(() => here[Symbol.asyncDispose]());

async function headersOf(id: string): Promise<Buffer | null> {
  const row = await here.db.kysely
    .selectFrom('connections')
    .select('callback_headers')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return row.callback_headers;
}

test('headers of a receiver are sealed, shown nowhere, kept until they are replaced, and erased with the agent', async () => {
  const ann = await Person.register(here.app, 'ann');
  const connect = (more: object) => ann.ok('POST', '/agents', { ...AGENT, ...more });
  const { connection_id: id } = await connect({
    callback_headers: { authorization: TOKEN },
    callback_format: 'openclaw',
  });
  const sealed = await headersOf(id);
  assert.ok(sealed !== null && !sealed.includes('a-token'));
  const [shown] = await ann.ok('GET', '/agents');
  assert.equal(shown.callback_format, 'openclaw');
  assert.doesNotMatch(JSON.stringify(shown), /a-token|callback_headers/);

  await connect({ description: 'Something else' });
  assert.deepEqual(await headersOf(id), sealed);
  await connect({ callback_url: 'http://127.0.0.1:4009/another/path' });
  assert.deepEqual(await headersOf(id), sealed);
  await connect({ callback_headers: { 'x-token': 'another' }, callback_format: 'mahilo' });
  assert.notDeepEqual(await headersOf(id), sealed);
  assert.equal((await ann.ok('GET', '/agents'))[0].callback_format, undefined);
  await connect({ callback_headers: {} });
  assert.equal(await headersOf(id), null);

  await connect({ callback_headers: { authorization: TOKEN } });
  await ann.ok('DELETE', `/agents/${id}`);
  assert.equal(await headersOf(id), null);
  const again = await connect({ callback_headers: { authorization: TOKEN } });
  await ann.ok('DELETE', '/auth/me');
  assert.equal(await headersOf(again.connection_id), null);
});

test('stealing a receiver’s token by moving its agent: headers stay with their origin', async () => {
  const ben = await Person.register(here.app, 'ben');
  const { connection_id: id } = await ben.ok('POST', '/agents', {
    ...AGENT,
    callback_headers: { authorization: TOKEN },
  });
  await ben.ok('POST', '/agents', { ...AGENT, callback_url: 'http://127.0.0.1:4010/hooks/agent' });
  assert.equal(await headersOf(id), null);
  await ben.ok('POST', '/agents', { ...AGENT, callback_headers: { authorization: TOKEN } });
  await ben.ok('POST', '/agents', { framework: 'test', label: 'called', mode: 'polling' });
  assert.equal(await headersOf(id), null);
});

test('headers that HTTP, or the registry, needs for itself are refused by name, and no value is repeated', async () => {
  const cleo = await Person.register(here.app, 'cleo');
  const secret = 'value-that-nobody-repeats';
  for (const name of [
    ...['Host', 'content-length', 'Content-Type', 'transfer-encoding', 'connection', 'Keep-Alive', 'te'],
    ...['trailer', 'upgrade', 'proxy-authorization', 'proxy-connection', 'expect', 'User-Agent'],
    ...['X-Mahilo-Signature', 'webhook-id', 'Webhook-Signature', 'a b', 'a:b', '', 'ü', 'x\r\ny'],
  ]) {
    const { status, json } = await cleo.call('POST', '/agents', {
      ...AGENT,
      callback_headers: JSON.parse(`{${JSON.stringify(name)}: "${secret}"}`),
    });
    assert.deepEqual([status, json.code], [400, 'INVALID_REQUEST'], name);
    assert.equal(json.details[0].path, `callback_headers.${name}`);
    assert.doesNotMatch(JSON.stringify(json), /nobody-repeats/);
  }
  for (const value of [
    `${secret}\r\nx: y`,
    `${secret}\n`,
    ` ${secret}`,
    '',
    `${secret}\u0000`,
    'ü',
    '\ud800',
  ]) {
    const { status, json } = await cleo.call('POST', '/agents', {
      ...AGENT,
      callback_headers: { 'x-token': value },
    });
    assert.deepEqual([status, json.code], [400, 'INVALID_REQUEST'], JSON.stringify(value));
    assert.doesNotMatch(JSON.stringify(json), /nobody-repeats/);
  }
  const many = (count: number, value: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, value]));
  for (const callback_headers of [
    many(6, 'x'),
    many(5, 'x'.repeat(1000)),
    { 'X-A': '1', 'x-a': '2' },
    [],
    'x',
  ]) {
    const { status } = await cleo.call('POST', '/agents', { ...AGENT, callback_headers });
    assert.equal(status, 400, JSON.stringify(callback_headers).slice(0, 60));
  }
  assert.equal((await cleo.call('POST', '/agents', { ...AGENT, callback_format: 'other' })).status, 400);
});
