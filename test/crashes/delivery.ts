import assert from 'node:assert/strict';
import { eventually } from '../world/eventually.ts';
import type { Mortal, Story } from './story.ts';

export const AGENT_THAT_IS_DOWN: Story = {
  name: 'a message to an agent that is down arrives after it comes back',
  settings: { MAX_RETRIES: '100', LEASE_MS: '2000' },
  run: comeBack,
};

async function comeBack(world: Mortal): Promise<void> {
  const agent = await world.startAgent();
  const { ann, ben } = await world.twoFriends(agent);
  await agent.stop();
  const sent = await ann.send(ben, 'are you there?');
  await eventually(async () => {
    const { deliveries } = await ann.ok('GET', `/messages/${sent.message_id}`);
    return deliveries[0].attempts > 0;
  });
  await world.endAll();
  await agent.start();
  await world.startApi();
  await world.startWorker();
  const { json } = await agent.callback();
  assert.equal(json['message_id'], sent.message_id);
}
