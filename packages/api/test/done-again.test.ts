import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '@mahilo/shared/db/database';
import { Person } from './person.ts';
import { testApp } from './test-app.ts';

class Undone extends Error {}

/** A database on which each write is undone at first, and done again: so it is when a server is lost before the commit. */
function undoing(db: Database): Partial<Database> {
  return {
    async write(work) {
      const first = db.write(async (trx) => {
        await work(trx);
        throw new Undone();
      });
      await first.catch((error: unknown) => {
        if (!(error instanceof Undone)) throw error;
      });
      return db.write(work);
    },
  };
}

test('a message to a large group is charged once, however often its transaction is done', async () => {
  await using here = await testApp(undoing, { RATE_LIMIT: '5' });
  const owner = await Person.register(here.app, 'owner');
  const { group_id } = await owner.ok('POST', '/groups', { name: 'Everybody', invite_only: false });
  const others = Array.from({ length: 120 }, (_, n) => ({
    id: `usr_${n}`,
    username: `member-${n}`,
    created_at: 0,
  }));
  await here.db.write(async (trx) => {
    await trx.insertInto('users').values(others).execute();
    const joined = { group_id, role: 'member', status: 'active', created_at: 0, joined_at: 0 } as const;
    const memberships = others.map(({ id }) => ({ ...joined, id: `mbr_${id}`, user_id: id }));
    await trx.insertInto('group_members').values(memberships).execute();
    const agent = { id: 'conn_1', user_id: 'usr_1', framework: 'test', label: 'a', capabilities_json: '[]' };
    const polling = { routing_priority: 0, mode: 'polling', status: 'active', created_at: 0 } as const;
    await trx
      .insertInto('connections')
      .values({ ...agent, ...polling })
      .execute();
  });
  // Three requests of the five, after the one for the group.
  const send = { recipient: group_id, recipient_type: 'group', message: 'hello' };
  const { status, json } = await owner.call('POST', '/messages/send', send);
  assert.deepEqual([status, json.recipients], [200, 1]);
  assert.equal((await owner.call('GET', '/auth/me')).status, 200);
  assert.equal((await owner.call('GET', '/auth/me')).status, 429);
});
