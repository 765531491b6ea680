import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { OPTIONAL_FIELDS } from '@mahilo/shared/test/sent-fields';
import { Webhook } from 'standardwebhooks';
import { eventually } from './world/eventually.ts';
import { InProcessWorld } from './world/in-process-world.ts';

test('a message reaches the agent of a friend, with both signatures, and the outcome is recorded', async () => {
  await using world = await InProcessWorld.start();
  const agent = await world.startAgent();
  const { ann, ben, connectionId, secret } = await world.twoFriends(agent);

  const sent = await ann.send(ben, 'Grüße, 世界 🌍', OPTIONAL_FIELDS);
  assert.equal(sent.status, 'pending');
  const { headers, body, json } = await agent.callback();

  assert.deepEqual(json, {
    message_id: sent.message_id,
    delivery_id: sent.delivery_id,
    recipient_connection_id: connectionId,
    sender: 'ann',
    sender_user_id: json['sender_user_id'],
    sender_agent: 'agent',
    message: 'Grüße, 世界 🌍',
    ...OPTIONAL_FIELDS,
    timestamp: json['timestamp'],
  });
  assert.equal(headers['content-type'], 'application/json');
  assert.match(String(headers['user-agent']), /^Mahilo-Registry\/\d+\.\d+\.\d+$/);
  assert.equal(headers['x-mahilo-message-id'], sent.message_id);
  assert.equal(headers['x-mahilo-delivery-id'], sent.delivery_id);
  assert.equal(headers['x-mahilo-attempt'], '1');
  const expected = createHmac('sha256', secret)
    .update(`${headers['x-mahilo-timestamp']}.${body}`)
    .digest('hex');
  assert.equal(headers['x-mahilo-signature'], `sha256=${expected}`);
  assert.deepEqual(new Webhook(secret).verify(body, headers as Record<string, string>), json);

  const message = await eventually(async () => {
    const found = await ann.ok('GET', `/messages/${sent.message_id}`);
    return found.status === 'delivered' && found;
  });
  assert.equal(message.deliveries[0].attempts, 1);
  const [attempt] = await ben.ok('GET', `/deliveries/${sent.delivery_id}/attempts`);
  assert.equal(attempt.outcome, 'delivered');
  assert.equal(attempt.response_excerpt, 'ok');
});
