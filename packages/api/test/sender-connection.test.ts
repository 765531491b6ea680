import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Person } from './person.ts';
import { type TestApp, testApp } from './test-app.ts';

let here: TestApp;
let ann: Person;
let ben: Person;

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '10000' });
  [ann, ben] = [await Person.register(here.app, 'ann'), await Person.register(here.app, 'ben')];
  await ann.befriend(ben);
  await ben.connectPolling();
});
after(() => here[Symbol.asyncDispose]());

/** The sending agent of a message of Ann's, as the recipient sees it. */
async function senderOf(more: object = {}): Promise<string | undefined> {
  assert.equal((await ann.send(ben, 'hello', more)).status, 200);
  const [{ sender_connection_id, receipt }] = await ben.ok('GET', '/inbox');
  await ben.ok('POST', '/inbox/ack', { receipts: [receipt] });
  return sender_connection_id;
}

test('a message names the agent that it is from: the one that was named, else the only or the best active one', async () => {
  assert.equal(await senderOf(), undefined, 'she has none');
  const only = await ann.connectPolling('only');
  assert.equal(await senderOf(), only);
  const best = await ann.connectPolling('best', { routing_priority: 9 });
  await ann.connectPolling('equal', { routing_priority: 9 });
  assert.equal(await senderOf(), best, 'the highest priority, of equals the oldest');
  assert.equal(await senderOf({ sender_connection_id: only }), only);
  const status = (id: string, to: 'suspended' | 'active') =>
    here.db.write((trx) => trx.updateTable('connections').set({ status: to }).where('id', '=', id).execute());
  await status(best, 'suspended');
  assert.notEqual(await senderOf(), best, 'an active one goes first');
});

test('so does a message to a group', async () => {
  const { group_id } = await ann.ok('POST', '/groups', { name: 'two', invite_only: false });
  await ben.ok('POST', `/groups/${group_id}/join`);
  const best = await ann.connectPolling('for groups', { routing_priority: 50 });
  await ann.ok('POST', '/messages/send', { recipient: group_id, recipient_type: 'group', message: 'all' });
  const [received] = await ben.ok('GET', '/inbox');
  assert.equal(received.sender_connection_id, best);
});

test('reading the history settles nothing: a message waits for the inbox', async () => {
  await ben.ok('GET', '/inbox');
  const { message_id } = (await ann.send(ben, 'still here')).json;
  for (const query of ['', '?direction=received', '?direction=received&since=0']) {
    await ben.ok('GET', `/messages${query}`);
  }
  await ben.ok('GET', `/messages/${message_id}`);
  assert.equal((await ann.ok('GET', `/messages/${message_id}`)).status, 'pending');
  const fetched: { message_id: string }[] = await ben.ok('GET', '/inbox');
  assert.deepEqual(
    fetched.map((message) => message.message_id),
    [message_id],
  );
});
