import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventDetails } from '@mahilo/shared/outbox/event-details';
import { eventBody } from './event-body.ts';

const TOLD: EventDetails = {
  id: 'dlv_1',
  lease_token: 'token',
  attempts: 0,
  attempts_before_cycle: 0,
  created_at: 9,
  cycle: 0,
  bulk: 0,
  connection_id: 'conn_1',
  connection_status: 'active',
  connection_mode: 'callback',
  user_id: 'usr_1',
  registration: 1,
  proven_at: 1,
  trouble_since: null,
  failing_since: null,
  callback_url: 'https://host.example/',
  callback_secret: null,
  previous_secret: null,
  previous_secret_expires_at: null,
  message_id: null,
  event_id: 7,
  event_name: 'message.received',
  subscription_id: 'sub_1',
  arguments_json: '{"include_text":true}',
  data_json: '{"message_id":"msg_1","delivery_id":"dlv_0","sender":"ann","connection_id":"conn_2"}',
  happened_at: 1000,
  accepted_at: 2000,
  first_owed: 7,
  body: null,
  payload_type: 'text/plain',
  encryption_json: null,
  erased_at: null,
  delivery_state: 'pending',
};

const told = (changes: Partial<EventDetails> = {}) => JSON.parse(String(eventBody({ ...TOLD, ...changes })));

test('an event says what happened and when, and how far everything is told', () => {
  assert.deepEqual(told(), {
    eventId: 'evt_7',
    name: 'message.received',
    timestamp: '1970-01-01T00:00:01.000Z',
    data: { message_id: 'msg_1', delivery_id: 'dlv_0', from: 'ann' },
    cursor: '7',
  });
  assert.equal(told({ first_owed: 5 }).cursor, '4', 'the fifth may still be lost');
});

test('a text comes as it is, with a mark when it is a ciphertext', () => {
  assert.equal(told({ body: 'grüße' }).data.text, 'grüße');
  const { text, encrypted } = told({ body: 'x', payload_type: 'application/mahilo+ciphertext' }).data;
  assert.deepEqual([text, encrypted], ['x', true]);
  assert.equal(told({ body: 'x', encryption_json: '{"alg":"own"}' }).data.encrypted, true);
});

test('a text with which the body would be larger than receivers take is left out', () => {
  const rest = eventBody({ ...TOLD, body: '' }).length;
  const fits = 'x'.repeat(262_144 - rest);
  assert.equal(told({ body: fits }).data.text, fits);
  const { text, text_omitted, message_id } = told({ body: `${fits}x` }).data;
  assert.deepEqual([text, text_omitted, message_id], [undefined, true, 'msg_1']);
});
