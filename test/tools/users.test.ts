import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, test } from 'node:test';
import { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import { InProcessWorld } from '../world/in-process-world.ts';

/** For tests that need no settings of their own, and take no names but theirs. */
const shared = new InProcessWorld();
before(async () => {
  await shared.startApi();
  await shared.startWorker();
});
after(() => shared[Symbol.asyncDispose]());

/** Runs an action on users that must succeed. */
async function users(world: InProcessWorld, ...toolArguments: string[]) {
  const run = await world.admin(['users', ...toolArguments, '--json']);
  assert.equal(run.code, 0, run.stderr);
  return run.json;
}

test('a user is made and gets a new key, while the API runs; each key is shown once and works at once', async () => {
  const made = await users(shared, 'create', 'Ada', '--display-name', 'Ada A.');
  assert.deepEqual(Object.keys(made), ['user_id', 'username', 'api_key']);
  const ada = new Client(() => shared.url, 'ada', made.api_key);
  assert.equal((await ada.ok('GET', '/auth/me')).display_name, 'Ada A.');

  const { api_key } = await users(shared, 'reset-key', 'ADA');
  assert.equal((await ada.call('GET', '/auth/me')).status, 401, 'the old one is dead at once');
  assert.equal((await new Client(() => shared.url, 'ada', api_key).ok('GET', '/auth/me')).username, 'ada');

  const text = await shared.adminProcess(['users', 'reset-key', 'ada']);
  assert.match(text.stdout, /^The API key of ada, shown this once:\n\nmhl_\w+_\w+\n$/);
});

test('a link lets a person in at a browser once, and a browser is shut out with its person', async () => {
  await users(shared, 'create', 'linda');
  const { link } = await users(shared, 'sign-in-link', 'Linda');
  const [, link_token] = /^http:\/\/localhost:\d+\/console\/#link=(.+)$/.exec(link) ?? [];
  const signedIn = await shared.nobody.call('POST', '/auth/sessions', { link_token });
  assert.equal(signedIn.status, 201);
  const cookie = signedIn.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  const me = () => shared.nobody.call('GET', '/auth/me', undefined, { cookie });
  assert.equal((await me()).json.username, 'linda');
  assert.equal((await shared.nobody.call('POST', '/auth/sessions', { link_token })).status, 403);

  const unused = await users(shared, 'sign-in-link', 'linda');
  await users(shared, 'disable', 'linda');
  assert.equal((await me()).status, 401);
  const refused = await shared.admin(['users', 'sign-in-link', 'linda']);
  assert.match(refused.stderr, /linda is disabled/);
  await users(shared, 'enable', 'linda');
  assert.equal((await me()).status, 401, 'nor is she signed in when enabled again');
  const old = { link_token: unused.link.split('=')[1] };
  assert.equal((await shared.nobody.call('POST', '/auth/sessions', old)).status, 403);
});

test('an operator at a browser is made, comes with a link, and is one no more', async () => {
  await users(shared, 'create', 'olga');
  const refused = await shared.admin(['users', 'operator-link', 'olga']);
  assert.match(refused.stderr, /olga is no operator/);
  assert.equal((await users(shared, 'grant-operator', 'Olga')).operator, true);
  const { link } = await users(shared, 'operator-link', 'olga');
  const { status, headers } = await shared.nobody.call('POST', '/auth/sessions', {
    link_token: link.split('=')[1],
  });
  assert.equal(status, 201);
  const cookie = headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  const look = () => shared.nobody.call('GET', '/admin/users', undefined, { cookie });
  assert.equal((await look()).status, 200);
  assert.notEqual((await users(shared, 'show', 'olga')).operator_since, null);
  const unused = await users(shared, 'operator-link', 'olga');
  await users(shared, 'withdraw-operator', 'olga');
  assert.equal((await look()).status, 401);
  const late = await shared.nobody.call('POST', '/auth/sessions', { link_token: unused.link.split('=')[1] });
  assert.equal(late.status, 403);
  const { json } = await shared.admin(['audit', 'list', '--json']);
  const actions = json.map(({ action }: { action: string }) => action);
  assert.deepEqual([actions.includes('operator.grant'), actions.includes('operator.withdraw')], [true, true]);
});

test('a disabled user is shut out at once, and has lost nothing when enabled again', async () => {
  await using world = await InProcessWorld.start({ MAX_RETRIES: '100', RETRY_MAX_MS: '200' });
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
  const agent = await shared.startAgent();
  const { ben, connectionId } = await shared.twoFriends(agent);
  const asked: ServerResponse[] = [];
  agent.behave = (_request, response) => asked.push(response);
  const pinging = ben.call('POST', `/agents/${connectionId}/ping`);
  await eventually(() => asked.length === 1);
  await users(shared, 'disable', ben.username);
  asked[0]?.end();
  assert.equal((await pinging).status, 401);
  const found = await shared.store.query('select status from connections where id = ?', connectionId);
  assert.deepEqual(found, [{ status: 'suspended' }]);
});

test('a disabled member gets nothing of what is sent to the group', async () => {
  const [agent, other] = [await shared.startAgent(), await shared.startAgent()];
  const { ann, ben } = await shared.twoFriends(agent);
  const cid = await shared.newcomer('cid');
  await cid.connect(other.url);
  const { group_id } = await ann.ok('POST', '/groups', { name: 'club', invite_only: false });
  for (const member of [ben, cid]) await member.ok('POST', `/groups/${group_id}/join`);
  await users(shared, 'disable', ben.username);
  const sent = await ann.ok('POST', '/messages/send', {
    recipient: group_id,
    recipient_type: 'group',
    message: 'Hello, all!',
  });
  assert.equal(sent.recipients, 1);
  assert.equal((await other.callback()).json['message_id'], sent.message_id);
  await ann.ok('DELETE', `/groups/${group_id}/members/${ben.username}`);
});

test('the list goes by name, in pages, and shows who is disabled', async () => {
  await using world = new InProcessWorld();
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
  await shared.nobody.register('taken');
  for (const [toolArguments, sentence] of [
    [['create', 'taken'], /^The username taken is taken\.$/m],
    [['create', 'x'], /^A name has 3–30 of/],
    [['disable', 'nobody'], /^There is no user nobody\.$/m],
    [['reset-key'], /^reset-key needs exactly one NAME\./],
    [['promote', 'taken'], /^There is no action "promote"\./],
    [['list', '--limit', '0'], /^--limit must be a whole number/],
  ] as const) {
    const run = await shared.admin(['users', ...toolArguments]);
    assert.equal(run.code, 1);
    assert.match(run.stderr, sentence);
    assert.equal(run.stdout, '');
  }
  const noSecret = await shared.admin(['users', 'create', 'ben'], { SECRET_KEY: '', NODE_ENV: 'production' });
  assert.equal(noSecret.code, 78);
});
