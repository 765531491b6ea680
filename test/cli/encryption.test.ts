import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { keyed } from '../encryption/keyed-people.ts';
import { eventually } from '../world/eventually.ts';
import { call, type Host, hostOf, TwoTerminals } from './host.ts';
import { Terminal } from './terminal.ts';

const here = new TwoTerminals();
const { anns, bens, world } = here;
before(() => here.start());
after(() => here[Symbol.asyncDispose]());

const keysOf = (terminal: Terminal) => {
  const folder = join(terminal.loginFile, '../keys');
  const [name = '', ...more] = readdirSync(folder);
  assert.deepEqual(more, []);
  return join(folder, name);
};

test('two people write to each other encrypted with no more typing than in the open', async () => {
  const { stdout, stderr } = await anns.run([
    'send',
    'ben',
    'the treasure is under the oak',
    '--topic',
    'treasure',
  ]);
  assert.match(stdout, /^msg_\w+ {2}pending {2}encrypted\n$/);
  assert.match(stderr, /^Keys seen for the first time: ben\. `mahilo verify`/);
  const [message] = await bens.json(['inbox']);
  assert.deepEqual(
    [message.message, message.verified, message.sender, message.correlation_id],
    ['the treasure is under the oak', true, 'ann', 'treasure'],
  );
  await bens.ok(['reply', message.message_id, 'dig it up']);
  assert.match(
    await anns.ok(['inbox']),
    new RegExp(
      `^msg_\\w+ {2}ben {2}\\S+, encrypted, topic treasure, answers ${message.message_id}\n {2}\\| dig it up\n$`,
    ),
  );
  const stored = await world.store.contents();
  for (const words of ['under the oak', 'dig it up']) assert.ok(!stored.includes(words));
  for (const terminal of [anns, bens]) assert.equal(statSync(keysOf(terminal)).mode & 0o777, 0o600);
});

test('--plain sends in the open, --encrypt encrypted or not at all', async () => {
  await anns.ok(['send', 'ben', 'for all to see', '--plain']);
  assert.match(await bens.ok(['inbox']), /^msg_\w+ {2}ann {2}\S+, in the open\n {2}\| for all to see\n$/);
  const [sent] = await anns.json(['send', 'ben', 'in the open', '--plain']);
  assert.equal(sent.encrypted, undefined);
  const [plain] = await bens.json(['inbox']);
  assert.deepEqual([plain.message, plain.verified], ['in the open', false]);
  assert.match(await anns.ok(['send', 'ben', 'for you', '--encrypt']), /encrypted\n$/);
  assert.equal((await bens.json(['inbox']))[0].verified, true);

  const cid = await world.newcomer('cid');
  await cid.connectPolling();
  await anns.ok(['friends', 'add', 'cid']);
  const [{ id }] = await cid.ok('GET', '/friends?status=pending');
  await cid.ok('POST', `/friends/${id}/accept`);
  const refused = await anns.run(['send', 'cid', 'for you', '--encrypt']);
  assert.deepEqual([refused.exitCode, refused.stderr.split(':')[0]], [1, 'NO_KEYS']);
  assert.match(await anns.ok(['send', 'cid', 'hello']), /^msg_\w+ {2}pending\n$/);
  assert.equal((await anns.run(['send', 'ben', 'x', '--encrypt', '--plain'])).exitCode, 2);
});

test('a host reads what is encrypted, over stdio, and what it says is encrypted', async () => {
  await anns.ok(['send', 'ben', 'a question']);
  const hook = await bens.runProcess(['hook', 'claude', '--within', '60']);
  assert.match(hook.stdout, /\n {2}\| a question\n/);
  await using host = await hostOf(bens, 'auto', '--channel');
  await host.client.listTools();
  await eventually(() => host.pushed.length === 1);
  const [{ content, meta } = { content: '', meta: {} }] = host.pushed.map(
    ({ params }) => params as { content: string; meta: Record<string, string> },
  );
  assert.equal(content, 'a question');
  const [delivery_id, message_id] = [meta['delivery_id'], meta['message_id']];
  const reply = await call(host, 'reply', { delivery_id, message_id, message: 'an answer' });
  const sent = await call(host, 'send_message', { to: 'ann', message: 'and more', topic: 'more' });
  assert.deepEqual([reply.encrypted, sent.encrypted], [true, true]);
  const heard = await anns.json(['inbox']);
  assert.deepEqual(
    heard.map((one) => [one.message, one.verified, one.in_response_to, one.correlation_id]),
    [
      ['an answer', true, message_id, undefined],
      ['and more', true, undefined, 'more'],
    ],
  );
  assert.equal(await bens.ok(['inbox']), '', 'what was answered is acknowledged');
});

test('check_inbox shows the text, and a tool’s refusal is its result', async () => {
  await using host = await hostOf(bens, 'auto');
  await anns.ok(['send', 'ben', 'for the inbox', '--context', 'beside it']);
  const { messages } = await call(host, 'check_inbox', {});
  const [mail] = messages;
  assert.deepEqual(
    [messages.length, mail.from, mail.message, mail.context, mail.verified],
    [1, 'ann', 'for the inbox', 'beside it', true],
  );
  await call(host, 'check_inbox', { handled: [mail.delivery_id] });
  assert.match(await refusal(host, 'send_message', { to: 'nobody', message: 'x' }), /USER_NOT_FOUND: /);
  assert.match(await refusal(host, 'send_message', { to: 'ann' }), /INVALID_REQUEST: /);
});

async function refusal({ client }: Host, name: string, input: Record<string, unknown>): Promise<string> {
  const { isError, content } = await client.callTool({ name, arguments: input });
  assert.ok(isError);
  return JSON.stringify(content);
}

test('a host hears that the keys cannot be read, and goes on', async () => {
  await using host = await hostOf(bens, 'auto');
  const [file, [{ delivery_id }]] = [keysOf(bens), await anns.json(['send', 'ben', 'not yet'])];
  const kept = readFileSync(file, 'utf8');
  writeFileSync(file, kept.slice(1));
  assert.match(await refusal(host, 'check_inbox', {}), /INVALID_KEYS: /);
  writeFileSync(file, kept);
  assert.deepEqual((await call(host, 'check_inbox', { handled: [delivery_id] })).messages, []);
});

test('a changed key stops both ways until it was verified, and the digits are the same on both sides', async () => {
  const key = JSON.parse(readFileSync(bens.loginFile, 'utf8')).key;
  using other = new Terminal();
  const login = await other.run(['login', world.url], {}, key);
  assert.equal(login.exitCode, 0);
  assert.match(login.stderr, /keys of your mailbox are on another computer[\s\S]*keys\//);
  await anns.ok(['send', 'ben', 'where are you?']);
  assert.match(await other.ok(['inbox', '--keep']), /not opened: NO_PRIVATE_KEY/);

  await other.ok(['login', world.url, '--new-keys'], {}, key);
  const refused = await anns.run(['send', 'ben', 'hello?']);
  assert.equal(refused.exitCode, 1);
  assert.match(refused.stderr, /^KEY_CHANGED: .*\n {2}`mahilo verify WHO`/);
  await other.ok(['send', 'ann', 'it is me']);
  const inbox = await anns.run(['inbox', '--json']);
  assert.equal(inbox.exitCode, 1);
  assert.match(inbox.stderr, /^KEY_CHANGED: /);
  const closed = JSON.parse(inbox.stdout);
  assert.deepEqual([closed.verified, closed.unopened.code], [false, 'KEY_CHANGED']);

  const [theirs] = await anns.json(['verify', 'ben']);
  const [mine] = await other.json(['verify', 'ann']);
  assert.match(theirs.safety_number, /^(?:\d{5} ){11}\d{5}$/);
  assert.deepEqual([theirs.safety_number, theirs.standing], [mine.safety_number, 'changed']);
  assert.match(await anns.ok(['verify', 'ben', '--accept']), /accepted\n {2}(?:\d{5} ){11}\d{5}\n$/);
  assert.match(await anns.ok(['send', 'ben', 'hello!']), /encrypted\n$/);
});

test('keys that are brought to another computer read there', async () => {
  using other = new Terminal();
  const keys = keysOf(anns);
  const there = join(other.home, 'mahilo/keys');
  mkdirSync(there, { recursive: true });
  copyFileSync(keys, join(there, keys.slice(keys.lastIndexOf('/') + 1)));
  const { key } = JSON.parse(readFileSync(anns.loginFile, 'utf8'));
  const { stderr } = await other.run(['login', world.url], {}, key);
  assert.doesNotMatch(stderr, /another computer/);
});

test('a login that fails half-way makes nobody write in the open', async () => {
  const file = keysOf(anns);
  const kept = readFileSync(file, 'utf8');
  const login = readFileSync(anns.loginFile, 'utf8');
  writeFileSync(file, kept.slice(1));
  const { exitCode, stderr } = await anns.run(['login', world.url]);
  assert.equal(exitCode, 1);
  assert.match(stderr, /INVALID_KEYS: /);
  writeFileSync(file, kept);
  assert.equal(readFileSync(anns.loginFile, 'utf8'), login);
  assert.match(await anns.ok(['send', 'ben', 'still for you alone']), /encrypted\n$/);
  await anns.ok(['login', world.url]);
});

test('a login from before there were keys gets them with its first message', async () => {
  using carls = new Terminal();
  const carl = await world.newcomer('carl');
  const { connection_id: connectionId } = await carl.ok('POST', '/agents', {
    framework: 'cli',
    label: 'mailbox',
    mode: 'polling',
  });
  await carl.befriend(annsClient());
  mkdirSync(join(carls.loginFile, '..'), { recursive: true });
  const login = { url: world.url, key: carl.apiKey, username: 'carl', connectionId };
  writeFileSync(carls.loginFile, JSON.stringify(login));
  assert.match(await carls.ok(['send', 'ann', 'hello']), /encrypted\n$/);
  assert.deepEqual(
    (await anns.json(['inbox'])).map(({ message, verified }) => [message, verified]),
    [['hello', true]],
  );
});

const annsClient = () => world.nobody.as('ann', JSON.parse(readFileSync(anns.loginFile, 'utf8')).key);

test('an answer goes to nobody else, whatever the registry says of the message by then', async () => {
  using doras = new Terminal();
  await using registry = await HostileRegistry.before(world.url);
  await doras.ok(['register', 'dora', registry.url]);
  const { key } = JSON.parse(readFileSync(doras.loginFile, 'utf8'));
  const dora = world.nobody.as('dora', key);
  const mallory = await keyed(world, 'mallory');
  for (const friend of [annsClient(), mallory.client]) await dora.befriend(friend);
  const [{ message_id: annsMessage }] = await anns.json(['send', 'dora', 'What is the password?']);
  assert.equal((await doras.json(['inbox'])).length, 1);
  const { message_id: malloryMessage } = await mallory.mahilo.send({
    to: 'dora',
    message: 'What is the password?',
    encrypt: 'required',
  });
  // The same text, in the place of Ann's message.
  const other = await dora.ok('GET', `/messages/${malloryMessage}`);
  registry.answers.set(`/api/v1/messages/${annsMessage}`, { ...other, id: annsMessage });
  const { exitCode, stderr } = await doras.run(['reply', annsMessage, 'swordfish']);
  assert.deepEqual([exitCode, stderr.split(':')[0]], [1, 'WRONG_ADDRESS']);
  assert.deepEqual(await mallory.client.fetch(), []);
  registry.answers.clear();
  await doras.ok(['reply', annsMessage, 'swordfish']);
  assert.deepEqual(
    (await anns.json(['inbox'])).map(({ message }) => message),
    ['swordfish'],
  );
});

/** Stands before a registry, and answers some requests itself. */
class HostileRegistry implements AsyncDisposable {
  readonly answers = new Map<string, object>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async before(url: string): Promise<HostileRegistry> {
    const server = createServer(async (request, response) => {
      const { method = 'GET', url: path = '', headers } = request;
      const body = new Uint8Array(await buffer(request));
      const { authorization = '', 'content-type': type = 'application/json' } = headers;
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: { authorization, ...(body.length > 0 && { 'content-type': type }) },
        ...(body.length > 0 && { body }),
      });
      const text = await answer.text();
      const given = registry.answers.get(path);
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(given === undefined ? text : JSON.stringify(given));
    });
    const registry = new HostileRegistry(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return registry;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
