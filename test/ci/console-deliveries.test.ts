import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { ConsoleWorld, skip } from '../console/console-world.ts';
import { hostile } from '../console/hostile-texts.ts';
import type { Visitor } from '../console/visitor.ts';
import type { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import type { World } from '../world/world.ts';

/** As many as a list may have. */
const MANY = 10_000;

describe('conversations, deliveries, live events and keys in a browser', { skip }, () => {
  let here: ConsoleWorld;
  let world: World;

  before(async () => {
    here = await ConsoleWorld.start({
      MAX_RETRIES: '0',
      BREAKER_FAILURES: '1000',
      UNPROVEN_PER_MINUTE: '1000',
    });
    world = here.world;
  });
  after(() => here?.[Symbol.asyncDispose]());

  const visitor = (person: Client) => here.signedIn(person);

  /** Two friends; `name` begins both of their names. */
  async function friends(name: string) {
    const [ann, ben] = [
      await world.nobody.register(`${name}-ann`),
      await world.nobody.register(`${name}-ben`),
    ];
    await ann.befriend(ben);
    return { ann, ben };
  }

  test('a conversation goes both ways, and each line says what became of it', async () => {
    const { ann, ben } = await friends('talk');
    const [home, studio] = [await world.startAgent(), await world.startAgent()];
    await ann.connect(home.url, 'home');
    await ben.connect(studio.url, 'studio');
    await using anns = await visitor(ann);
    await anns.open('/conversations');
    await anns.sees('Nobody has said anything yet.');
    await anns.looksGood('conversations-first');
    await anns.choose('Write to', 'talk-ben');
    await anns.press('Write');
    await anns.heading('talk-ben');
    await anns.page.getByLabel('About').fill('dinner');
    await anns.page.getByRole('textbox', { name: 'Message' }).fill('Are you free on Friday?');
    await anns.press('Send');
    await anns.sees('Sent.');
    await anns.sees('delivered · 1 attempt');
    const { message_id, message } = (await studio.callback()).json;
    assert.equal(message, 'Are you free on Friday?');
    const reply = { recipient: 'talk-ann', message: 'Yes, at seven.', correlation_id: 'dinner' };
    await ben.ok('POST', '/messages/send', { ...reply, in_response_to: message_id });
    await anns.page.locator('.messages').getByText('Yes, at seven.').waitFor();
    await anns.page.getByRole('link', { name: /^Answer the message/ }).click();
    await anns.page.getByRole('textbox', { name: 'Message' }).fill('See you then.');
    await anns.press('Send');
    await anns.page.locator('.messages').getByText('See you then.').waitFor();
    await anns.page.locator('.threads').getByText('dinner').first().click();
    await anns.heading('talk-ben: dinner');
    await anns.looksGood('conversation');
    await anns.walks();
    const [answered] = await ben.ok('GET', '/messages?direction=received&limit=1');
    const [bens] = await ben.ok('GET', '/messages?direction=sent&limit=1');
    assert.equal(answered.in_response_to, bens.id);

    await anns.page.getByRole('link', { name: `Details of the message ${message_id}` }).click();
    await anns.page.getByRole('dialog').getByText('took').waitFor();
    await anns.looksGood('message-drawer');
    await anns.page.keyboard.press('Escape');
    await anns.page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(await anns.focused(), `Details of the message ${message_id}`);
  });

  test('what is encrypted, erased or forbidden is shown as such, in a group, too', async () => {
    const { ann, ben } = await friends('kinds');
    for (const one of [ann, ben]) await one.connectPolling('home');
    const { group_id } = await ann.ok('POST', '/groups', { name: 'book-club', invite_only: false });
    await ben.ok('POST', `/groups/${group_id}/join`);
    const secret = 'bm9ib2R5LWNhbi1yZWFkLXRoaXM';
    await ann.send(ben, secret, {
      payload_type: 'application/mahilo+ciphertext',
      encryption: { alg: 'of-our-own', key_id: 'a-key-of-kinds-ben-that-is-long' },
    });
    const { message_id } = await ann.send(ben, 'I take it back.');
    await ann.ok('DELETE', `/messages/${message_id}`);
    await ann.ok('POST', '/messages/send', {
      recipient: group_id,
      recipient_type: 'group',
      message: 'Hi all',
    });
    await using bens = await visitor(ben);
    await bens.open('/conversations');
    await bens.page.locator('.threads').getByText('book-club').waitFor();
    await bens.sees('erased by its sender');
    await bens.page.locator('.threads').getByText('kinds-ann', { exact: true }).first().click();
    await bens.heading('kinds-ann');
    await bens.sees('Encrypted from end to end: 27 bytes');
    await bens.sees('Its sender has erased it.');
    await bens.page.getByRole('button', { name: 'Send in the open' }).waitFor();
    assert.doesNotMatch(await bens.page.content(), new RegExp(secret));
    await bens.looksGood('conversation-encrypted');
    await bens.page.locator('.threads').getByText('book-club').click();
    await bens.heading('book-club');
    await bens.page.getByRole('textbox', { name: 'Message' }).fill('And hello to you.');
    await bens.press('Send');
    await bens.sees('Sent to 1 agent.');
  });

  test('a message that the registry refuses stays where it was written, with the registry’s sentence', async () => {
    const { ann } = await friends('refused');
    await using anns = await visitor(ann);
    await anns.open('/conversations?with=refused-ben');
    await anns.page.getByRole('textbox', { name: 'Message' }).fill('Are you there?');
    await anns.press('Send');
    await anns.sees('The recipient has no active agent connection.');
    assert.equal(await anns.page.getByRole('textbox', { name: 'Message' }).inputValue(), 'Are you there?');
    await anns.looksGood('conversation-refused');
  });

  test('dead letters are found by filters, looked into, and all resent after their number was seen', async () => {
    const { ann, ben } = await friends('dead');
    const agent = await world.startAgent();
    agent.behave = (_request, response) => response.writeHead(503).end('asleep');
    const { connection_id } = await ann.connect(agent.url, 'home');
    for (const text of ['one', 'two', 'three']) await ben.send(ann, text);
    await eventually(async () => (await ann.ok('GET', '/deliveries?status=failed')).length === 3);
    await using anns = await visitor(ann);
    await anns.open('/deliveries');
    await anns.choose('State', 'dead letter');
    await anns.choose('To my agent', connection_id);
    await anns.choose('Last attempt', 'http_status');
    await anns.choose('Accepted in', '1h');
    await eventually(async () => (await anns.page.locator('tbody tr').count()) === 3);
    assert.match(anns.page.url(), /status=failed&connection_id=conn_\w+&outcome=http_status&since=1h$/);
    await anns.looksGood('deliveries-dead');
    await anns.walks();
    await anns.page.locator('tbody a').first().click();
    await anns.page.getByRole('dialog').getByText('status 503').waitFor();
    await anns.page.getByText('What your agent answered').click();
    await anns.sees('asleep');
    await anns.looksGood('delivery-drawer');
    await anns.page.keyboard.press('Escape');

    agent.behave = (_request, response) => response.writeHead(200).end();
    await anns.press('Resend all that match …');
    await anns.sees('3 dead letters match.');
    await anns.looksGood('resend-matching');
    await anns.press('Resend 3');
    await anns.sees('3 go out again.');
    await anns.sees('Nothing matches.');
    await eventually(async () => (await ann.ok('GET', '/deliveries?status=delivered')).length === 3);
    await anns.page.getByRole('link', { name: 'Without filters' }).click();
    await anns.page.getByText('delivered').nth(2).waitFor();
  });

  test('an agent that said it was gone is registered again, at another address, with another secret', async () => {
    const { ann, ben } = await friends('moved');
    const [old, moved] = [await world.startAgent(), await world.startAgent()];
    old.behave = (_request, response) => response.writeHead(410).end();
    const { connection_id, callback_secret } = await ann.connect(old.url, 'home');
    await ben.send(ann, 'Are you there?');
    await eventually(async () => (await ann.ok('GET', '/agents'))[0].status === 'inactive');
    await using anns = await visitor(ann);
    await anns.open(`/agents/${connection_id}`);
    await anns.page.getByText('Register it again, or change it').click();
    await anns.page.getByLabel('Its address').fill(moved.url);
    await anns.page.getByLabel('What it is for').fill('Knows my calendar.');
    await anns.page.getByLabel('What it can do').fill('calendar, travel');
    await anns.page.getByLabel('Make a new one').check();
    await anns.looksGood('agent-change');
    await anns.press('Save');
    const secret = await anns.page.getByText(/^whsec_/).textContent();
    assert.notEqual(secret, callback_secret);
    const [agent] = await ann.ok('GET', '/agents');
    assert.deepEqual(
      [agent.status, agent.callback_url, agent.description, agent.capabilities],
      ['active', moved.url, 'Knows my calendar.', ['calendar', 'travel']],
    );
    await ben.send(ann, 'And now?');
    assert.equal((await moved.callback()).json.message, 'And now?');
  });

  test('a delivery that waits says what holds it, and one alone is resent', async () => {
    const { ann, ben } = await friends('held');
    await ben.connectPolling('laptop');
    const sent = await ann.send(ben, 'When you are back.');
    await using anns = await visitor(ann);
    await anns.open(`/deliveries?delivery=${sent.delivery_id}`);
    await anns.sees('It waits for the agent to fetch it.');
    await anns.sees('It cannot be sent again: it is not over yet.');
    await anns.looksGood('delivery-held');
    const [fetched] = await ben.ok('GET', '/inbox');
    await ben.ok('POST', '/inbox/ack', { receipts: [fetched.receipt] });
    await anns.press('Send it again');
    await anns.sees('It goes out again.');
    assert.equal((await ben.ok('GET', '/inbox'))[0].delivery_id, sent.delivery_id);
    await anns.press('Close');
    await anns.heading('Deliveries');
    await eventually(() => !anns.page.url().includes('delivery='));
  });

  test('in ten thousand deliveries a filter, the third page, a reload and the way back show the same', async () => {
    const { ann, ben } = await friends('many');
    const connectionId = await ben.connectPolling('laptop');
    const { user_id } = await ben.ok('GET', '/auth/me');
    fill(await ann.ok('GET', '/auth/me'), user_id, connectionId);
    await using anns = await visitor(ann);
    await anns.open('/deliveries');
    await anns.choose('State', 'dead letter');
    const [first, second, third] = await pagesOf(ann, '/deliveries?status=failed&limit=50');
    await shows(anns, first);
    await anns.page.getByRole('link', { name: 'Older ▸' }).click();
    await shows(anns, second);
    await anns.page.setViewportSize({ width: 360, height: 740 });
    await anns.page.getByRole('link', { name: 'Older ▸' }).click();
    await shows(anns, third);
    await anns.looksGood('deliveries-third-page');
    await anns.page.reload();
    await shows(anns, third);
    await anns.page.locator('tbody a').first().click();
    await anns.page.getByRole('dialog').waitFor();
    await anns.page.goBack();
    await shows(anns, third);
    await anns.page.getByRole('link', { name: 'Live', exact: true }).click();
    await anns.heading('Live');
    await anns.page.goBack();
    await shows(anns, third);

    await anns.press('Resend all that match …');
    await anns.sees('5,000 dead letters match.');
    await anns.press('Resend 5,000');
    await anns.sees('5,000 go out again.');
    assert.deepEqual(await ann.ok('GET', '/deliveries?status=failed'), []);
  });

  /** Ann has written to Ben very often; every second time in vain. */
  function fill(ann: { user_id: string; username: string }, recipient: string, connection: string): void {
    const sqlite = new BetterSqlite3(world.databaseFile);
    const n = `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${MANY})`;
    const id = (prefix: string) => `'${prefix}_01' || printf('%024d', i)`;
    const state = `iif(i % 2 = 0, 'failed', 'delivered')`;
    sqlite.exec(`
      ${n} insert into messages (id, sender_id, sender_username, sender_agent, recipient_type, recipient_id, recipient,
        body, payload_type, status, created_at)
      select ${id('msg')}, '${ann.user_id}', '${ann.username}', 'agent', 'user', '${recipient}', 'many-ben',
        'number ' || i, 'text/plain', ${state}, ${Date.now()} from n;
      ${n} insert into outbox (id, message_id, recipient_id, connection_id, state, due_at, created_at, settled_at)
      select ${id('dlv')}, ${id('msg')}, '${recipient}', '${connection}', ${state}, 1, ${Date.now()}, ${Date.now()}
        from n;`);
    sqlite.close();
  }

  /** The ids of the first three pages of a list. */
  async function pagesOf(person: Client, path: string): Promise<string[][]> {
    const pages: string[][] = [];
    for (let next = path; pages.length < 3; ) {
      const { json, headers } = await person.call('GET', next);
      pages.push(json.map(({ id }: { id: string }) => id));
      next = /^<\/api\/v1([^>]+)>/.exec(headers.get('link') ?? '')?.[1] ?? path;
    }
    return pages;
  }

  /** Waits until the page shows these deliveries, and no others. */
  async function shows(visitor: Visitor, ids: readonly string[] = []): Promise<void> {
    assert.equal(ids.length, 50);
    await eventually(async () => String(await idsOf(visitor)) === String(ids), 60_000);
  }

  async function idsOf({ page }: Visitor): Promise<string[]> {
    const addresses: string[] = await page.evaluate(
      "[...document.querySelectorAll('tbody a')].map((link) => link.href)",
    );
    return addresses.map((address) => new URL(address).searchParams.get('delivery') ?? '');
  }

  test('what happens shows as it happens, once, also what happened while nobody looked', async () => {
    const { ann, ben } = await friends('live');
    await ann.connectPolling('home');
    await using anns = await visitor(ann);
    await anns.open('/live');
    await anns.sees('Listening from here on.');
    await ben.send(ann, 'hello', { correlation_id: 'dinner' });
    await anns.sees('live-ben has written about dinner');
    await anns.press('Pause');
    await ben.send(ann, 'again', { correlation_id: 'lunch' });
    await anns.sees('Go on (1 new)');
    await anns.press('Go on (1 new)');
    await anns.sees('live-ben has written about lunch');
    await anns.looksGood('live');
    await anns.walks();
    await anns.choose('Show', 'friends');
    await anns.page.getByText('live-ben has written').first().waitFor({ state: 'detached' });
    await anns.page.goBack();
    await world.killAll();
    await world.startApi();
    await world.startWorker();
    await ben.send(ann, 'after all', { correlation_id: 'supper' });
    await anns.sees('live-ben has written about supper');
    assert.equal(await anns.page.getByText('live-ben has written about lunch').count(), 1);
    // A stream that breaks is told in the browser's own words.
    anns.problems.splice(0);
  });

  test('a key is made, shown once, used and revoked', async () => {
    const ann = await world.nobody.register('keys-ann');
    await ann.connectPolling('home');
    await using anns = await visitor(ann);
    await anns.open('/settings');
    await anns.page.getByText('Make another key').click();
    await anns.page.getByLabel('What it is for').fill('what only looks');
    await anns.choose('It may', 'read');
    await anns.choose('It ends', '30');
    await anns.press('Make it');
    const key = await anns.page.getByText(/^mhl_\w+_\w+$/).textContent();
    await anns.looksGood('settings-new-key');
    const reader = ann.as('keys-ann', key ?? '');
    assert.equal((await reader.call('GET', '/agents')).status, 200);
    assert.equal((await reader.call('POST', '/friends/request', { username: 'x' })).status, 403);
    await anns.press('I have it');
    await anns.page.reload();
    await anns.sees('may only read');
    await anns.walks();
    assert.doesNotMatch(await anns.page.content(), new RegExp(key ?? 'none'));
    await anns.press('Revoke what only looks');
    await anns.press('Revoke it');
    await anns.sees('what only looks is revoked.');
    assert.equal((await reader.call('GET', '/agents')).status, 401);
  });

  test('an account is deleted by who has typed its name, and the visitor is nobody', async () => {
    const ann = await world.nobody.register('gone-ann');
    await using anns = await visitor(ann);
    await anns.open('/settings');
    await anns.page.getByLabel('Shown to friends as').fill('Ann');
    await anns.press('Change');
    await anns.sees('Your friends see it from now on.');
    const [download] = await Promise.all([
      anns.page.waitForEvent('download'),
      anns.page.getByRole('link', { name: 'Download it' }).click(),
    ]);
    assert.match(download.suggestedFilename(), /^mahilo-gone-ann-[\d-]+\.ndjson$/);
    const lines = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\n');
    assert.deepEqual(
      [JSON.parse(lines[0] ?? '').data.display_name, JSON.parse(lines.at(-1) ?? '').type],
      ['Ann', 'end'],
    );
    await anns.page.getByText('How much of everything').click();
    await anns.page.getByRole('cell', { name: '100' }).first().waitFor();
    await anns.press('Delete the account …');
    await anns.looksGood('settings-delete');
    assert.equal(await anns.page.getByRole('button', { name: 'Delete it' }).isDisabled(), true);
    await anns.page.getByLabel('Type gone-ann').fill('gone-ann');
    await anns.press('Delete it');
    await anns.heading('Sign in');
    assert.equal((await ann.call('GET', '/auth/me')).status, 401);
  });

  test('hostile texts run nothing and break no layout', async () => {
    const { ann, ben } = await friends('hostile');
    const agent = await world.startAgent();
    let n = 0;
    agent.behave = (_request, response) => {
      n += 1;
      response.writeHead(500).end(hostile(n, 1000));
    };
    await ann.connect(agent.url, 'home');
    for (let i = 0; i < 10; i += 1) {
      await ben.send(ann, hostile(i, 1000).repeat(i === 7 ? 600 : 1), {
        correlation_id: hostile(i, 255),
        context: hostile(i, 1000),
        in_response_to: hostile(i, 255),
        payload_type: i === 3 ? hostile(3, 255) : 'text/plain',
      });
    }
    await eventually(async () => (await ann.ok('GET', '/deliveries?status=failed')).length === 10);
    await ann.ok('POST', '/auth/keys', { name: hostile(0, 100), scope: 'read' });
    await using anns = await visitor(ann);
    await anns.open('/conversations');
    await anns.page.locator('.threads li').nth(9).waitFor();
    await anns.looksGood('conversations-hostile');
    await anns.open('/conversations?with=hostile-ben');
    await anns.page.locator('.messages li').nth(9).waitFor();
    await anns.looksGood('conversation-hostile');
    for (const about of [hostile(0, 255), hostile(6, 255)]) {
      await anns.open(`/conversations?with=hostile-ben&about=${encodeURIComponent(about)}`);
      await anns.page.locator('.messages li').first().waitFor();
    }
    await anns.looksGood('thread-hostile');
    for (const { id } of await ann.ok('GET', '/deliveries')) {
      await anns.open(`/deliveries?delivery=${id}`);
      await anns.page.getByText('What your agent answered').click();
    }
    await anns.looksGood('delivery-hostile');
    await anns.open(`/deliveries?with=${encodeURIComponent(hostile(2, 50))}&status=nonsense`);
    await anns.sees(/must be/);
    await anns.open('/settings');
    await anns.sees('may only read');
    await anns.looksGood('settings-hostile-key');
  });
});
