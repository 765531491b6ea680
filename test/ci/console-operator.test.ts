import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ConsoleWorld, skip } from '../console/console-world.ts';
import { hostile } from '../console/hostile-texts.ts';
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
});
