import assert from 'node:assert/strict';
import type { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import { type Mortal, restart, type Story } from './story.ts';

/** Calls an agent of ben's by A2A, without the SDK. */
async function call(ann: Client, agent: string, method: string, params: object) {
  const request = { jsonrpc: '2.0', id: 1, method, params };
  const { result, error } = await ann.ok('POST', `//a2a/ben/${agent}`, request, { 'a2a-version': '1.0' });
  assert.equal(error, undefined);
  return result;
}

async function ask(ann: Client, agent: string, text: string): Promise<string> {
  const message = { messageId: text, role: 'ROLE_USER', parts: [{ text }] };
  const configuration = { returnImmediately: true };
  return (await call(ann, agent, 'SendMessage', { message, configuration })).task.id;
}

export const A2A_TASK: Story = {
  name: 'a task goes on, and one that was taken back never comes',
  settings: { RETRY_BASE_MS: '600000' },
  run: askAndTakeBack,
};

async function askAndTakeBack(world: Mortal): Promise<void> {
  const [ann, ben] = [await world.newcomer('ann'), await world.newcomer('ben')];
  await ann.befriend(ben);
  const receiver = await world.startAgent();
  const { connection_id: agent } = await ben.connect(receiver.url);
  const busy = await world.startAgent();
  busy.behave = (_request, response) => response.writeHead(503).end();
  const { connection_id: down } = await ben.connect(busy.url, 'busy');

  const id = await ask(ann, agent, 'answered later');
  const stateOf = async (of: string, task: string) =>
    (await call(ann, of, 'GetTask', { id: task })).status.state;
  await eventually(async () => (await stateOf(agent, id)) === 'TASK_STATE_WORKING');
  const vain = await ask(ann, down, 'tried in vain');
  await eventually(async () => (await ann.ok('GET', `/messages/${vain}`)).deliveries[0].attempts > 0);

  await restart(world);

  await ben.send(ann, 'the answer', { in_response_to: id });
  const { status, artifacts } = await call(ann, agent, 'GetTask', { id });
  assert.deepEqual([status.state, artifacts[0].parts[0].text], ['TASK_STATE_COMPLETED', 'the answer']);
  const cancelled = await call(ann, down, 'CancelTask', { id: vain });
  assert.equal(cancelled.status.state, 'TASK_STATE_CANCELED');
  const [delivery] = (await ann.ok('GET', `/messages/${vain}`)).deliveries;
  assert.deepEqual([delivery.status, delivery.attempts], ['cancelled', 1]);
}
