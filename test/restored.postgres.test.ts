import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InProcessWorld } from './world/in-process-world.ts';

test('after a restore by the server’s own programs browsers are signed out, and no link that was used since works again', async () => {
  await using world = new InProcessWorld();
  const api = await world.startApi();
  const ann = await world.newcomer('ann');
  await ann.ok('POST', '/friends/links');
  const { group_id } = await ann.ok('POST', '/groups', { name: 'club' });
  await ann.ok('POST', `/groups/${group_id}/links`, {});
  await world.admin(['users', 'sign-in-link', 'ann']);
  await api.close();
  const { code, stderr } = await world.admin(['restored']);
  assert.equal(code, 0, stderr);
  for (const table of ['sessions', 'sign_in_links', 'friend_links', 'group_links']) {
    assert.deepEqual(await world.store.query(`select * from ${table}`), [], table);
  }
});
