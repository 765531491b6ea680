import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { CHROMIUM, openBrowser, Visitor } from '../console/visitor.ts';
import { ROOT } from '../documents/markdown.ts';
import type { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import { skipWithout } from '../world/needed-program.ts';
import { World } from '../world/world.ts';

const skip = skipWithout('chromium', existsSync(CHROMIUM));
const HOUR_MS = 3_600_000;

describe('the console in trouble', { skip }, () => {
  let world: World;
  let browser: Browser;

  before(async () => {
    execFileSync(process.execPath, ['packages/console/build.ts'], { cwd: ROOT });
    world = await World.start({ RATE_LIMIT: '10000', RATE_LIMIT_IP: '10000' });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await world?.[Symbol.asyncDispose]();
  });

  async function signedIn(who: Client): Promise<Visitor> {
    const visitor = await Visitor.at(browser, world.url);
    await visitor.signInByKey(who.apiKey ?? '');
    return visitor;
  }

  /** Ends all sessions of somebody, as they can at another browser. */
  const endSessions = (who: Client) => who.ok('DELETE', '/auth/sessions/others');

  test('a sign-in that ends in the middle takes nothing away that was written', async () => {
    const [ann, ben] = [await world.newcomer('ann'), await world.newcomer('ben')];
    await ann.befriend(ben);
    await ben.connectPolling('home');
    await ann.connectPolling('laptop');
    await using anns = await signedIn(ann);
    const ended = anns.page.getByRole('dialog', { name: 'Your sign-in has ended' });

    await anns.open(`/conversations?with=${ben.username}`);
    await anns.page.getByLabel('Message', { exact: true }).fill('A long letter.');
    await endSessions(ann);
    await anns.press('Send');
    await ended.waitFor();
    await anns.looksGood('sign-in-ended');
    await anns.page.keyboard.press('Escape');
    await ended.waitFor();
    await anns.givesKey(ann.apiKey ?? '');
    await ended.waitFor({ state: 'detached' });
    await anns.press('Send');
    await anns.sees('Sent.');
    assert.equal((await ben.ok('GET', '/inbox'))[0].message, 'A long letter.');

    const [{ id }] = await ann.ok('GET', '/agents');
    await anns.open(`/agents/${id}`);
    await anns.press('Delete …');
    await endSessions(ann);
    await anns.press('Delete it');
    await ended.waitFor();
    await anns.givesKey(ann.apiKey ?? '');
    await ended.waitFor({ state: 'detached' });
    await anns.press('Delete …');
    await anns.press('Delete it');
    await anns.heading('Agents');

    await anns.open('/policies/new');
    await anns.page.getByLabel('matches pattern 1', { exact: true }).fill('secret');
    await endSessions(ann);
    await anns.press('Save');
    await ended.waitFor();
    await anns.givesKey(ben.apiKey ?? '');
    await anns.heading('Overview');
    assert.equal(
      await anns.page.getByText(ben.username, { exact: true }).count(),
      1,
      'nothing is left of Ann',
    );
  });

  test('an operator’s sign-in that ends goes on with a new link', async () => {
    const olga = await world.newcomer('olga');
    await world.admin(['users', 'grant-operator', olga.username]);
    const link = async () =>
      (await world.admin(['users', 'operator-link', olga.username, '--json'])).json.link;
    await using olgas = await Visitor.at(browser, world.url);
    await olgas.signInByLink(await link());
    await olgas.go('Users');
    await olgas.press('New user …');
    await olgas.page.getByLabel('Username').first().fill('carl');
    await endSessions(olga);
    await olgas.press('Register');
    const ended = olgas.page.getByRole('dialog', { name: 'Your sign-in has ended' });
    await ended.getByLabel('The link').fill(await link());
    await ended.getByRole('button', { name: 'Sign in again, and go on' }).click();
    await ended.waitFor({ state: 'detached' });
    await olgas.press('Register');
    await olgas.sees(/#link=/);
    await olgas.press('Done');
  });

  test('tabs of one browser are one person’s, and listen once', async () => {
    const [ann, ben] = [await world.newcomer('ann'), await world.newcomer('ben')];
    await using first = await signedIn(ann);
    const streams: string[] = [];
    await using second = await first.tab();
    second.page.on('request', (request) => {
      if (request.url().includes('/events')) streams.push(request.url());
    });
    await second.open('/friends');
    await second.heading('Friends');
    await ben.ok('POST', '/friends/request', { username: ann.username });
    await second.page.getByRole('button', { name: `Accept ${ben.username}` }).waitFor();
    await first.page.getByRole('button', { name: `Accept ${ben.username}` }).waitFor();
    assert.deepEqual(streams, [], 'the first tab listens for both');

    const { json } = await world.admin(['users', 'sign-in-link', ben.username, '--json']);
    await second.signInByLink(json.link);
    await first.page.getByText(ben.username, { exact: true }).waitFor();
    await second.open('/settings');
    await second.press('Sign out');
    await first.heading('Sign in');
  });

  test('the key of who has registered stays in sight while they look at another tab', async () => {
    await using anns = await Visitor.at(browser, world.url);
    await anns.open();
    await anns.page.getByText('New here').click();
    await anns.page.getByLabel('Choose a username').fill('tab-ann');
    await anns.press('Create the account');
    await anns.heading('Welcome, tab-ann');
    for (const state of ['hidden', 'visible']) {
      await anns.page.evaluate(`
        Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));`);
    }
    await anns.page.waitForLoadState('networkidle');
    await anns.heading('Welcome, tab-ann');
    await anns.press('Copy your API key');
    await anns.sees(/Copied\.|select the text/);
  });

  test('adding an agent survives a reload, the way back, and a key that could not be made', async () => {
    const ann = await world.newcomer('ann');
    await using anns = await signedIn(ann);
    const { page } = anns;
    let isBroken = true;
    anns.expectsFailures();
    await page.route('**/api/v1/auth/keys', (route) =>
      route.request().method() === 'POST' && isBroken ? route.abort() : route.continue(),
    );
    await anns.go('Agents');
    await page.getByRole('link', { name: 'Add an agent' }).click();
    await page.getByLabel('Its name').fill('laptop');
    await anns.press('Connect it');
    await anns.sees('The registry cannot be reached.');
    await anns.sees('In place of YOUR_KEY');
    await page.reload();
    await page.getByRole('button', { name: 'Make its key' }).waitFor();
    await page.goBack();
    await anns.heading('Agents');
    await page.getByRole('link', { name: 'script/laptop' }).click();
    await page.getByRole('link', { name: 'go on bringing it in' }).click();
    isBroken = false;
    await page.getByRole('button', { name: 'Make its key' }).dblclick();
    await page.getByRole('region', { name: 'the key of the agent' }).waitFor();
    assert.equal(await page.getByText('In place of YOUR_KEY').count(), 0);
    assert.equal((await ann.ok('GET', '/auth/keys')).length, 2, 'two clicks made one key');
    assert.equal((await ann.ok('GET', '/agents')).length, 1);
  });

  test('a clock that is an hour off makes no difference', async () => {
    const ann = await world.newcomer('ann');
    await ann.connectPolling('laptop');
    for (const off of [-HOUR_MS, HOUR_MS]) {
      await using anns = await Visitor.at(browser, world.url);
      await anns.page.clock.install({ time: Date.now() + off });
      await anns.open();
      await anns.page.getByLabel('Username', { exact: true }).fill(ann.username);
      await anns.press('Sign in with your agent');
      await anns.sees(/^(10:00|9:5\d)$/);
      await anns.press('Another name, or another way');
      await anns.givesKey(ann.apiKey ?? '');
      await anns.heading('Overview');
      await anns.open('/agents');
      await anns.page.getByRole('link', { name: 'test/laptop' }).click();
      const connected = anns.page.locator('dt', { hasText: 'Connected' }).locator('+ dd time');
      assert.match((await connected.textContent()) ?? '', /second|minute|now/);
    }
  });

  test('an API that takes its time is waited for, and asked once', async () => {
    const ann = await world.newcomer('ann');
    await using anns = await signedIn(ann);
    const asked: string[] = [];
    await anns.page.route('**/api/v1/groups', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      asked.push(route.request().url());
      await eventually(() => anns.page.getByRole('button', { name: 'Make the group' }).isDisabled());
      await route.continue();
    });
    await anns.go('Groups');
    await anns.page.getByLabel('Name').fill('slow-club');
    await anns.page.getByRole('button', { name: 'Make the group' }).dblclick();
    await anns.heading('slow-club');
    assert.equal(asked.length, 1);
  });
});
