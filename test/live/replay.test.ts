import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../world/eventually.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { KINDS, logged } from './clients.ts';
import { logOf } from './event-log.ts';

test('a stream that resumes from before what retention has deleted says so, and has all that is left', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  const [ann, ben] = [await world.nobody.register('ann'), await world.nobody.register('ben')];
  await ann.befriend(ben);
  for (let n = 0; n < 5; n++) {
    const { friendship_id } = (await ben.ok('GET', '/friends')).map(({ id }: { id: string }) => ({
      friendship_id: id,
    }))[0];
    await ben.ok('DELETE', `/friends/${friendship_id}`);
    await ann.befriend(ben);
  }
  const before = await logOf(world, 'ben');
  assert.equal(before.length, 6);
  // As retention does; a worker would wait for ten minutes of a trusted clock.
  await world.store.query('delete from events where id <= ?', Number(before[3]?.id));
  const left = await logOf(world, 'ben');
  assert.equal(left.length, 2);
  for (const kind of KINDS) {
    await using late = await kind.watch(world.url, ben, before[1]?.id);
    await eventually(() => late.seen.length === 3);
    assert.equal(late.seen[0]?.data['events_lost'], true);
    assert.deepEqual(logged(late), left);
    // A stream that resumes from there has lost nothing more.
    await using again = await kind.watch(world.url, ben, late.seen[0]?.id);
    await eventually(() => again.seen.length === 3);
    assert.equal(again.seen[0]?.data['events_lost'], false);
    await using exact = await kind.watch(world.url, ben, before[4]?.id);
    await eventually(() => exact.seen.length === 2);
    assert.equal(exact.seen[0]?.data['events_lost'], false);
  }
});
