import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Database } from '@mahilo/shared/db/database';
import { Person } from './person.ts';
import { testApp } from './test-app.ts';

class Undone extends Error {}

/** A database on which each write is undone at first, and done again: so it is when a server is lost before the commit. */
function undoing(db: Database): Partial<Database> {
  const write: Database['write'] = async (work) => {
    const first = db.write(async (trx) => {
      await work(trx);
      throw new Undone();
    });
    await first.catch((error: unknown) => {
      if (!(error instanceof Undone)) throw error;
    });
    return db.write(work);
  };
  return { write, writeBeside: write };
}

/** Ann, who asks about everything that she sends, and her friend Ben, who has an agent. */
async function friends(t: TestContext, environment: Readonly<Record<string, string>>) {
  const here = await testApp(undoing, { TRUSTED_MODE: 'true', ...environment });
  t.after(() => here[Symbol.asyncDispose]());
  const [ann, ben] = [await Person.register(here.app, 'ann'), await Person.register(here.app, 'ben')];
  await ann.befriend(ben);
  await ben.connectPolling();
  const policy = { scope: 'global', evaluator: 'structured', effect: 'ask', policy_content: {} };
  const ask = () => ann.ok('POST', '/policies', policy);
  return { ann, ben, ask };
}

for (const TRUSTED_MODE of ['false', 'true']) {
  test(`a message counts once as owed, however often its transaction is done (trusted: ${TRUSTED_MODE})`, async (t) => {
    const { ann, ben } = await friends(t, { OWED_PER_USER: '2', TRUSTED_MODE });
    assert.deepEqual([(await ann.send(ben, 'one')).status, (await ann.send(ben, 'two')).status], [200, 200]);
  });
}

test('a test message counts once as owed, however often its transaction is done', async (t) => {
  const { ben } = await friends(t, { OWED_PER_USER: '2' });
  const [agent] = (await ben.call('GET', '/agents')).json;
  for (const _ of ['one', 'two']) {
    assert.equal((await ben.call('POST', `/agents/${agent.id}/test`)).status, 200);
  }
});

test('what is stored of a message counts once, and once when it is held, released or decided about', async (t) => {
  const { ann, ben, ask } = await friends(t, { STORED_BYTES_PER_USER: '3000' });
  assert.equal((await ann.send(ben, 'x'.repeat(1600))).status, 200);
  await ask();
  const held = await ann.send(ben, 'x'.repeat(900));
  assert.equal(held.json.status, 'review_required');
  const released = await ann.call('POST', `/plugin/reviews/rev_${held.json.message_id}/decision`, {
    decision: 'approve',
  });
  assert.deepEqual([released.status, released.json.status], [200, 'approved']);
});

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
