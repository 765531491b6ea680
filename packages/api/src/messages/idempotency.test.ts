import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idempotencyKeyOf } from './idempotency.ts';
import type { Send } from './schemas.ts';

const hashOf = (send: Send) => idempotencyKeyOf('usr_1', 'key', send)?.requestHash.toString('hex');

test('a request that was stored before an upgrade is the same request after it', () => {
  assert.equal(
    hashOf({ recipient: 'Ben', message: 'hello' }),
    'f8282799aa0b347f13dd399b5998e94917180a2c4a00d2186a218cdb05cc5926',
  );
  assert.equal(
    hashOf({
      recipient: 'ben',
      recipient_connection_id: 'conn_1',
      sender_connection_id: 'conn_2',
      routing_hints: { labels: ['work'], tags: ['chat'] },
      message: 'hello',
      context: 'why',
      payload_type: 'application/mahilo+ciphertext',
      encryption: { alg: 'x25519', key_id: 'k1' },
      sender_signature: { alg: 'ed25519', key_id: 'k2', signature: 'c2ln' },
      correlation_id: 'c-1',
      in_response_to: 'msg_0',
    }),
    'd874e0fcaa03a2127cae1b3ac47322b6cadc6a4fe3bb98ebe9ddb50ca5ce5fe2',
  );
});
