import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client as McpClient, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import BetterSqlite3 from 'better-sqlite3';
import { ConsoleWorld, skip } from '../console/console-world.ts';
import { hostile } from '../console/hostile-texts.ts';
import { Pasted } from '../console/pasted.ts';
import type { Visitor } from '../console/visitor.ts';
import { ROOT } from '../documents/markdown.ts';
import { eventually } from '../world/eventually.ts';
import { freePort } from '../world/free-port.ts';
import type { World } from '../world/world.ts';

const isThere = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** What the page shows to be pasted. */
async function textIn(visitor: Visitor, name: string): Promise<string> {
  return (await visitor.page.getByRole('region', { name, exact: true }).textContent()) ?? '';
}

async function isDone(visitor: Visitor, step: string): Promise<void> {
  await visitor.page.getByRole('heading', { name: `${step} – done` }).waitFor();
}

/** Connects an agent by the form, and waits for its key. */
async function connect(
  visitor: Visitor,
  label: string,
  more: { url?: string; host?: true } = {},
): Promise<void> {
  await visitor.open('/agents/new');
  await visitor.heading('Add an agent');
  if (more.url !== undefined) {
    await visitor.page.getByLabel('It is called').check();
    await visitor.page.getByLabel('Its address').fill(more.url);
  }
  if (more.host) await visitor.page.getByLabel('It is a host that speaks MCP').check();
  await visitor.page.getByLabel('Its name').fill(label);
  await visitor.press('Connect it');
  await visitor.page.getByRole('region', { name: 'the key of the agent' }).waitFor();
  await isDone(visitor, 'Its key');
}

test('a console that has grown too large is not built', (t) => {
  const copy = mkdtempSync(join(tmpdir(), 'mahilo-large-'));
  t.after(() => rmSync(copy, { recursive: true }));
  const console = join(copy, 'packages/console');
  cpSync(join(ROOT, 'tsconfig.base.json'), join(copy, 'tsconfig.base.json'));
  cpSync(join(ROOT, 'packages/console'), console, {
    recursive: true,
    filter: (path) => !/\/(?:node_modules|dist)(?:$|\/)/.test(path.slice(ROOT.length)),
  });
  symlinkSync(join(ROOT, 'packages/console/node_modules'), join(console, 'node_modules'));
  const page = join(console, 'src/settings/settings.tsx');
  // Nothing makes it smaller.
  appendFileSync(page, `\nglobalThis.name = '${randomBytes(30_000).toString('base64')}';\n`);
  const { status, stderr } = spawnSync(process.execPath, [join(console, 'build.ts')], { encoding: 'utf8' });
  assert.notEqual(status, 0);
  assert.match(stderr, /settings-[\w-]+\.js: \d+ bytes compressed, of 24000 at most/);
  assert.equal(existsSync(join(console, 'dist')), false);
});

describe('somebody with nothing but a browser and an invitation', { skip }, () => {
  let here: ConsoleWorld;
  let world: World;

  before(async () => {
    here = await ConsoleWorld.start({ REGISTRATION: 'invite' });
    world = here.world;
  });
  after(() => here?.[Symbol.asyncDispose]());

  async function invitation(): Promise<string> {
    const { link } = (await world.admin(['invites', 'create', '--json'])).json;
    return String(link).split('/console')[1] ?? '';
  }

  test('brings an agent in that fetches, by pasting what the page shows', async () => {
    await using anns = await here.visitor();
    await anns.open(await invitation());
    await anns.heading('You are invited');
    assert.doesNotMatch(anns.page.url(), /mhi_/);
    await anns.looksGood('sign-up');
    await anns.page.getByLabel('Choose a username').fill('admin');
    await anns.press('Create the account');
    await anns.sees(/reserved/);
    await anns.page.getByLabel('Choose a username').fill('Ann');
    await anns.page.getByLabel('What your friends see').fill('Ann Other');
    await anns.press('Create the account');
    await anns.heading('Welcome, ann');
    const key = await textIn(anns, 'your API key');
    assert.match(key, /^mhl_/);
    await anns.looksGood('sign-up-key');
    await anns.press('I have kept it: go on');
    await anns.heading('Add an agent');
    await anns.looksGood('add-agent');

    await anns.page.getByLabel('Its name').fill('laptop');
    await anns.press('Connect it');
    await isDone(anns, 'What it is');
    await isDone(anns, 'Its key');
    await anns.sees('Waiting for it …');
    await anns.looksGood('add-agent-program');
    await using program = new Pasted(await textIn(anns, 'the program'));
    await isDone(anns, 'Its program');
    await anns.press('Send a test message to laptop');
    await isDone(anns, 'Its first message');
    await anns.looksGood('add-agent-done');
    await program.prints('A test message');
    for (const file of readdirSync(program.directory)) {
      assert.equal(statSync(join(program.directory, file)).mode & 0o077, 0, 'others cannot read the key');
    }
    assert.doesNotMatch(program.output, /mhl_/);

    const kept = await anns.page.evaluate(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }]) + document.cookie + location',
    );
    assert.doesNotMatch(String(kept), /mhl_\w{8}|mahilo=/);
    await anns.page.reload();
    await isDone(anns, 'Its first message');
    await anns.sees('It has a key, which was shown once.');
    const kindOfKeys = (await world.nobody.as('ann', key).ok('GET', '/auth/keys')).map(
      ({ scope }: { scope: string }) => scope,
    );
    assert.deepEqual(kindOfKeys.sort(), ['agent', 'all']);
  });

  test('an invitation that was used lets nobody in; without one the page asks for it', async () => {
    const link = await invitation();
    await using first = await here.visitor();
    await first.open();
    await first.page.getByText('New here').click();
    await first.page.getByLabel('Choose a username').fill('bea');
    await first.press('Create the account');
    await first.sees(/takes a valid invite_token/);
    // Whole, as it came in a message.
    await first.page.getByLabel('Invitation').fill(` ${world.url}/console${link} `);
    await first.press('Create the account');
    await first.heading('Welcome, bea');
    // Whoever leaves before they go on is in nevertheless.
    await first.open();
    await first.heading('Overview');

    await using second = await here.visitor();
    await second.open(link);
    await second.page.getByLabel('Choose a username').fill('cleo');
    await second.press('Create the account');
    await second.sees(/used up/);
    await second.looksGood('sign-up-used');
    await second.press('I have an account');
    await second.heading('Sign in');
  });
});

describe('adding an agent', { skip }, () => {
  let here: ConsoleWorld;
  let world: World;

  before(async () => {
    here = await ConsoleWorld.start({ MAX_RETRIES: '0' });
    world = here.world;
  });
  after(() => here?.[Symbol.asyncDispose]());

  /** Somebody who is signed in. */
  async function visitorOf(username: string) {
    const user = await world.nobody.register(username);
    const visitor = await here.visitor();
    await visitor.signInByKey(user.apiKey ?? '');
    return { user, visitor };
  }

  for (const [tab, program] of [
    ['Node', 'node'],
    ['Python', 'python3'],
    ['Go', 'go'],
  ] as const) {
    test(`the program in ${tab} that fetches runs as it is shown`, async (t) => {
      if (!isThere(program)) return t.skip(`${program} is not on this machine.`);
      const { visitor: anns } = await visitorOf(`fetch-${program}`);
      await using _ = anns;
      await connect(anns, 'box');
      await anns.page.getByRole('tab', { name: tab, exact: true }).click();
      await using running = new Pasted(await textIn(anns, 'the program'));
      await isDone(anns, 'Its program');
      await anns.press('Send a test message to box');
      await isDone(anns, 'Its first message');
      await running.prints('A test message');
    });

    test(`the program in ${tab} that is called passes every check`, async (t) => {
      if (!isThere(program)) return t.skip(`${program} is not on this machine.`);
      const { visitor: anns } = await visitorOf(`call-${program}`);
      await using _ = anns;
      const url = `http://127.0.0.1:${await freePort()}/`;
      await connect(anns, 'server', { url });
      await anns.page.getByRole('tab', { name: tab, exact: true }).click();
      await anns.press('It runs: look for it');
      await anns.sees(/Is it running/);
      await using running = new Pasted(await textIn(anns, 'the program'));
      await eventually(() => fetch(url, { method: 'HEAD' }).catch(() => undefined));
      await anns.press('It runs: look for it');
      await isDone(anns, 'Its program');
      await anns.press('Check it');
      await anns.sees('It passed all four checks.');
      await anns.page.locator('.needs li', { hasText: '● passed' }).nth(3).waitFor();
      if (program === 'node') await anns.looksGood('check-passed');
      await anns.press('Send a test message to server');
      await isDone(anns, 'Its first message');
      await running.prints('A test message');
      assert.equal(running.output.match(/This is a check/g)?.length, 1, 'once, however often it comes');
    });
  }

  test('a host that speaks MCP comes with the configuration that is shown', async () => {
    const { visitor: anns } = await visitorOf('host-ann');
    await using _ = anns;
    await connect(anns, 'desk', { host: true });
    await anns.sees('Check my Mahilo inbox.');
    assert.match(
      await textIn(anns, 'the configuration'),
      /^claude mcp add --transport http mahilo http\S+\/mcp --header /,
    );
    await anns.page.getByRole('tab', { name: 'Claude Code' }).press('ArrowRight');
    await anns.looksGood('add-agent-mcp');
    const { url, headers } = JSON.parse(await textIn(anns, 'the configuration')).mcpServers.mahilo;
    const client = new McpClient({ name: 'host', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
    await client.callTool({ name: 'check_inbox', arguments: {} });
    await client.close();
    await isDone(anns, 'Its program');
  });

  test('what an agent does wrong is said, with what to do, whatever it answers', async () => {
    const { user, visitor: anns } = await visitorOf('wrong-ann');
    await using _ = anns;
    const agent = await world.startAgent();
    agent.behave = (_request, response) => response.writeHead(200).end(hostile(1, 1000));
    const { connection_id } = await user.ok('POST', '/agents', {
      framework: hostile(7, 50),
      label: hostile(0, 50),
      callback_url: agent.url,
    });
    await anns.open(`/agents/${connection_id}`);
    await anns.press('Check it');
    await anns.sees(/whoever knows the URL can write to it/);
    for (const summary of await anns.page.getByText('What was sent, and what came back').all())
      await summary.click();
    await anns.looksGood('check-failed');
    await anns.open(`/agents/new?agent=${connection_id}`);
    await isDone(anns, 'Its program');
    await anns.looksGood('add-agent-hostile');
  });

  test('a second agent of the same name is not taken for the first', async () => {
    const { user, visitor: anns } = await visitorOf('twice-ann');
    await using _ = anns;
    const agent = await world.startAgent();
    await user.ok('POST', '/agents', { framework: 'script', label: 'laptop', callback_url: agent.url });
    await anns.open('/agents/new');
    await anns.page.getByLabel('Its name').fill('laptop');
    await anns.press('Connect it');
    await anns.sees(/You have an agent script\/laptop already/);
    assert.equal((await user.ok('GET', '/agents'))[0].mode, 'callback');
    await anns.page.getByLabel('It is called').check();
    await anns.page.getByLabel('Its name').fill('server');
    await anns.page.getByLabel('Its address').fill('http://192.168.1.1/');
    await anns.press('Connect it');
    await anns.page.getByRole('alert').waitFor();
    await anns.looksGood('add-agent-refused');
  });

  test('what is dangerous takes a recent sign-in, and goes on after it', async () => {
    const { user, visitor: anns } = await visitorOf('again-ann');
    await using _ = anns;
    await user.connectPolling('box');
    const [{ id }] = await user.ok('GET', '/agents');
    await anns.open(`/agents/new?agent=${id}`);
    await anns.press('Make its key');
    await anns.page.getByRole('region', { name: 'the key of the agent' }).waitFor();
    const db = new BetterSqlite3(world.databaseFile);
    db.prepare('update sessions set created_at = created_at - 700000').run();
    db.close();
    await anns.page.reload();
    await anns.press('Make another key');
    const dialog = anns.page.getByRole('dialog', { name: 'Sign in again' });
    await dialog.waitFor();
    await anns.looksGood('sign-in-again');
    await anns.page.keyboard.press('Escape');
    await anns.sees('Sign in again first');
    await anns.press('Make another key');
    await dialog.getByText('With an API key').click();
    await dialog.getByLabel('API key').fill(user.apiKey ?? '');
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
    await anns.page.getByRole('region', { name: 'the key of the agent' }).waitFor();
    assert.equal((await user.ok('GET', '/auth/keys')).length, 3);
  });
});
