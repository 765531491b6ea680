import assert from 'node:assert/strict';
import { fetchAll, sceneIn, textsOf, waitingPoll } from '../inbox/scene.ts';
import { type Mortal, restart, type Story } from './story.ts';

export const WAITING_POLL: Story = {
  name: 'a poll that waits when everything ends loses nothing',
  settings: {},
  run: pollOn,
};

async function pollOn(world: Mortal): Promise<void> {
  const now = await sceneIn(world);
  const { ann, ben } = now;
  const poll = await waitingPoll(now, ben);
  await restart(world);
  // A stop answers it with nothing; a crash breaks it off.
  const [ended] = await Promise.allSettled([poll.answer]);
  if (ended.status === 'fulfilled') assert.deepEqual(ended.value.json, []);
  await ann.send(ben, 'after the end');
  assert.deepEqual(await fetchAll(ben, 1), ['after the end']);
}

export const FETCHED_MESSAGE: Story = {
  name: 'what is fetched stays leased, and the rest waiting',
  settings: {},
  run: fetchOn,
};

async function fetchOn(world: Mortal): Promise<void> {
  const { ann, ben } = await sceneIn(world);
  await ann.send(ben, 'fetched');
  const fetched = await ben.fetch();
  await ann.send(ben, 'waiting');
  await restart(world);
  assert.deepEqual(textsOf(await ben.fetch()), ['waiting']);
  assert.equal(await ben.acknowledge(fetched), 1);
}
