import assert from 'node:assert/strict';
import { OpenClawDouble } from '../plugin/openclaw-double.ts';
import { type Mortal, restart, type Story } from './story.ts';

export const DECIDED_MESSAGE: Story = {
  name: 'what an agent decided is not forgotten before it sends, and repeated sends make one message',
  settings: {},
  run: commitAndSend,
};

async function commitAndSend(world: Mortal): Promise<void> {
  const openClaw = async (name: string) => {
    const double = new OpenClawDouble(await world.nobody.register(name), await world.startAgent());
    await double.connect();
    return double;
  };
  const [ann, ben] = [await openClaw('ann'), await openClaw('ben')];
  await ann.client.befriend(ben.client);
  const committed = await ann.commit('ben', 'after the crash', 'res_of_a_crash', []);
  await restart(world);
  const sent = await Promise.all([1, 2, 3].map(() => ann.resume('ben', 'after the crash', 'res_of_a_crash')));
  assert.deepEqual(
    sent.map(({ message_id }) => message_id),
    sent.map(() => committed.message_id),
  );
  assert.equal((await ben.received())['message_id'], committed.message_id);
  await ann.connect();
  await ann.status();
  const before = ann.agent.received.length;
  const last = await ben.send('ann', 'with the new secret');
  const callback = await ann.received(before + 1);
  assert.equal(callback['message_id'], last.message_id);
  assert.equal(ben.agent.received.filter(({ json }) => json['message'] === 'after the crash').length, 1);
}
