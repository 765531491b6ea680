import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ConsoleWorld, skip } from '../console/console-world.ts';
import { hostile } from '../console/hostile-texts.ts';
import type { Client } from '../world/client.ts';
import type { World } from '../world/world.ts';

describe('people in the console', { skip }, () => {
  let here: ConsoleWorld;
  let world: World;

  before(async () => {
    here = await ConsoleWorld.start({ TRUSTED_MODE: 'true' }, { hasWorker: false });
    world = here.world;
  });
  after(() => here?.[Symbol.asyncDispose]());

  const signedIn = (who: Client) => here.signedIn(who);

  const register = (username: string) => world.nobody.register(username);

  test('friends are asked, answered, removed and blocked', async () => {
    const [ann, ben, cid] = [await register('f-ann'), await register('f-ben'), await register('f-cid')];
    await using anns = await signedIn(ann);
    await anns.page.getByRole('link', { name: 'Friends', exact: true }).click();
    await anns.sees('Nobody yet. Ask somebody by their username');
    await anns.page.getByLabel('Ask somebody').fill('nobody-there');
    await anns.press('Ask');
    await anns.sees('There is no user with this username.');
    await anns.looksGood('friends-refused');
    await anns.page.getByLabel('Ask somebody').fill('f-ben');
    await anns.page.keyboard.press('Enter');
    await anns.page.getByRole('button', { name: 'Withdraw the request to f-ben' }).waitFor();
    const [{ id }] = await ben.ok('GET', '/friends?status=pending');
    await ben.ok('POST', `/friends/${id}/accept`);
    await ben.connectPolling('home');
    await anns.page.getByText('Agents and roles').click();
    await anns.sees('test/home');
    await anns.page.getByLabel('family').check();
    await anns.sees('Agents and roles of f-ben: family');
    assert.deepEqual((await ann.ok('GET', '/friends'))[0].roles, ['family']);
    await anns.looksGood('friends');
    await anns.walks();
    await anns.press('Remove … f-ben');
    await anns.looksGood('friends-remove');
    await anns.press('Stay friends');
    assert.equal((await ann.ok('GET', '/friends')).length, 1);
    await anns.press('Block … f-ben');
    await anns.press('Block f-ben');
    await anns.press('Unblock f-ben');
    await anns.sees('f-ben is not blocked any more.');
    await cid.ok('POST', '/friends/request', { username: 'f-ann' });
    await anns.press('Accept f-cid');
    await anns.press('Remove … f-cid');
    await anns.press('Remove f-cid');
    await anns.sees('f-cid is no longer your friend.');
    assert.deepEqual(await ann.ok('GET', '/friends'), []);
  });

  test('a link makes friends of two who know no usernames, once', async () => {
    const [ann, ben] = [await register('l-ann'), await register('l-ben')];
    await using anns = await signedIn(ann);
    await anns.open('/friends');
    await anns.press('Make a link');
    await anns.sees('It is shown only now');
    await anns.looksGood('friends-link');
    const link = (await anns.page.getByText('/console/friends/link#').textContent()) ?? '';
    assert.ok(link.startsWith(`${world.url}/console/friends/link#`), link);

    await using bens = await here.visitor();
    await bens.page.goto(link);
    await bens.page.getByText('With an API key').click();
    await bens.page.getByLabel('API key').fill(ben.apiKey ?? '');
    await bens.press('Sign in');
    await bens.sees('l-ann invites you to be friends.');
    await bens.looksGood('friends-link-opened');
    await bens.press('Become friends');
    await bens.heading('Friends');
    assert.doesNotMatch(bens.page.url(), /#/);
    await bens.page.getByRole('button', { name: 'Remove … l-ann' }).waitFor();
    await anns.page.getByRole('button', { name: 'Remove … l-ben' }).waitFor();
    await anns.page.getByText('It is shown only now').waitFor({ state: 'detached' });
    await bens.page.goto(link);
    await bens.sees('This link was used');

    await anns.press('Make another link');
    await anns.press('Withdraw link 1');
    await anns.sees('The link is withdrawn');
    await bens.open('/friends/link#cut');
    await bens.sees('This link is not whole.');
  });

  test('a friend who has no account comes by a link, makes one, brings an agent in, and the two write to each other', async () => {
    const ann = await register('j-ann');
    await ann.connectPolling('home');
    const { token } = await ann.ok('POST', '/friends/links');
    await using bens = await here.visitor();
    await bens.open(`/friends/link#${token}`);
    await bens.heading('Sign in');
    await bens.page.getByText('New here').click();
    await bens.page.getByLabel('Choose a username').fill('j-ben');
    // The first answer does not arrive.
    await bens.page.route('**/api/v1/auth/register', async (route) => {
      await route.fetch();
      await route.abort();
      await bens.page.unroute('**/api/v1/auth/register');
    });
    await bens.press('Create the account');
    await bens.sees('The registry cannot be reached.');
    await bens.press('Create the account');
    await bens.heading('Welcome, j-ben');
    bens.problems.splice(0);
    await bens.press('I have kept it: go on');
    await bens.sees('j-ann invites you to be friends.');
    await bens.press('Become friends');
    await bens.page.getByRole('button', { name: 'Remove … j-ann' }).waitFor();
    await bens.open('/agents/new');
    await bens.page.getByLabel('Its name').fill('laptop');
    await bens.press('Connect it');
    await bens.page.getByRole('heading', { name: 'Its key – done' }).waitFor();

    await using anns = await signedIn(ann);
    await anns.open('/conversations?with=j-ben');
    await anns.page.getByRole('textbox', { name: 'Message' }).fill('Are you there?');
    await anns.press('Send');
    await anns.sees('Sent.');
    await bens.go('Conversations');
    await bens.page.locator('.threads').getByText('j-ann', { exact: true }).first().click();
    await bens.sees('Are you there?');
    await bens.page.getByRole('textbox', { name: 'Message' }).fill('Yes, I am.');
    await bens.press('Send');
    await anns.sees('Yes, I am.');
    assert.equal((await ann.ok('GET', '/inbox'))[0].message, 'Yes, I am.');
  });

  test('a message that a policy has refused goes out once the policy is gone', async () => {
    const [ann, ben] = [await register('again-ann'), await register('again-ben')];
    await ann.befriend(ben);
    await ben.connectPolling();
    const policy = {
      scope: 'global',
      policy_type: 'heuristic',
      policy_content: '{"blockedPatterns":["plan"]}',
    };
    const { policy_id } = await ann.ok('POST', '/policies', policy);
    await using anns = await signedIn(ann);
    await anns.open('/conversations?with=again-ben');
    await anns.page.getByRole('textbox', { name: 'Message' }).fill('I have a plan.');
    await anns.press('Send');
    await anns.page.getByRole('alert').waitFor();
    await ann.ok('DELETE', `/policies/${policy_id}`);
    await anns.press('Send');
    await anns.sees('Sent.');
    assert.equal((await ben.ok('GET', '/inbox'))[0].message, 'I have a plan.');
  });

  test('ids, friends and subjects are gone to, by the keyboard, too, which can be switched off', async () => {
    const [ann, ben] = [await register('k-ann'), await register('k-ben')];
    await ann.befriend(ben);
    const agent = await ben.connectPolling('home');
    await ann.connectPolling('home');
    const message = { recipient: 'k-ann', message: 'Dinner?', correlation_id: 'dinner' };
    const sent = await ben.ok('POST', '/messages/send', message);
    await using anns = await signedIn(ann);
    const goTo = async (text: string) => {
      await anns.page.keyboard.press('/');
      await anns.page.getByLabel('Go to').fill(text);
      await anns.page.keyboard.press('Enter');
    };
    await anns.page.getByRole('heading', { name: 'Overview' }).focus();
    await anns.page.keyboard.press('g');
    await anns.page.keyboard.press('f');
    await anns.heading('Friends');
    for (const text of [sent.message_id, sent.delivery_id]) {
      await goTo(text);
      await anns.page.getByRole('dialog').getByText('Dinner?').waitFor();
      await anns.page.keyboard.press('Escape');
      await anns.page.getByRole('dialog').waitFor({ state: 'detached' });
      await anns.page.getByRole('heading', { level: 1 }).focus();
    }
    await goTo('K-Ben');
    await anns.heading('k-ben');
    await anns.page.getByRole('heading', { level: 1 }).focus();
    await goTo('dinner');
    await anns.heading('Deliveries');
    await anns.sees('k-ben');
    await anns.page.getByRole('heading', { level: 1 }).focus();
    await goTo(`usr_${'0'.repeat(26)}`);
    await anns.sees('No friend of yours has this id.');
    await goTo(agent);
    await anns.heading('No such agent');
    await anns.page.getByRole('heading', { level: 1 }).focus();
    await anns.page.keyboard.press('?');
    await anns.page.getByRole('dialog').getByText('These keys').waitFor();
    await anns.looksGood('shortcuts');
    await anns.page.getByLabel('Keys lead to pages').uncheck();
    await anns.press('Close');
    await anns.page.keyboard.press('g');
    await anns.page.keyboard.press('d');
    await anns.heading('No such agent');
  });

  test('an agent is not added over one of the same name', async () => {
    const ann = await register('same-ann');
    const id = await ann.connectPolling('laptop');
    await using anns = await signedIn(ann);
    await anns.page.route('**/api/v1/agents', (route) =>
      route.request().method() === 'GET' ? route.abort() : route.continue(),
    );
    await anns.open('/agents/new');
    await anns.page.getByLabel('It is called').check();
    await anns.page.getByLabel('Its address').fill('http://127.0.0.1:8099/callback');
    await anns.page.getByLabel('Its name').fill('laptop');
    await anns.page.getByLabel('What it is made with').fill('test');
    await anns.press('Connect it');
    await anns.sees('You have an agent test/laptop already');
    const [agent] = await ann.ok('GET', '/agents');
    assert.deepEqual([agent.id, agent.mode], [id, 'polling']);
    anns.problems.splice(0);
  });

  test('a group is made, joined, run, handed on, left and deleted', async () => {
    const [ann, ben, cid] = [await register('g-ann'), await register('g-ben'), await register('g-cid')];
    await using anns = await signedIn(ann);
    await using bens = await signedIn(ben);
    await anns.page.getByRole('link', { name: 'Groups', exact: true }).click();
    await anns.sees('None yet. Make one');
    await anns.looksGood('groups-none');
    await anns.page.getByLabel('Name').fill('book-club');
    await anns.page.getByLabel('What it is for').fill('We read a book a month.');
    await anns.press('Make the group');
    await anns.heading('book-club');
    await anns.sees('Nobody else is in it yet.');
    await anns.page.getByLabel('Username').fill('g-ben');
    await anns.press('Invite');
    await anns.sees('g-ben is invited to book-club.');
    await bens.press('Join book-club');
    await bens.sees('You are in book-club.');
    await ben.connectPolling('home');
    const [{ group_id }] = await ben.ok('GET', '/groups');
    await ann.ok('POST', `/groups/${group_id}/invite`, { username: 'g-cid' });
    await cid.ok('POST', `/groups/${group_id}/join`);
    await anns.sees('reaches 1 of 2');
    await anns.looksGood('group');
    await anns.walks();
    await anns.press('Make admin: g-ben');
    await anns.sees('g-ben is an admin now.');
    await bens.open(`/groups/${group_id}`);
    await bens.sees('You are its admin');
    await bens.press('Remove … g-cid');
    await bens.press('Remove g-cid');
    await bens.sees('g-cid is not in book-club any more.');
    await anns.press('Make owner … g-ben');
    await anns.looksGood('group-transfer');
    assert.ok(await anns.page.getByRole('button', { name: 'Hand it to g-ben' }).isDisabled());
    await anns.page.getByRole('dialog').getByLabel('Type book-club to go on').fill('book-club');
    await anns.press('Hand it to g-ben');
    await anns.sees('You are its member');
    await anns.press('Leave …');
    await anns.press('Leave it');
    await anns.heading('Groups');
    await anns.open(`/groups/${group_id}`);
    await anns.heading('No such group');
    await bens.sees('Nobody else is in it yet.');
    await bens.page.reload();
    await bens.press('Delete …');
    await bens.page.getByRole('dialog').getByLabel('Type book-club to go on').fill('book-club');
    await bens.press('Delete the group');
    await bens.heading('Groups');
    assert.deepEqual(await ben.ok('GET', '/groups'), []);
    const open = await ann.ok('POST', '/groups', { name: 'open-club', invite_only: false });
    await anns.open(`/groups/${open.group_id}`);
    await anns.page.getByText('Change what it is for').click();
    await anns.page.getByLabel('What it is for').fill('For whoever likes it.');
    await anns.press('Change it');
    await anns.page.getByRole('definition').getByText('For whoever likes it.').waitFor();
    await anns.choose('For', '10');
    await anns.press('Make a link');
    await anns.sees('It is shown only now');
    await anns.looksGood('group-link');
    const link = (await anns.page.getByText('/console/groups/link#').textContent()) ?? '';
    await using cids = await signedIn(cid);
    await cids.page.goto(link);
    await cids.sees('g-ann invites you to the group open-club.');
    await cids.looksGood('group-link-opened');
    await cids.press('Join');
    await cids.heading('open-club');
    await anns.sees('for 9 people');
    await anns.press('Withdraw link 1');
    await anns.sees('The link is withdrawn');
    await bens.page.getByLabel('Id of the group').fill(open.group_id);
    await bens.press('Join');
    await bens.heading('open-club');
  });

  test('a policy is written, tried, run over what was sent, and switched off', async () => {
    const [ann, ben] = [await register('p-ann'), await register('p-ben')];
    await ann.befriend(ben);
    await ben.connectPolling();
    await ann.send(ben, 'my card is 4111111111111111');
    await ann.send(ben, 'see you on Friday');
    await using anns = await signedIn(ann);
    await anns.page.getByRole('link', { name: 'Policies', exact: true }).click();
    await anns.sees('You have none');
    await anns.looksGood('policies-none');
    await anns.page.getByRole('link', { name: 'Write a policy' }).click();
    await anns.heading('Write a policy');
    const pattern = anns.page.getByLabel('matches pattern 1', { exact: true });
    await pattern.fill('(');
    await anns.press('Save');
    await anns.sees(/It is no RE2 pattern/);
    await anns.looksGood('policy-mistake');
    await pattern.fill('\\b\\d{16}\\b');
    await anns.page.getByLabel('Message', { exact: true }).fill('card 4111111111111111, please');
    await anns.press('What would happen?');
    await anns.sees('It would not be sent.');
    assert.equal(await anns.page.locator('mark').textContent(), '4111111111111111');
    await anns.press('Run over my last 100 messages');
    await anns.sees('It would have concerned 1 of 2 messages.');
    await anns.looksGood('policy');
    await anns.walks();
    await anns.press('Save');
    await anns.heading('Policies');
    await anns.sees('a message that matches \\b\\d{16}\\b');
    await anns.looksGood('policies');
    const refused = await ann.call('POST', '/messages/send', {
      recipient: 'p-ben',
      message: '4111111111111111',
    });
    assert.equal(refused.status, 403);
    await anns.press('Switch off: a message that matches \\b\\d{16}\\b');
    await anns.sees('switched off');
    assert.equal((await ann.ok('GET', '/policies'))[0].enabled, false);
    await anns.page.getByRole('link', { name: /^Change: / }).click();
    await anns.page.getByLabel('is held until I decide').check();
    await anns.press('Save');
    await anns.sees('ask me');
    assert.equal((await ann.ok('GET', '/policies'))[0].effect, 'ask');
    await anns.press('Delete … a message that matches \\b\\d{16}\\b');
    await anns.press('Delete it');
    await anns.sees('You have none');
  });

  test('what a policy is unsure about shows by itself, is read whole, and decided', async () => {
    const [ann, ben] = [await register('r-ann'), await register('r-ben')];
    await ann.befriend(ben);
    await ben.connectPolling();
    await ann.ok('POST', '/policies', {
      scope: 'global',
      evaluator: 'structured',
      effect: 'ask',
      policy_content: { blockedPatterns: ['place'] },
    });
    await using anns = await signedIn(ann);
    await anns.open('/reviews');
    await anns.sees('Nothing waits for you.');
    await anns.sees('Nothing was refused.');
    for (const message of [`The place is ${'far '.repeat(100)}away.`, 'Another place.']) {
      await ann.ok('POST', '/messages/send', { recipient: 'r-ben', message });
    }
    await anns.sees('Another place.');
    await anns.page.getByText('All of it').click();
    await anns.sees(/far away\.$/);
    await anns.looksGood('reviews');
    const [latest] = await anns.page.getByRole('button', { name: 'Do not send the message to r-ben' }).all();
    await latest?.click();
    await anns.sees('Rejected by you.');
    await anns.press('Send the message to r-ben');
    await anns.sees('Nothing waits for you.');
    const inbox = await ben.ok('GET', '/inbox');
    assert.match(inbox[0].message, /^The place is far/);
    assert.equal(inbox.length, 1);
  });

  test('what hostile friends are called, and say, runs nothing and breaks no layout', async () => {
    const ann = await register('a-username-as-long-as-may-be-1');
    const { group_id } = await ann.ok('POST', '/groups', {
      name: 'g'.repeat(100),
      description: hostile(7, 500),
    });
    for (let n = 0; n < 10; n += 1) await badFriend(ann, group_id, n);
    await using anns = await signedIn(ann);
    await anns.open('/friends');
    await anns.page.getByText('Agents and roles').first().click();
    await anns.sees('It has no key');
    await anns.looksGood('friends-hostile');
    await anns.open('/groups');
    await anns.page.getByRole('table').waitFor();
    await anns.looksGood('groups-hostile');
    await anns.open(`/groups/${group_id}`);
    await anns.page.getByRole('table').waitFor();
    await anns.looksGood('group-hostile');
    await anns.open('/policies');
    await anns.page.getByRole('heading', { name: 'For everybody' }).waitFor();
    await anns.page.getByLabel('Message', { exact: true }).fill(hostile(0, 1000));
    await anns.press('What would happen?');
    await anns.sees('This decides.');
    await anns.looksGood('policies-hostile');
    await anns.open('/reviews');
    await anns.page
      .getByRole('button', { name: /^Do not send/ })
      .first()
      .waitFor();
    await anns.looksGood('reviews-hostile');
  });

  /** Somebody with bad texts wherever texts may be, to whom a policy of bad texts holds a bad message. */
  async function badFriend(ann: Client, group_id: string, n: number): Promise<void> {
    const bad = await register(`bad-friend-with-a-long-name-${n}`);
    await bad.ok('PATCH', '/auth/me', { display_name: hostile(n, 100) });
    await ann.befriend(bad);
    await bad.ok('POST', '/agents', {
      framework: hostile(n, 50),
      label: hostile(n, 50),
      description: hostile(n, 500),
      capabilities: [hostile(n, 64)],
      mode: 'polling',
    });
    await ann.ok('POST', `/groups/${group_id}/invite`, { username: bad.username });
    if (n % 2) await bad.ok('POST', `/groups/${group_id}/join`);
    await ann.ok('POST', '/policies', {
      scope: n % 2 ? 'user' : 'global',
      ...(n % 2 && { target_id: bad.username }),
      evaluator: 'heuristic',
      effect: 'ask',
      policy_content: { blockedPatterns: [hostile(n, 200).replaceAll(/[^\w<> =]/g, '.')], maxLength: 0 },
    });
    await ann.ok('POST', '/messages/send', {
      recipient: bad.username,
      message: hostile(n, 1000),
      context: hostile(n, 1000),
    });
  }
});
