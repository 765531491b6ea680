import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ConsoleWorld, skip } from '../console/console-world.ts';
import { eventually } from '../world/eventually.ts';
import type { World } from '../world/world.ts';

describe('the console in a browser', { skip }, () => {
  let here: ConsoleWorld;
  let world: World;

  before(async () => {
    here = await ConsoleWorld.start({ MAX_RETRIES: '0' });
    world = here.world;
  });
  after(() => here?.[Symbol.asyncDispose]());

  const visitor = () => here.visitor();

  test('a person signs in with a key, which stays nowhere, and out again', async () => {
    const ann = await world.nobody.register('key-ann');
    await using anns = await visitor();
    await anns.open();
    await anns.heading('Sign in');
    await anns.looksGood('sign-in');
    await anns.page.getByText('With an API key').click();
    await anns.page.getByLabel('API key').fill('mhl_wrong');
    await anns.press('Sign in');
    await anns.sees('A valid API key is needed.');
    await anns.looksGood('sign-in-refused');
    await anns.signInByKey(ann.apiKey ?? '');
    const kept = await anns.page.evaluate(
      'document.documentElement.outerHTML + JSON.stringify([{ ...localStorage }, { ...sessionStorage }]) + document.cookie',
    );
    assert.doesNotMatch(String(kept), /mhl_\w{8}|mahilo=/);
    await anns.open('/settings');
    await anns.sees('this one');
    await anns.looksGood('settings');
    await anns.press('Sign out');
    await anns.heading('Sign in');
    await anns.page.reload();
    await anns.heading('Sign in');
  });

  test('a person’s agent approves the code that the browser shows', async () => {
    const ann = await world.nobody.register('agent-ann');
    await using anns = await visitor();
    await anns.open('/agents');
    await anns.page.getByLabel('Username', { exact: true }).fill('Agent-Ann');
    await anns.press('Sign in with your agent');
    const shown = anns.page.getByText(/^approve \w{3}-\w{3}$/);
    const code = (await shown.textContent())?.slice('approve '.length) ?? '';
    await anns.looksGood('sign-in-code');
    await ann.ok('POST', '/auth/browser-login/approve', { approval_code: code });
    await anns.heading('Agents');

    await using denied = await visitor();
    await denied.open();
    await denied.page.getByLabel('Username', { exact: true }).fill('agent-ann');
    await denied.press('Sign in with your agent');
    const other = (await denied.page.getByText(/^approve \w{3}-\w{3}$/).textContent())?.slice(-7);
    await ann.ok('POST', '/auth/browser-login/deny', { approval_code: other });
    await denied.sees('The sign-in was denied.');
    await denied.press('Try again');
    await denied.page.getByLabel('Username', { exact: true }).waitFor();
  });

  test('a link of the operator’s signs in once, and leaves no trace in the address bar', async () => {
    await world.nobody.register('link-ann');
    const { stdout } = await world.admin(['users', 'sign-in-link', 'link-ann', '--json']);
    const fragment = JSON.parse(stdout).link.split('/console/')[1];
    for (const isFirst of [true, false]) {
      await using anns = await visitor();
      await anns.open(`/${fragment}`);
      await anns.press('Sign in with this link');
      assert.doesNotMatch(anns.page.url(), /#/);
      if (isFirst) await anns.heading('Overview');
      else await anns.sees(/This link was used/);
    }
  });

  test('whose session has ended signs in again, by a link in the same tab, and sees nothing of who was there', async () => {
    const ann = await world.nobody.register('ended-ann');
    await world.nobody.register('ended-ben');
    const cid = await world.nobody.register('ended-cid');
    await using tab = await visitor();
    await tab.signInByKey(ann.apiKey ?? '');
    await tab.go('Live');
    await tab.sees('Listening from here on.');
    await cid.ok('POST', '/friends/request', { username: 'ended-ann' });
    await tab.sees('ended-cid');
    await ann.ok('DELETE', '/auth/sessions/others');
    // What is asked for next is refused.
    await tab.page
      .getByRole('navigation', { name: 'Pages', exact: true })
      .getByRole('link', { name: 'Deliveries', exact: true })
      .click();
    await tab.page.getByRole('dialog', { name: 'Your sign-in has ended' }).waitFor();
    const { stdout } = await world.admin(['users', 'sign-in-link', 'ended-ben', '--json']);
    await tab.page.evaluate(`location.hash = '${JSON.parse(stdout).link.split('#')[1]}'`);
    await tab.press('Sign in with this link');
    await tab.go('Live');
    await tab.sees('Listening from here on.');
    assert.equal(await tab.page.getByText('ended-cid').count(), 0);
    // The stream that was refused.
    tab.problems.splice(0);
  });

  test('what needs a person comes by itself, is done, and goes', async () => {
    const ann = await world.nobody.register('needs-ann');
    const ben = await world.nobody.register('needs-ben');
    await using anns = await visitor();
    await anns.signInByKey(ann.apiKey ?? '');
    await anns.sees('Nothing. All is well.');
    await anns.sees('Bring your first agent in');
    await anns.looksGood('overview-first');

    await ben.ok('POST', '/friends/request', { username: 'needs-ann' });
    await anns.press('Accept needs-ben');
    await anns.sees('Nothing. All is well.');
    assert.equal((await ann.ok('GET', '/friends'))[0].username, 'needs-ben');
    const { group_id } = await ben.ok('POST', '/groups', { name: 'needs-group' });
    await ben.ok('POST', `/groups/${group_id}/invite`, { username: 'needs-ann' });
    await anns.press('Join needs-group');
    await anns.sees('You are in needs-group.');

    const agent = await world.startAgent();
    agent.behave = (_request, response) => response.writeHead(503).end();
    await ann.connect(agent.url, 'home');
    await ben.send(ann, 'Are you there?');
    await anns.sees(/503/);
    await anns.page.getByRole('link', { name: 'Look' }).click();
    await anns.heading('test/home');
    await anns.sees('dead letter');
    agent.behave = (_request, response) => response.writeHead(200).end();
    await anns.press('Resend dead letters to home');
    await eventually(async () => (await ann.ok('GET', '/deliveries'))[0].status === 'delivered');
    await anns.sees('It takes what it is sent.');
  });

  test('what came after the page had looked, and before it listened, shows, too', async () => {
    const ann = await world.nobody.register('gap-ann');
    const ben = await world.nobody.register('gap-ben');
    const asked = Promise.withResolvers<void>();
    await using anns = await visitor();
    await anns.page.route('**/api/v1/events', async (route) => {
      await asked.promise;
      await route.continue();
    });
    await anns.signInByKey(ann.apiKey ?? '');
    await anns.sees('Nothing. All is well.');
    await ben.ok('POST', '/friends/request', { username: 'gap-ann' });
    asked.resolve();
    await anns.press('Accept gap-ben');
    await anns.sees('Nothing. All is well.');
  });

  test('an agent is pinged, and deleted only after a question', async () => {
    const ann = await world.nobody.register('delete-ann');
    await ann.connectPolling('home');
    await using anns = await visitor();
    await anns.signInByKey(ann.apiKey ?? '');
    await anns.page.getByRole('link', { name: 'Agents', exact: true }).click();
    await anns.page.getByRole('link', { name: 'test/home' }).click();
    await anns.press('Ping');
    await anns.sees('It fetches its messages by itself');
    await anns.press('Delete …');
    await anns.looksGood('agent-delete');
    await anns.page.keyboard.press('Escape');
    const focused = await anns.page.evaluate('document.activeElement.textContent');
    assert.equal(focused, 'Delete …', 'the focus is where it was');
    await anns.press('Delete …');
    await anns.press('Delete it');
    await anns.heading('Agents');
    assert.deepEqual(await ann.ok('GET', '/agents'), []);
  });

  test('a page that was open goes on after the registry has restarted', async () => {
    const ann = await world.nobody.register('restart-ann');
    const ben = await world.nobody.register('restart-ben');
    await using anns = await visitor();
    await anns.signInByKey(ann.apiKey ?? '');
    await anns.sees('Nothing. All is well.');
    await world.killAll();
    await world.startApi();
    await world.startWorker();
    await ben.ok('POST', '/friends/request', { username: 'restart-ann' });
    await anns.sees('asks for your friendship');
    // The browser reports a broken stream in its own words.
    anns.problems.splice(0);
  });

  test('no other site can use the session of a visitor', async () => {
    const ann = await world.nobody.register('csrf-ann');
    const ben = await world.nobody.register('csrf-ben');
    const { friendship_id } = await ben.ok('POST', '/friends/request', { username: 'csrf-ann' });
    await using anns = await visitor();
    await anns.signInByKey(ann.apiKey ?? '');
    // Another port is another origin, and the same site: the browser would send the cookie.
    const elsewhere = await world.startAgent();
    elsewhere.behave = (_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<p>');
    await anns.page.goto(elsewhere.url);
    await anns.page.evaluate(`fetch('${world.url}/api/v1/auth/sessions/others', {
      method: 'POST', mode: 'no-cors', credentials: 'include' }).catch(() => {})`);
    await anns.page.evaluate(`fetch('${world.url}/api/v1/friends/${friendship_id}/accept', {
      method: 'POST', mode: 'no-cors', credentials: 'include' }).catch(() => {})`);
    assert.deepEqual(await ann.ok('GET', '/friends?status=accepted'), []);
    const opened = await anns.page.evaluate(`new Promise((resolve) => {
      const socket = new WebSocket('${world.url.replace('http', 'ws')}/api/v1/notifications/ws');
      socket.onclose = ({ code }) => resolve(code);
      socket.onmessage = () => resolve('a message');
    })`);
    assert.equal(opened, 4001);
    anns.problems.splice(0);
    await anns.open();
    await anns.heading('Overview');
  });
});
