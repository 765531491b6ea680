import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { callbackBody } from '@mahilo/shared/callback/body';
import type { Database } from '@mahilo/shared/db/database';
import { SENT_FIELDS } from '@mahilo/shared/messages/message-fields';
import { detailsOf } from '@mahilo/shared/outbox/lease';
import { OPTIONAL_FIELDS } from '@mahilo/shared/test/sent-fields';
import { type TestApp, testApp } from './test-app.ts';

let here: TestApp;
let db: Database;

before(async () => {
  here = await testApp((opened) => {
    db = opened;
    return {};
  });
});
after(() => here[Symbol.asyncDispose]());

type Call = (method: 'GET' | 'POST', path: string, payload?: object) => Promise<ReturnType<JSON['parse']>>;

async function person(username: string): Promise<Call> {
  const registered = await here.app.inject({
    method: 'POST',
    url: '/api/v1/auth/register',
    payload: { username },
  });
  const headers = { authorization: `Bearer ${registered.json().api_key}` };
  return async (method, path, payload) => {
    const answer = await here.app.inject({
      method,
      url: `/api/v1${path}`,
      headers,
      ...(payload && { payload }),
    });
    assert.ok(answer.statusCode < 300, `${method} ${path}: ${answer.body}`);
    return answer.json();
  };
}

const polling = (label: string) => ({ framework: 'test', label, mode: 'polling' });

test('every field of a send comes out in the history, the callback and the inbox', async () => {
  const [ann, ben] = [await person('ann'), await person('ben')];
  const { friendship_id } = await ann('POST', '/friends/request', { username: 'ben' });
  await ben('POST', `/friends/${friendship_id}/accept`);
  await ben('POST', '/agents', polling('inbox'));
  const { connection_id } = await ann('POST', '/agents', polling('sender'));
  const fields = { ...OPTIONAL_FIELDS, message: 'hello', sender_connection_id: connection_id };
  assert.deepEqual(Object.keys(fields).sort(), Object.keys(SENT_FIELDS).sort());
  // The history names the sender's agent, not its connection.
  const { sender_connection_id, ...shown } = fields;

  const { message_id, delivery_id } = await ann('POST', '/messages/send', { recipient: 'ben', ...fields });

  const [listed] = await ben('GET', '/messages');
  const [callback] = await db.write((trx) => detailsOf(trx, [delivery_id]));
  assert.ok(callback);
  const [polled] = await ben('GET', '/inbox');
  const ways: [name: string, came: object, expected: object][] = [
    ['list', listed, shown],
    ['message', await ann('GET', `/messages/${message_id}`), shown],
    ['callback', JSON.parse(callbackBody(callback)), fields],
    ['inbox', polled, fields],
  ];
  for (const [name, came, expected] of ways) assert.deepEqual(came, { ...came, ...expected }, name);
});
