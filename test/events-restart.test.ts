import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventHost } from './mcp-events/host.ts';
import { eventually } from './world/eventually.ts';
import { World } from './world/world.ts';

test('a host is woken by each message across crashes of both processes, and knows nothing of them', async () => {
  await using world = await World.start({ LEASE_MS: '3000' });
  const [ann, ben] = [await world.newcomer('ann'), await world.newcomer('ben')];
  await ann.befriend(ben);
  await using host = await eventHost(world.url, ben.apiKey ?? '');
  const { id } = await host.events.subscribe({
    name: 'message.received',
    arguments: { include_text: true },
    delivery: host.delivery,
  });
  // It is told and does not accept: what is under way when the processes end comes again.
  host.instead = ({ json }) => (json.eventId === undefined ? undefined : new Response(null, { status: 503 }));
  await ann.send(ben, 'one');
  await eventually(() => host.posted.some(({ json }) => json.eventId !== undefined));
  await world.killAll();

  // Accepted while no worker runs, and then there is another crash.
  await world.startApi();
  await ann.send(ben, 'two');
  await world.killAll();

  host.instead = () => undefined;
  await world.startApi();
  await world.startWorker();
  await ann.send(ben, 'three');
  const texts = () => new Set(host.told.map(({ data }) => data['text']));
  await eventually(() => texts().size === 3);
  assert.deepEqual([...texts()].sort(), ['one', 'three', 'two']);
  assert.equal(new Set(host.told.map(({ eventId }) => eventId)).size, 3);
  assert.equal((await host.events.refresh({ id })).id, id);
  assert.equal(host.posted.filter(({ json }) => json.type === 'verification').length, 1);
});
