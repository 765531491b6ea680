import assert from 'node:assert/strict';
import type { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import { type Mortal, restart, type Story } from './story.ts';

export const REVIEW: Story = {
  name: 'what a policy asks about is seen, approved and delivered',
  // After the lease, another worker takes what a dead one had in flight.
  settings: { TRUSTED_MODE: 'true', LEASE_MS: '1500' },
  run: review,
};

async function review(world: Mortal): Promise<void> {
  const [ann, ben] = [await world.nobody.register('ann'), await world.nobody.register('ben')];
  const agent = await world.startAgent();
  await ben.connect(agent.url);
  await ann.befriend(ben);
  await ann.ok('POST', '/policies', {
    scope: 'user',
    target_id: 'ben',
    evaluator: 'heuristic',
    effect: 'ask',
    policy_content: { blockedPatterns: ['salary'] },
  });
  const free = await ann.send(ben, 'hello', { idempotency_key: 'free' });
  assert.equal(free.status, 'pending');
  const asked = { idempotency_key: 'asked', correlation_id: 'c' };
  const held = await ann.send(ben, 'my salary', asked);
  assert.equal(held.status, 'review_required');
  // Received is not enough: what a worker could not record before it died comes once more.
  await eventually(async () => (await ann.ok('GET', `/messages/${free.message_id}`)).status === 'delivered');
  await restart(world);

  assert.deepEqual(await openReviews(ann), [[`rev_${held.message_id}`, 'my salary']]);
  assert.equal((await ann.send(ben, 'my salary', asked)).message_id, held.message_id);
  const path = `/plugin/reviews/rev_${held.message_id}/decision`;
  await ann.ok('POST', path, { decision: 'approve' });
  await restart(world);
  // It comes once more if its worker died before it recorded the outcome.
  await eventually(() => agent.received.length >= 2);
  for (const { json } of agent.received.slice(1)) {
    const { message_id, message, correlation_id } = json;
    assert.deepEqual([message_id, message, correlation_id], [held.message_id, 'my salary', 'c']);
  }
  assert.deepEqual(await openReviews(ann), []);
  assert.equal((await ann.ok('POST', path, { decision: 'approve' })).deduplicated, true);
}

async function openReviews(who: Client): Promise<string[][]> {
  const { reviews } = await who.ok('GET', '/plugin/reviews?status=open');
  return reviews.map((one: Record<'review_id' | 'message_preview', string>) => [
    one.review_id,
    one.message_preview,
  ]);
}
