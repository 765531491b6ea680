import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { after, before, test } from 'node:test';
import type { Client } from '../world/client.ts';
import { InProcessWorld } from '../world/in-process-world.ts';

const world = new InProcessWorld({ RATE_LIMIT: '1000' });
before(() => world.startApi());
after(() => world[Symbol.asyncDispose]());

async function admin(...toolArguments: string[]) {
  const run = await world.admin([...toolArguments, '--json']);
  assert.equal(run.code, 0, run.stderr);
  return run.json;
}

const text = async (...toolArguments: string[]) => (await world.admin(toolArguments)).stdout;

async function twoFriends(one: string, other: string): Promise<[Client, Client]> {
  const [ann, ben] = [await world.nobody.register(one), await world.nobody.register(other)];
  await ann.connectPolling();
  await ben.connectPolling();
  await ann.befriend(ben);
  return [ann, ben];
}

test('a user is looked up and removed, after it was asked for twice, and the name stays taken', async () => {
  const [ann, ben] = await twoFriends('ann', 'ben');
  const { message_id } = await ann.send(ben, 'What ann said stays.');
  const owed = await ben.send(ann, 'Nobody fetches this.');
  const shown = await admin('users', 'show', 'ANN');
  assert.deepEqual(
    [shown.username, shown.keys, shown.agents, shown.friends, shown.messages, shown.stored_bytes],
    ['ann', 1, 1, 1, 1, 20],
  );
  const hasty = await world.admin(['users', 'remove', 'ann']);
  assert.equal(hasty.code, 1);
  assert.match(hasty.stderr, /--yes/);
  assert.equal((await ann.call('GET', '/auth/me')).status, 200);

  assert.equal((await admin('users', 'remove', 'ann', '--yes')).status, 'removed');
  assert.equal((await ann.call('GET', '/auth/me')).status, 401);
  assert.equal((await ben.ok('GET', `/messages/${owed.message_id}`)).deliveries[0].status, 'cancelled');
  const kept = await ben.ok('GET', `/messages/${message_id}`);
  assert.deepEqual([kept.sender, kept.message], ['ann', 'What ann said stays.']);
  for (const action of ['create', 'enable', 'reset-key', 'disable']) {
    const run = await world.admin(['users', action, 'ann']);
    assert.equal(run.code, 1, action);
    assert.match(run.stderr, /taken/);
  }
  assert.notEqual((await admin('users', 'show', 'ann')).deleted_at, null);
});

test('users are listed by what they have stored, and messages by their size, without what they say', async () => {
  const [large, small] = await twoFriends('large', 'small');
  await large.send(small, 'L'.repeat(9000));
  const { message_id } = await small.send(large, 'S'.repeat(8000), { context: 'C'.repeat(500) });
  const users = await admin('users', 'list', '--by-size', '--limit', '2');
  assert.deepEqual(
    users.map((user: { username: string; stored_bytes: number }) => [user.username, user.stored_bytes]),
    [
      ['large', 9000],
      ['small', 8500],
    ],
  );
  const messages = await admin('messages', 'list', '--limit', '2');
  assert.deepEqual(
    messages.map((message: { sender: string; bytes: number }) => [message.sender, message.bytes]),
    [
      ['large', 9000],
      ['small', 8500],
    ],
  );
  for (const said of [await text('messages', 'list'), await text('messages', 'show', message_id)]) {
    assert.ok(said.includes(message_id));
    assert.doesNotMatch(said, /SSSS|CCCC/);
  }
});

test('a message is removed: it is empty, marked, and not delivered', async () => {
  const [sia, rob] = await twoFriends('sia', 'rob');
  const { message_id } = await sia.send(rob, 'What nobody should read.');
  const sender_connection_id = await sia.connectPolling('decides');
  const held = await sia.ok('POST', '/plugin/local-decisions/commit', {
    sender_connection_id,
    recipient: 'rob',
    message: 'what is held',
    resolution_id: 'res_held',
    local_decision: { decision: 'ask', delivery_mode: 'review_required' },
  });
  await admin('messages', 'remove', held.message_id, '--yes');
  assert.deepEqual((await sia.ok('GET', '/plugin/reviews')).reviews, []);
  assert.equal((await world.admin(['messages', 'remove', message_id])).code, 1);
  await admin('messages', 'remove', message_id, '--yes');
  const { message, erased_at } = await rob.ok('GET', `/messages/${message_id}`);
  assert.equal(message, '');
  assert.ok(Date.parse(erased_at) > 0);
  assert.deepEqual(await rob.fetch(), []);
  assert.match(await text('messages', 'show', message_id), /erased/);
  assert.equal((await world.admin(['messages', 'show', 'msg_none'])).code, 1);
});

test('a group is looked up and removed, its members are told, and nobody is given its name again', async () => {
  const [olga, max] = await twoFriends('olga', 'max');
  const { group_id } = await olga.ok('POST', '/groups', {
    name: 'Roof',
    description: 'x',
    invite_only: false,
  });
  await max.ok('POST', `/groups/${group_id}/join`);
  const [first] = await admin('groups', 'list', '--limit', '1');
  assert.deepEqual([first.name, first.owner, first.members], ['Roof', 'olga', 2]);
  assert.equal((await admin('groups', 'show', 'roof')).group_id, group_id);
  assert.equal((await world.admin(['groups', 'remove', 'Roof'])).code, 1);
  await admin('groups', 'remove', 'Roof', '--yes');
  assert.equal((await olga.call('GET', `/groups/${group_id}`)).status, 404);
  const again = await olga.call('POST', '/groups', { name: 'ROOF' });
  assert.deepEqual([again.status, again.json.code], [409, 'GROUP_EXISTS']);
  assert.match(await text('groups', 'show', group_id), /removed/);
});

test('the audit trail says who did what, for people and machines, from a time on', async () => {
  const { user_id } = await admin('users', 'create', 'tracked');
  await admin('users', 'disable', 'tracked');
  await admin('users', 'enable', 'tracked');
  const { api_key } = await admin('users', 'reset-key', 'tracked');
  await admin('users', 'remove', 'tracked', '--yes');
  const lines = (await admin('audit', 'list', '--since', '1h')).filter(
    (line: { subject: string }) => line.subject === user_id,
  );
  const operator = userInfo().username;
  assert.deepEqual(
    lines.map((line: { actor_type: string; actor: string; action: string }) => [
      line.actor_type,
      line.actor,
      line.action,
    ]),
    ['user.register', 'user.disable', 'user.enable', 'key.reset', 'user.delete'].map((action) => [
      'operator',
      operator,
      action,
    ]),
  );
  assert.ok(!(await text('audit', 'list')).includes(api_key.split('_')[2]));
  assert.match(await text('audit', 'list'), /user\.disable/);
  assert.deepEqual(await admin('audit', 'list', '--since', '2100-01-01T00:00:00Z'), []);
  const [one, two] = await admin('audit', 'list', '--limit', '2');
  assert.equal((await admin('audit', 'list', '--limit', '1', '--after', String(one.id)))[0].id, two.id);
});
