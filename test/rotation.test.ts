import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXIT_CODE_CONFIG } from '@mahilo/shared/config/load';
import { Webhook } from 'standardwebhooks';
import {
  AFTER,
  agentOf,
  assertDelivers,
  BEFORE,
  CHANGED,
  NEW,
  OTHER,
  restart,
  secretStatus,
} from './rotation/secrets.ts';
import { Client } from './world/client.ts';
import { eventually } from './world/eventually.ts';
import { InProcessWorld } from './world/in-process-world.ts';

test('SECRET_KEY is changed: API keys and signatures stay as they were, and the old secret can be dropped', async () => {
  await using world = new InProcessWorld();
  await restart(world, BEFORE);
  const agent = await world.startAgent();
  const { ann, ben, secret } = await world.twoFriends(agent);
  const idle = await world.nobody.register('idle');
  await assertDelivers(ann, ben, agent, secret);

  await restart(world, CHANGED);
  assert.deepEqual(await secretStatus(world, CHANGED), {
    code: 1,
    api_keys: { current: 0, previous: 3, lost: 0, unknown: 0 },
    callback_secrets: { current: 0, previous: 1, lost: 0 },
    check_value_is_previous: true,
    users_not_current: ['ann', 'ben', 'idle'],
  });
  await assertDelivers(ann, ben, agent, secret);
  await ben.ok('GET', '/auth/me');
  const status = await eventually(async () => {
    const found = await secretStatus(world, CHANGED);
    return found.api_keys.current === 2 && found;
  });
  assert.deepEqual(status.api_keys, { current: 2, previous: 1, lost: 0, unknown: 0 }, 'those that were used');
  const resealed = await world.admin(['secret', 'reseal', '--json'], CHANGED);
  assert.deepEqual([resealed.code, resealed.json], [0, { resealed: 1 }]);

  await restart(world, AFTER);
  assert.deepEqual(await secretStatus(world, AFTER), {
    code: 1,
    api_keys: { current: 2, previous: 0, lost: 1, unknown: 0 },
    callback_secrets: { current: 1, previous: 0, lost: 0 },
    check_value_is_previous: false,
    users_not_current: ['idle'],
  });
  await assertDelivers(ann, ben, agent, secret);
  assert.equal((await idle.call('GET', '/auth/me')).status, 401, 'it was never used while both were known');
});

test('stealing a key by rotation: an unknown secret opens nothing, and the previous one only what it made', async () => {
  await using world = new InProcessWorld();
  await restart(world, BEFORE);
  const agent = await world.startAgent();
  const { ben } = await world.twoFriends(agent);
  await world.endAll();
  const stranger = { SECRET_KEY: NEW, SECRET_KEY_PREVIOUS: OTHER };
  for (const name of ['api', 'worker'] as const) {
    const refused = world.spawn(name, stranger);
    assert.equal(await refused.ended, EXIT_CODE_CONFIG);
    assert.match(refused.errors.join('\n'), /SECRET_KEY is not the one that .* was written under/);
  }
  for (const tool of [
    ['users', 'create', 'eve'],
    ['users', 'reset-key', 'ben'],
    ['secret', 'reseal'],
  ]) {
    const run = await world.admin(tool, stranger);
    assert.equal(run.code, EXIT_CODE_CONFIG, tool.join(' '));
    assert.match(run.stderr, /SECRET_KEY is not the one/);
  }
  assert.equal((await world.admin(['secret', 'status'], stranger)).code, 1, 'it may look');
  await restart(world, CHANGED);
  const wrong = `Bearer ${ben.apiKey?.slice(0, -1)}${ben.apiKey?.endsWith('x') ? 'y' : 'x'}`;
  const answer = await world.nobody.call('GET', '/auth/me', undefined, { authorization: wrong });
  assert.equal(answer.status, 401);
  assert.equal((await ben.call('GET', '/auth/me')).status, 200);
});

test('SECRET_KEY is lost: with new API keys and agents that register again, what waited goes out', async () => {
  await using world = new InProcessWorld({ MAX_RETRIES: '100', LEASE_MS: '1000' });
  await restart(world, BEFORE);
  const agent = await world.startAgent();
  const { ann, ben } = await world.twoFriends(agent);
  await agent.stop();
  const waiting = await ann.send(ben, 'Are you there?');

  await world.endAll();
  assert.equal((await world.admin(['secret', 'adopt'], AFTER)).code, 0);
  await restart(world, AFTER);
  await agent.start();
  const { json } = await world.admin(['users', 'reset-key', 'ben', '--json'], AFTER);
  const again = new Client(() => world.url, 'ben', json.api_key);
  const { callback_secret } = await again.ok('POST', '/agents', { ...agentOf(agent), rotate_secret: true });
  const received = await eventually(async () => {
    await passMinute(world);
    return agent.received.find((callback) => callback.json['message_id'] === waiting.message_id);
  });
  new Webhook(callback_secret).verify(received.body, received.headers as Record<string, string>);
  const status = await secretStatus(world, AFTER);
  assert.deepEqual([status.api_keys.lost, status.callback_secrets.lost], [1, 0]);
});

/** The worker retries an unsigned callback a minute later; this makes that minute pass. */
async function passMinute({ store }: InProcessWorld): Promise<void> {
  await store.query('update outbox set due_at = due_at - 60000');
  await store.query('update lanes set ready_at = ready_at - 60000');
}
