import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestApp, testApp } from './test-app.ts';

let here: TestApp;
let key: string;

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '1000', MAX_PAYLOAD_SIZE: '1048576' });
  const registered = await here.app.inject({
    method: 'POST',
    url: '/api/v1/auth/register',
    payload: { username: 'ann' },
  });
  key = registered.json().api_key;
});
after(() => here[Symbol.asyncDispose]());

const post = (path: string, payload: string) =>
  here.app.inject({
    method: 'POST',
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    payload,
  });

const list = (item: string, count: number) => `[${Array(count).fill(item).join(',')}]`;

/** The refusal of a body. */
async function refusal(path: string, payload: string) {
  const { statusCode, body } = await post(path, payload);
  const { code, details, error } = JSON.parse(body);
  return { statusCode, code, error, paths: details?.map((detail: { path: string }) => detail.path) };
}

test('a body of very many small values is refused before any of them is made', async () => {
  const original = JSON.parse;
  let parsed = 0;
  JSON.parse = (text: string, ...more) => {
    parsed = Math.max(parsed, text.length);
    return original(text, ...more);
  };
  try {
    for (const item of ['{}', '[]', '1', '""', '{"a":1}']) {
      const answer = await refusal('/inbox/ack', `{"delivery_ids":${list(item, 700_000)}}`);
      assert.deepEqual(answer, {
        statusCode: 400,
        code: 'INVALID_REQUEST',
        error: 'body must not have more than 10000 values.',
        paths: ['body'],
      });
    }
  } finally {
    JSON.parse = original;
  }
  assert.ok(parsed < 1_000_000, 'no such text was parsed');
});

test('a body that nests too deep is refused, and one that nests a little is not', async () => {
  const nested = (depth: number) => `{"username":"deep","unknown":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  assert.deepEqual((await refusal('/auth/register', nested(64))).paths, ['body']);
  assert.deepEqual((await refusal('/auth/register', nested(10_000))).paths, ['body']);
  assert.equal((await post('/auth/register', nested(63))).statusCode, 201);
});

test('of very many mistakes the first is told, of some each', async () => {
  const many = await refusal('/inbox/ack', `{"delivery_ids":${list('{}', 900)}}`);
  assert.deepEqual(many.paths, ['delivery_ids.0']);
  const some = await refusal('/inbox/ack', '{"delivery_ids":[{},"ok",1]}');
  assert.deepEqual(some.paths, ['delivery_ids.0', 'delivery_ids.2']);
});

test('brackets, commas and quotes inside a text are text', async () => {
  const message = `${'[{,:"\\'.repeat(50_000)}\\`;
  const answer = await refusal('/messages/send', JSON.stringify({ recipient: 'nobody-here', message }));
  assert.deepEqual([answer.statusCode, answer.code], [404, 'USER_NOT_FOUND']);
  const acknowledged = await post(
    '/inbox/ack',
    JSON.stringify({ delivery_ids: Array(1000).fill('dlv_"[,') }),
  );
  assert.equal(acknowledged.statusCode, 200);
});

test('what only looks like JSON is still told to be none', async () => {
  for (const broken of ['{', '"', '"\\', '[1,]', '}}', ']', '{"a":"\\"}', ',,,', 'nul', '\u0000']) {
    assert.equal((await refusal('/inbox/ack', broken)).code, 'INVALID_JSON', broken);
  }
});
