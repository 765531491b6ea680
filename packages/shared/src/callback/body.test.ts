import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../../test/database.ts';
import { finish, leaseDue } from '../../test/outbox.ts';
import { type CallbackRow, callbackBody } from './body.ts';
import { openclawBody } from './openclaw.ts';

const FULL: CallbackRow = {
  id: 'dlv_1',
  connection_id: 'conn_1',
  message_id: 'msg_1',
  sender_id: 'usr_1',
  sender_username: 'ann',
  sender_agent: 'openclaw',
  sender_connection_id: 'conn_2',
  body: 'grüße "👋"\n',
  payload_type: 'application/mahilo+ciphertext',
  encryption_json: '{"alg":"x25519","key_id":"k1"}',
  sender_signature_json: '{"alg":"ed25519","key_id":"k2","signature":"c2ln"}',
  context: 'about lunch',
  correlation_id: 'conversation-1',
  in_response_to: 'msg_0',
  group_id: 'grp_1',
  group_name: 'Book_Club',
  accepted_at: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
};

test('a callback says everything that is known of its message', () => {
  assert.deepEqual(JSON.parse(callbackBody(FULL)), {
    message_id: 'msg_1',
    delivery_id: 'dlv_1',
    correlation_id: 'conversation-1',
    in_response_to: 'msg_0',
    recipient_connection_id: 'conn_1',
    sender: 'ann',
    sender_user_id: 'usr_1',
    sender_agent: 'openclaw',
    sender_connection_id: 'conn_2',
    message: 'grüße "👋"\n',
    payload_type: 'application/mahilo+ciphertext',
    encryption: { alg: 'x25519', key_id: 'k1' },
    sender_signature: { alg: 'ed25519', key_id: 'k2', signature: 'c2ln' },
    context: 'about lunch',
    group_id: 'grp_1',
    group_name: 'Book_Club',
    timestamp: '2026-01-02T03:04:05.678Z',
  });
});

test('what is absent is left out, and never null', () => {
  const body = callbackBody({
    ...FULL,
    sender_connection_id: null,
    encryption_json: null,
    sender_signature_json: null,
    context: null,
    correlation_id: null,
    in_response_to: null,
    group_id: null,
    group_name: null,
  });
  assert.deepEqual(Object.keys(JSON.parse(body)), [
    'message_id',
    'delivery_id',
    'recipient_connection_id',
    'sender',
    'sender_user_id',
    'sender_agent',
    'message',
    'payload_type',
    'timestamp',
  ]);
});

test('an empty context is not an absent one', () => {
  assert.equal(JSON.parse(callbackBody({ ...FULL, context: '' })).context, '');
});

test('the body is byte-identical over all attempts, whatever changed in between', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendOne(connectionId);
  const bodies: string[] = [];
  for (let attempt = 1; attempt <= 3; attempt++) {
    const held = await leaseDue(here);
    bodies.push(...held.filter((one) => one.message_id !== null).map(callbackBody));
    here.clock.ms += 3_600_000;
    await finish(here, held, { retryAt: here.clock.ms });
    const renamed = { label: `renamed-${attempt}`, callback_url: `https://agent.example/${attempt}` };
    await here.db.kysely.updateTable('connections').set(renamed).execute();
    await here.db.kysely
      .updateTable('users')
      .set({ display_name: `Name ${attempt}` })
      .execute();
  }
  assert.equal(bodies.length, 3);
  assert.equal(new Set(bodies).size, 1);
});

test('a hook that hands its body to a model gets no ciphertext, but is told that there is one', () => {
  const promptOf = (row: CallbackRow) => JSON.parse(openclawBody(row)).message;
  const typed = { ...FULL, encryption_json: null };
  const told = { ...FULL, payload_type: 'text/plain' };
  for (const row of [FULL, typed, told]) {
    assert.doesNotMatch(promptOf(row), /grüße/);
    assert.match(promptOf(row), /message_id: msg_1[\s\S]*encrypted from end to end/);
  }
  assert.match(promptOf({ ...typed, payload_type: 'text/plain' }), /grüße/);
});
