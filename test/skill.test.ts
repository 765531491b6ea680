import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { codeBlocks } from './documents/markdown.ts';
import type { Client } from './world/client.ts';
import { InProcessWorld } from './world/in-process-world.ts';

const execute = promisify(execFile);
/** The commands that the page says it needs, and those that every system has. */
const COMMANDS = ['sh', 'curl', 'sed', 'cat', 'mkdir', 'mv', 'rm', 'chmod', 'dirname'];

const world = new InProcessWorld();
/** The page that an agent has read, and its home. */
let page: string;
let home: string;
let ben: Client;

before(async () => {
  await world.startApi();
  page = await (await fetch(`${world.url}/skill.md`)).text();
  home = join(world.directory, 'home');
  mkdirSync(join(home, 'bin'), { recursive: true });
  for (const command of COMMANDS) {
    const folders = (process.env['PATH'] ?? '').split(delimiter);
    const found = folders.map((folder) => join(folder, command)).find((file) => existsSync(file));
    assert.ok(found, `This test needs ${command}.`);
    symlinkSync(found, join(home, 'bin', command));
  }
  ben = await world.nobody.register('ben');
  await ben.connectPolling();
});
after(() => world[Symbol.asyncDispose]());

/** Runs commands of the page in a shell of their own, as an agent does. @returns what they print. */
async function run(
  commands: string | undefined,
  words: Readonly<Record<string, string>> = {},
): Promise<string> {
  assert.ok(commands);
  let text = commands;
  for (const [word, value] of Object.entries(words)) text = text.replaceAll(word, value);
  assert.doesNotMatch(text, /"[A-Z]+(_[A-Z]+)*"/, 'every word in capitals is replaced');
  const env = { HOME: home, PATH: join(home, 'bin') };
  return (await execute('/bin/sh', ['-c', text], { env, cwd: world.directory })).stdout;
}

test('an agent that does what the page says joins, makes a friend, sends, receives, answers and acknowledges', async () => {
  const commands = codeBlocks(page, 'sh');
  const [register, keep, connect, befriend, lists, accept, send, receive, answer, acknowledge] = commands;
  assert.equal(commands.length, 10, 'every command is run below');

  assert.equal(await run(register, { YOUR_NAME: 'ben' }), '409\n');
  assert.equal(await run(register, { YOUR_NAME: 'nora' }), '201\n');
  assert.equal(JSON.parse(await run(keep)).username, 'nora');
  const directory = join(home, '.mahilo', new URL(world.url).host.replace(':', '_'));
  assert.equal(statSync(directory).mode & 0o077, 0, 'the key is for nobody else');
  assert.equal(await run(register, { YOUR_NAME: 'nora' }), '409\n');
  assert.equal(JSON.parse(await run(keep)).username, 'nora', 'who does it again loses no key');

  assert.equal(JSON.parse(await run(connect, { YOUR_FRAMEWORK: 'test' })).mode, 'polling');
  const { friendship_id } = JSON.parse(await run(befriend, { FRIEND: 'ben' }));
  await ben.ok('POST', `/friends/${friendship_id}/accept`);
  const cid = await world.nobody.register('cid');
  const asked = await cid.ok('POST', '/friends/request', { username: 'nora' });
  const [pending, friends] = (await run(lists)).split('][').map((part) => part.replaceAll(/^\[|\]\s*$/g, ''));
  assert.match(String(pending), /"username":"cid".*"direction":"received"/);
  assert.match(String(friends), /"username":"ben"/);
  const accepted = await run(accept, { FRIENDSHIP_ID: asked.friendship_id });
  assert.equal(JSON.parse(accepted).status, 'accepted');

  const sent = JSON.parse(await run(send, { FRIEND: 'ben', UNIQUE_KEY: 'one' }));
  const [question] = await ben.fetch();
  assert.deepEqual([question.message_id, question.message], [sent.message_id, 'Is it Friday or Saturday?']);
  assert.equal(question.sender, 'nora');
  assert.equal(JSON.parse(await run(send, { FRIEND: 'ben', UNIQUE_KEY: 'one' })).deduplicated, true);

  const asks = await ben.ok('POST', '/messages/send', { recipient: 'nora', message: 'Which day?' });
  const [received] = JSON.parse(await run(receive));
  assert.deepEqual(
    [received.message_id, received.message, received.sender],
    [asks.message_id, 'Which day?', 'ben'],
  );
  await run(answer, { FRIEND: 'ben', MESSAGE_ID: received.message_id, UNIQUE_KEY: 'two' });
  const [answered] = await ben.fetch();
  assert.deepEqual([answered.message, answered.in_response_to], ['Friday.', asks.message_id]);
  assert.deepEqual(JSON.parse(await run(acknowledge, { RECEIPT: received.receipt })), { acknowledged: 1 });
  assert.equal((await ben.ok('GET', `/messages/${asks.message_id}`)).status, 'delivered');

  const inText = [...page.matchAll(/`(~\/\.mahilo\/\S+\/mahilo GET [^`]+)`/g)].map(([, command]) => command);
  assert.equal(inText.length, 1);
  const looked = await run(inText[0], { MESSAGE_ID: sent.message_id });
  assert.equal(JSON.parse(looked).status, 'pending');
});
