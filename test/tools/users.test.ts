import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import { World } from '../world/world.ts';

/** Runs an action on users that must succeed. */
async function users(world: World, ...toolArguments: string[]) {
  const run = await world.admin(['users', ...toolArguments, '--json']);
  assert.equal(run.code, 0, run.stderr);
  return run.json;
}

test('a user is made and gets a new key, while the API runs; each key is shown once and works at once', async () => {
  await using world = new World();
  await world.startApi();
  const made = await users(world, 'create', 'Ann', '--display-name', 'Ann A.');
  assert.deepEqual(Object.keys(made), ['user_id', 'username', 'api_key']);
  const ann = new Client(() => world.url, 'ann', made.api_key);
  assert.equal((await ann.ok('GET', '/auth/me')).display_name, 'Ann A.');

  const { api_key } = await users(world, 'reset-key', 'ANN');
  assert.equal((await ann.call('GET', '/auth/me')).status, 401, 'the old one is dead at once');
  assert.equal((await new Client(() => world.url, 'ann', api_key).ok('GET', '/auth/me')).username, 'ann');

  const text = await world.adminProcess(['users', 'reset-key', 'ann']);
  assert.match(text.stdout, /^The API key of ann, shown this once:\n\nmhl_\w+_\w+\n$/);
});

test('a disabled user is shut out at once, and has lost nothing when enabled again', async () => {
  await using world = await World.start({ MAX_RETRIES: '100', RETRY_MAX_MS: '200' });
  const agent = await world.startAgent();
  const { ann, ben } = await world.twoFriends(agent);
  await agent.stop();
  const { message_id, delivery_id } = await ann.send(ben, 'Are you there?');
  await eventually(async () => (await ben.ok('GET', `/deliveries/${delivery_id}/attempts`)).length > 0);

  await users(world, 'disable', 'ben');
  assert.equal((await ben.call('GET', '/auth/me')).status, 401);
  const refused = await ann.call('POST', '/messages/send', { recipient: 'ben', message: 'Hello?' });
  assert.deepEqual([refused.status, refused.json.code], [404, 'USER_NOT_FOUND']);
  const request = await ann.call('POST', '/friends/request', { username: 'ben' });
  assert.equal(request.json.code, 'USER_NOT_FOUND');
  assert.equal((await world.nobody.call('POST', '/auth/register', { username: 'ben' })).status, 409);

  await agent.start();
  const other = await world.startAgent();
  other.behave = (_request, response) => response.writeHead(other.received.length < 8 ? 500 : 200).end();
  const cid = await world.nobody.register('cid');
  await cid.connect(other.url);
  await ann.befriend(cid);
  await ann.send(cid, 'This is tried again and again meanwhile.');
  await other.callback(8);
  assert.equal(agent.received.length, 0, 'although it was due again long ago');
  const { deliveries } = await ann.ok('GET', `/messages/${message_id}`);
  assert.equal(deliveries[0].status, 'pending');

  await users(world, 'enable', 'ben');
  assert.equal((await agent.callback()).json['message_id'], message_id);
  assert.equal((await ben.call('GET', '/auth/me')).status, 200);
});

test('a ping that is under way does not bring a disabled user back', async () => {
  await using world = new World();
  await world.startApi();
  const agent = await world.startAgent();
  const { ben, connectionId } = await world.twoFriends(agent);
  const asked: ServerResponse[] = [];
  agent.behave = (_request, response) => asked.push(response);
  const pinging = ben.call('POST', `/agents/${connectionId}/ping`);
  await eventually(() => asked.length === 1);
  await users(world, 'disable', 'ben');
  asked[0]?.end();
  assert.equal((await pinging).status, 401);
  const db = new BetterSqlite3(world.databaseFile, { readonly: true });
  assert.deepEqual(db.prepare('select status from connections').pluck().all(), ['suspended']);
  db.close();
});

test('a disabled member gets nothing of what is sent to the group', async () => {
  await using world = await World.start();
  const [agent, other] = [await world.startAgent(), await world.startAgent()];
  const { ann, ben } = await world.twoFriends(agent);
  const cid = await world.nobody.register('cid');
  await cid.connect(other.url);
  const { group_id } = await ann.ok('POST', '/groups', { name: 'club', invite_only: false });
  for (const member of [ben, cid]) await member.ok('POST', `/groups/${group_id}/join`);
  await users(world, 'disable', 'ben');
  const sent = await ann.ok('POST', '/messages/send', {
    recipient: group_id,
    recipient_type: 'group',
    message: 'Hello, all!',
  });
  assert.equal(sent.recipients, 1);
  assert.equal((await other.callback()).json['message_id'], sent.message_id);
  await ann.ok('DELETE', `/groups/${group_id}/members/ben`);
});

test('the list goes by name, in pages, and shows who is disabled', async () => {
  await using world = new World();
  await world.startApi();
  for (const name of ['cid', 'ann', 'ben']) await world.nobody.register(name);
  await users(world, 'disable', 'ben');
  const names = (list: { username: string }[]) => list.map(({ username }) => username);
  const page = await users(world, 'list', '--limit', '2');
  assert.deepEqual(names(page), ['ann', 'ben']);
  assert.match(page[1].disabled_at, /^\d{4}-/);
  assert.deepEqual(names(await users(world, 'list', '--after', 'ben')), ['cid']);
  assert.deepEqual(names(await users(world, 'list', '--disabled')), ['ben']);
  const { stdout } = await world.admin(['users', 'list', '--limit', '2']);
  assert.match(
    stdout,
    /^Name {2}Display name {2}Registered +Agents {2}Disabled\nann .* 0\nben .* 0 {2}since 2/,
  );
  assert.match(stdout, /There may be more: --after ben\n$/);
});

test('what cannot be done is told in a sentence, with exit code 1', async () => {
  await using world = new World();
  await world.startApi();
  await world.nobody.register('ann');
  for (const [toolArguments, sentence] of [
    [['create', 'ann'], /^The username ann is taken\.$/m],
    [['create', 'x'], /^A name has 3–30 of/],
    [['disable', 'nobody'], /^There is no user nobody\.$/m],
    [['reset-key'], /^reset-key needs exactly one NAME\./],
    [['promote', 'ann'], /^There is no action "promote"\./],
    [['list', '--limit', '0'], /^--limit must be a whole number/],
  ] as const) {
    const run = await world.admin(['users', ...toolArguments]);
    assert.equal(run.code, 1);
    assert.match(run.stderr, sentence);
    assert.equal(run.stdout, '');
  }
  const noSecret = await world.admin(['users', 'create', 'ben'], { SECRET_KEY: '', NODE_ENV: 'production' });
  assert.equal(noSecret.code, 78);
});
