import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ConsoleWorld, skip } from '../console/console-world.ts';
import { hostile } from '../console/hostile-texts.ts';
import { type ConsolePage, openPage, operatorsPages } from '../console/pages.ts';
import { haveVeryMuch, LARGE_GROUP, OLDEST_FRIEND, VERY_MANY } from '../console/very-much.ts';
import type { Visitor } from '../console/visitor.ts';
import type { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import type { World } from '../world/world.ts';

const PAGES = [
  'health',
  'queue',
  'dead-letters',
  'traffic',
  'users',
  'invitations',
  'audit',
  'settings',
  'secret',
];

/** Pages with lists of a person's. */
const PAGES_OF_VERY_MUCH: readonly ConsolePage[] = [
  { name: 'overview', path: '', whole: '.needs li' },
  { name: 'conversations', path: '/conversations', whole: '.threads li' },
  { name: 'conversation', path: '/conversations?with=friend-7', whole: '.messages li' },
  { name: 'deliveries', path: '/deliveries', whole: 'table' },
  { name: 'friends', path: '/friends', whole: '.needs details' },
  { name: 'groups', path: '/groups', whole: 'table' },
  { name: 'group', path: `/groups/${LARGE_GROUP}`, whole: 'table' },
  { name: 'policies', path: '/policies', whole: '.split .needs' },
  { name: 'policy-new', path: '/policies/new', whole: 'form' },
  { name: 'reviews', path: '/reviews', whole: '.needs' },
  { name: 'settings', path: '/settings', whole: '#keys + .needs' },
];

describe('the operator at a browser', { skip }, () => {
  let here: ConsoleWorld;
  let world: World;
  let olga: Client;

  before(async () => {
    here = await ConsoleWorld.start({ MAX_RETRIES: '0' });
    world = here.world;
    olga = await world.nobody.register('olga');
    await world.admin(['users', 'grant-operator', 'olga']);
  });
  after(() => here?.[Symbol.asyncDispose]());

  const visitor = () => here.visitor();

  async function operator(): Promise<Visitor> {
    const { json } = await world.admin(['users', 'operator-link', 'olga', '--json']);
    const olgas = await visitor();
    await olgas.open(`/${json.link.split('/console/')[1]}`);
    await olgas.press('Sign in with this link');
    await olgas.heading('Overview');
    return olgas;
  }

  /** Ben, who fails to take so many messages of Ann's. */
  async function deadLetters(name: string, count: number) {
    const [ann, ben] = [
      await world.nobody.register(`${name}-ann`),
      await world.nobody.register(`${name}-ben`),
    ];
    await ann.befriend(ben);
    const agent = await world.startAgent();
    agent.behave = (_request, response) => response.writeHead(503).end();
    const { connection_id } = await ben.connect(agent.url, 'home');
    for (let n = 0; n < count; n += 1) await ann.send(ben, `secret words ${n}`);
    await eventually(async () => {
      const all = await ben.ok('GET', '/deliveries');
      return all.length === count && all.every(({ status }: { status: string }) => status === 'failed');
    });
    return { ann, ben, agent, host: new URL(agent.url).host, id: String(connection_id) };
  }

  test('a person sees no pages of the operator’s, the operator with a key neither', async () => {
    await using olgas = await visitor();
    await olgas.signInByKey(olga.apiKey ?? '');
    assert.equal(await olgas.page.getByRole('link', { name: 'Dead letters' }).count(), 0);
    for (const page of PAGES) {
      await olgas.open(`/operator/${page}`);
      await olgas.sees(/This is for operators/);
    }
  });

  test('a host is held with a reason, released, and its dead letters go out again after a count', async () => {
    const { ann, ben, agent, host } = await deadLetters('queue', 3);
    await using olgas = await operator();
    await olgas.go('Queue');
    await olgas.press(`Hold ${host}`);
    await olgas.sees('Another one at this host goes on.');
    await olgas.page.getByLabel(/^Why/).fill('It floods its network.');
    await olgas.looksGood('operator-hold');
    await olgas.press('Hold');
    await olgas.sees('held by you');
    const { message_id } = await ann.send(ben, 'Are you there?');
    const [delivery] = (await ann.ok('GET', `/messages/${message_id}`)).deliveries;
    assert.equal(delivery.held_by, 'operator');
    await olgas.page.getByRole('link', { name: host }).click();
    await olgas.sees('It floods its network.');
    await olgas.looksGood('operator-queue-agents');
    agent.behave = (_request, response) => response.writeHead(200).end();
    await olgas.press('Release test/home of queue-ben');
    await eventually(async () => (await ann.ok('GET', `/messages/${message_id}`)).status === 'delivered');

    await olgas.go('Dead letters');
    const row = olgas.page.getByRole('row').filter({ hasText: host });
    await row.getByRole('button', { name: /^Requeue/ }).click();
    await olgas.sees('3 dead letters of one agent get a fresh cycle of attempts');
    await olgas.looksGood('operator-requeue');
    await olgas.press('Requeue');
    await olgas.sees('3 go out again.');
    await eventually(async () =>
      (await ben.ok('GET', '/deliveries')).every(({ status }: { status: string }) => status === 'delivered'),
    );
    await olgas.go('Audit');
    await olgas.sees('queue.requeue');
    assert.doesNotMatch(await olgas.page.content(), /secret words/);
  });

  test('somebody is registered and comes in with the link; their session ends when they are disabled', async () => {
    await using olgas = await operator();
    await olgas.go('Users');
    await olgas.press('New user …');
    await olgas.page.getByLabel('Username').fill('Newcomer');
    await olgas.press('Register');
    const link = (await olgas.page.locator('dialog[open] code').textContent()) ?? '';
    await olgas.looksGood('operator-link');
    await olgas.press('Done');
    await using theirs = await visitor();
    await theirs.open(`/${link.split('/console/')[1]}`);
    await theirs.press('Sign in with this link');
    await theirs.heading('Overview');
    await olgas.page.getByLabel('Name begins with').fill('newc');
    await olgas.press('Search');
    await olgas.page.getByRole('link', { name: 'newcomer' }).click();
    await olgas.heading('newcomer');
    await olgas.looksGood('operator-user');
    await olgas.press('Disable …');
    await olgas.page.getByLabel(/^Why/).fill('A test');
    await olgas.press('Disable');
    await olgas.sees('newcomer is shut out.');
    await theirs.page.reload();
    await theirs.heading('Sign in');
    await olgas.press('Enable');
    await olgas.press('Remove …');
    await olgas.page.getByLabel(/^Type newcomer/).fill('newcomer');
    await olgas.press('Remove');
    await olgas.heading('Users');
  });

  test('people are invited with a link, which is revoked', async () => {
    await using olgas = await operator();
    await olgas.go('Invitations');
    await olgas.press('Invite …');
    await olgas.page.getByLabel(/^Whom it is for/).fill('Ben');
    await olgas.press('Invite');
    await olgas.sees(/#invite=mhi_/);
    await olgas.press('Done');
    await olgas.looksGood('operator-invitations');
    await olgas.press('Revoke the invitation of Ben');
    await olgas.sees('revoked');
  });

  test('what takes a recent sign-in goes on with a new link', async () => {
    await using olgas = await operator();
    let isOld = true;
    await olgas.page.route('**/api/v1/admin/invites', (route) =>
      route.request().method() === 'POST' && isOld
        ? route.fulfill({ status: 403, json: { code: 'STEP_UP_REQUIRED', error: 'Sign in again first.' } })
        : route.continue(),
    );
    await olgas.go('Invitations');
    await olgas.press('Invite …');
    await olgas.page.getByLabel(/^Whom it is for/).fill('Cid');
    await olgas.press('Invite');
    await olgas.sees('Your sign-in is older than ten minutes');
    await olgas.looksGood('operator-fresh-link');
    const { json } = await world.admin(['users', 'operator-link', 'olga', '--json']);
    isOld = false;
    await olgas.page.getByLabel('The link').fill(json.link);
    await olgas.press('Sign in again, and go on');
    await olgas.sees(/#invite=mhi_/);
    const [invite] = (await olgas.page.evaluate(
      "fetch('/api/v1/admin/invites').then((answer) => answer.json())",
    )) as { note: string }[];
    assert.equal(invite?.note, 'Cid');
  });

  test('every page is readable, whatever somebody has written', async () => {
    const { ann } = await deadLetters('hostile', 1);
    await world.admin(['invites', 'create', '--note', hostile(7, 200)]);
    await ann.ok('PATCH', '/auth/me', { display_name: hostile(5, 100) });
    for (const n of [0, 1, 5, 6, 7]) {
      const agent = { framework: hostile(n, 50), label: hostile(n, 50), mode: 'polling' };
      await ann.ok('POST', '/agents', agent);
    }
    const ben = await world.nobody.register('a-username-as-long-as-may-be-1');
    await ben.befriend(ann);
    for (const { id } of await ann.ok('GET', '/agents')) {
      await ben.send(ann, hostile(0, 100), { recipient_connection_id: id });
    }
    await using olgas = await operator();
    for (const page of PAGES) {
      await olgas.open(`/operator/${page}`);
      await olgas.page.getByRole('heading', { level: 1 }).waitFor();
      await olgas.page.locator('table, .findings, .chart').first().waitFor();
      await olgas.looksGood(`operator-${page}`);
    }
    await olgas.open('/operator/queue?by=agent');
    await olgas.page.getByRole('table').waitFor();
    await olgas.looksGood('operator-queue-by-agent');
  });

  test('an operator’s page is over when the grant is withdrawn', async () => {
    await using olgas = await operator();
    await olgas.go('Users');
    await world.admin(['users', 'withdraw-operator', 'olga']);
    await olgas.press('Search');
    await olgas.page.reload();
    await olgas.heading('Sign in');
    await world.admin(['users', 'grant-operator', 'olga']);
  });

  /** Lists that answers had, too long for a page. */
  function tooLong({ page }: Visitor): string[] {
    const found: string[] = [];
    page.on('response', async (response) => {
      if (!response.url().includes('/api/v1/') || response.url().includes('/events')) return;
      const answer = await response.json().catch(() => undefined);
      const lists = Array.isArray(answer) ? [answer] : Object.values(Object(answer)).filter(Array.isArray);
      for (const { length } of lists) if (length > 200) found.push(`${response.url()}: ${length}`);
    });
    return found;
  }

  /** Opens pages of somebody who has very much: each is whole, and small. */
  async function arePages(visitor: Visitor, pages: readonly ConsolePage[]): Promise<void> {
    const long = tooLong(visitor);
    for (const one of pages) {
      await openPage(visitor, one);
      const elements = Number(await visitor.page.evaluate("document.querySelectorAll('*').length"));
      assert.ok(elements < 6000, `${one.name} has ${elements} elements`);
    }
    assert.deepEqual(long, []);
  }

  test('of ten thousand of everything each page shows a page, and all of it can be come by', async () => {
    const ann = await world.nobody.register('much-ann');
    await ann.connectPolling('home');
    haveVeryMuch(world.databaseFile, await ann.ok('GET', '/auth/me'));
    await using anns = await here.signedIn(ann);
    await arePages(anns, PAGES_OF_VERY_MUCH);
    await anns.open('/friends');
    const pages = anns.page.getByRole('navigation', { name: 'Pages of Your friends' });
    await pages.getByRole('link', { name: 'Older ▸' }).click();
    await anns.page.getByRole('button', { name: `Remove … friend-${VERY_MANY - 50}` }).waitFor();
    await anns.page.getByLabel('Show only').fill(OLDEST_FRIEND);
    await anns.page.keyboard.press('Enter');
    await anns.page.getByRole('button', { name: `Remove … ${OLDEST_FRIEND}` }).waitFor();
    await anns.looksGood('friends-of-very-many');
    await anns.page.getByLabel('Go to').fill(OLDEST_FRIEND);
    await anns.page.keyboard.press('Enter');
    await anns.heading(OLDEST_FRIEND);
    await anns.open('/conversations');
    const threads = anns.page.locator('.threads li');
    await threads.filter({ hasText: `about ${VERY_MANY}` }).waitFor();
    for (const last of [100, 150, 200]) {
      await anns.press('Show older ones');
      await threads.filter({ hasText: `about ${VERY_MANY + 1 - last}` }).waitFor();
    }
    assert.equal(await threads.count(), 150);
    await anns.press('Show the newest');
    await threads.filter({ hasText: `about ${VERY_MANY}` }).waitFor();
    assert.equal(await threads.count(), 50);
    await anns.page.getByLabel('Write to').fill('Friend-2');
    await anns.press('Write');
    await anns.heading('Friend-2');
    await anns.open('/policies/new');
    await anns.page.getByLabel('one person').check();
    await anns.page.getByLabel('Which one').fill(OLDEST_FRIEND);
    await anns.page.getByLabel('matches pattern 1', { exact: true }).fill('secret');
    await anns.press('Save');
    await anns.sees('a message that matches secret');
    assert.equal((await ann.ok('GET', '/policies?limit=1'))[0].target_name, OLDEST_FRIEND);
    await anns.open(`/conversations?with=${LARGE_GROUP}&with_type=group`);
    await anns.heading('group-1');
    await using olgas = await operator();
    await arePages(olgas, operatorsPages((await ann.ok('GET', '/auth/me')).user_id));
  });
});
