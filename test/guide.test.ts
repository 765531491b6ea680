import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { codeBlocks, fileIn, ROOT, section, textOf } from './documents/markdown.ts';
import { TemporaryDirectory } from './documents/temporary-directory.ts';
import { Client } from './world/client.ts';
import { CutProxy } from './world/cut-proxy.ts';
import { eventually } from './world/eventually.ts';
import { freePort } from './world/free-port.ts';
import { InProcessWorld } from './world/in-process-world.ts';

const GUIDE = textOf('docs/agents.md');
const ENCRYPTION = textOf('docs/encryption.md');
/** The files of that page. */
const ENCRYPTED = ['sealed.mjs', 'secret.mjs'];
const FIRST = section(GUIDE, '## Your first agent');
const execute = promisify(execFile);

/** A reader who saves files of the guide and runs them against the product. */
class Reader implements AsyncDisposable {
  readonly #directory = new TemporaryDirectory();
  readonly #environment: Record<string, string>;
  readonly #children: ChildProcess[] = [];

  constructor(environment: Record<string, string>) {
    this.#environment = { PATH: process.env['PATH'] ?? '', ...environment };
    this.#install();
  }

  /** Installs the client and jose. The client is a link, since Node strips no types below node_modules. */
  #install(): void {
    mkdirSync(join(this.#directory.path, 'node_modules/@mahilo'), { recursive: true });
    const client = join(ROOT, 'packages/client');
    symlinkSync(client, join(this.#directory.path, 'node_modules/@mahilo/client'));
    symlinkSync(join(client, 'node_modules/jose'), join(this.#directory.path, 'node_modules/jose'));
  }

  save(...names: string[]): void {
    for (const name of names) {
      const page = ENCRYPTED.includes(name) ? ENCRYPTION : GUIDE;
      writeFileSync(join(this.#directory.path, name), fileIn(page, name));
    }
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.#directory.path, name), text);
  }

  keyOf(username: string): string {
    return readFileSync(join(this.#directory.path, `${username}.key`), 'utf8');
  }

  /** Starts a program that runs until it is stopped. */
  start(...programArguments: string[]): { lines: string[]; stop(): Promise<void> } {
    const child = spawn(process.execPath, programArguments, {
      cwd: this.#directory.path,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    const lines: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => lines.push(...text.trim().split('\n')));
    const ended = once(child, 'close');
    return {
      lines,
      async stop() {
        child.kill('SIGKILL');
        await ended;
      },
    };
  }

  /** Runs a program to its end. @returns what it printed. */
  async run(program: string, ...programArguments: string[]): Promise<string> {
    const options = { cwd: this.#directory.path, env: this.#environment };
    return (await execute(program, programArguments, options)).stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all(this.#children.filter(({ exitCode }) => exitCode === null).map(ending));
    this.#directory[Symbol.dispose]();
  }
}

async function ending(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
}

/** What clients see of a crash of the registry: every connection breaks off, and new ones are refused until it is back. */
async function breakDown(network: CutProxy, restart: () => Promise<void>): Promise<void> {
  network.cut();
  await restart();
  network.mend();
}

test('the first agent in the guide does what the guide says, and loses nothing when it or the registry stops', async () => {
  await using world = new InProcessWorld({ INBOX_LEASE_MS: '1000' });
  const api = await world.startApi();
  await using network = await CutProxy.start(() => world.url);
  await using reader = new Reader({ MAHILO: network.url });
  reader.save('echo.mjs');
  let ben = reader.start('echo.mjs', 'ben');
  await eventually(() => ben.lines.includes('ben is here.'));
  const ann = reader.start('echo.mjs', 'ann', 'ben');
  await eventually(() => ann.lines.includes('ann is here.'));
  await reader.run('bash', '-c', codeBlocks(FIRST, 'bash').join('\n'));
  await eventually(() => ben.lines.includes('ann: Are you there?'));
  await eventually(() => ann.lines.includes('ben: You said: Are you there?'));
  await reader.run('bash', '-c', codeBlocks(section(GUIDE, '## Groups'), 'bash').join('\n'));
  await eventually(() => ben.lines.includes('ann: Hello, everybody!'));

  await ben.stop();
  await breakDown(network, async () => {
    await api.close();
    await world.startApi();
  });
  const say = (message: string) =>
    fetch(`${world.url}/api/v1/messages/send`, {
      method: 'POST',
      headers: { authorization: `Bearer ${reader.keyOf('ann')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ recipient: 'ben', message }),
    });
  assert.equal((await say('While you were away')).status, 200);
  ben = reader.start('echo.mjs', 'ben');
  await eventually(() => ben.lines.includes('ann: While you were away'));
  await eventually(() => ann.lines.includes('ben: You said: While you were away'));
});

test('the encrypted message of the page is read by its recipient and by nobody else', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  const [ann, ben] = [await world.nobody.register('ann'), await world.nobody.register('ben')];
  await ann.befriend(ben);
  await using reader = new Reader({
    MAHILO: world.url,
    ANN_KEY: ann.apiKey ?? '',
    BEN_KEY: ben.apiKey ?? '',
  });
  reader.save('sealed.mjs', 'secret.mjs');
  await reader.run(process.execPath, 'secret.mjs');
  const [{ id }] = await ben.ok('GET', '/agents');
  await ann.send(ben, 'This is not sealed.', { recipient_connection_id: id });
  assert.equal(await reader.run(process.execPath, 'secret.mjs'), 'Nobody else can read this.\n');
  const [stored] = await ann.ok('GET', '/messages');
  assert.deepEqual([stored.status, stored.payload_type], ['delivered', 'application/mahilo+ciphertext']);
  assert.ok(!(await world.store.contents()).includes('Nobody else can read this.'));
});

test('what the page seals is for all its keys, and cannot be changed, repeated, passed on, or passed off as one’s own', async () => {
  await using reader = new Reader({});
  reader.save('sealed.mjs');
  const attacks = `
    import { newKey, open, publicPart, seal } from './sealed.mjs';
    const [ann, eve] = [await newKey('Ed25519'), await newKey('Ed25519')];
    const [ben, carl, dan] = [await newKey('X25519'), await newKey('X25519'), await newKey('X25519')];
    const ids = { from: 'conn_ann', to: 'conn_ben', jti: '1' };
    const keys = [publicPart(ben), publicPart(carl)];
    const message = await seal('secret', { ...ids, signingKey: ann, keys });
    const received = { message, sender_connection_id: ids.from, recipient_connection_id: ids.to };
    const jwe = JSON.parse(message);
    const flipped = (text) => (text[0] === 'A' ? 'B' : 'A') + text.slice(1);
    const changed = (change) => ({ ...received, message: JSON.stringify({ ...jwe, ...change }) });
    const byEve = await seal('secret', { ...ids, signingKey: eve, keys });
    const later = { ...received, message: await seal('later', { ...ids, jti: '2', signingKey: ann, keys }) };
    const seen = new Set();
    const isNew = (id) => !seen.has(id) && Boolean(seen.add(id));
    const outcomes = [];
    for (const [message, privateKey, senderKey] of [
      [received, ben, ann],
      [received, ben, ann],
      [{ ...received, group_id: 'grp_1' }, ben, ann],
      [{ ...received, recipient_connection_id: 'conn_carl' }, carl, ann],
      [{ ...received, sender_connection_id: 'conn_eve' }, ben, ann],
      [{ ...received, message: byEve }, ben, ann],
      [received, dan, ann],
      [changed({ ciphertext: flipped(jwe.ciphertext) }), ben, ann],
      [changed({ tag: flipped(jwe.tag) }), ben, ann],
      [changed({ protected: Buffer.from('{"alg":"ECDH-ES+A256KW","enc":"A128GCM"}').toString('base64url') }), ben, ann],
      [later, carl, ann],
    ])
      outcomes.push(await open(message, { privateKey, senderKey: publicPart(senderKey), isNew }).catch(() => 'refused'));
    console.log(outcomes.join());
  `;
  const output = await reader.run(process.execPath, '--input-type=module', '-e', attacks);
  assert.equal(output.trim(), ['secret', ...Array(9).fill('refused'), 'later'].join());
});

test('the first agent survives a message that it cannot answer, and takes only what is for it', async () => {
  await using world = new InProcessWorld({ MAX_PAYLOAD_SIZE: '100', INBOX_LEASE_MS: '1000' });
  await world.startApi();
  await using reader = new Reader({ MAHILO: world.url });
  reader.save('echo.mjs');
  const ben = reader.start('echo.mjs', 'ben');
  await eventually(() => ben.lines.includes('ben is here.'));
  const owner = new Client(() => world.url, 'ben', reader.keyOf('ben'));
  const [{ id }] = await owner.ok('GET', '/agents');
  const other = await owner.connectPolling('other');
  const ann = await world.nobody.register('ann');
  await ann.befriend(owner);
  const say = (message: string, to: string) =>
    ann.ok('POST', '/messages/send', { recipient: 'ben', recipient_connection_id: to, message });
  await say('Not for this agent', other);
  await say('x'.repeat(100), id);
  await say('Next', id);
  await eventually(() => ben.lines.includes('ann: Next'));
  await eventually(async () => (await owner.ok('GET', `/inbox?connection_id=${id}`)).length === 0);
  assert.ok(!ben.lines.includes('ann: Not for this agent'));
  const [kept] = await owner.ok('GET', `/inbox?connection_id=${other}`);
  assert.equal(kept.message, 'Not for this agent');
});

test('a name that is taken, an old key file and a missing WebSocket are told in sentences', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  await world.nobody.register('ben');
  await using reader = new Reader({ MAHILO: world.url, MAHILO_KEY: 'none' });
  reader.save('echo.mjs', 'socket.mjs', 'events.mjs', 'sealed.mjs', 'secret.mjs');
  const failing = async (...programArguments: string[]) => {
    const failure = await reader.run(process.execPath, ...programArguments).then(
      () => assert.fail('It went on.'),
      (error) => error,
    );
    assert.equal(failure.code, 1);
    assert.doesNotMatch(failure.stderr, /\n\s+at /, 'no stack');
    return failure.stderr;
  };
  assert.match(await failing('echo.mjs', 'ben'), /USERNAME_EXISTS.*\nTake another name/);
  reader.write('ben.key', `mhl_aaaaaaaa_${'b'.repeat(40)}\n`);
  assert.match(await failing('echo.mjs', 'ben'), /UNAUTHORIZED.*\nThe key in ben\.key/);
  assert.match(await failing('--no-experimental-websocket', 'socket.mjs'), /^This needs Node 22/);
  for (const program of ['events.mjs', 'socket.mjs'])
    assert.equal(await failing(program), 'MAHILO_KEY is no key of this registry, or an old one.\n');
  assert.equal(await failing('secret.mjs'), 'ANN_KEY is no key of this registry, or an old one.\n');
});

test('the callback server in the guide prints a message once, and refuses what is forged', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  await world.startWorker();
  const [ann, ben] = [await world.nobody.register('ann'), await world.nobody.register('ben')];
  await ann.befriend(ben);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const agent = { framework: 'guide', label: 'called', callback_url: url };
  const { callback_secret } = await ben.ok('POST', '/agents', agent);
  await using reader = new Reader({ CALLBACK_SECRET: callback_secret, PORT: String(port) });
  reader.save('callback.mjs');
  const { lines } = reader.start('callback.mjs');
  const forge = async () => (await fetch(url, { method: 'POST', body: '{}' })).status;
  assert.equal(await eventually(forge), 401);
  const { message_id } = await ann.send(ben, 'Are you there?');
  await eventually(async () => (await ann.ok('GET', `/messages/${message_id}`)).status === 'delivered');
  const [{ id }] = await ann.ok('GET', '/deliveries');
  // The first attempts may have found no server yet.
  const attempts = async () => (await ann.ok('GET', `/deliveries/${id}/attempts`)).length;
  const before = await attempts();
  await ann.ok('POST', `/deliveries/${id}/resend`);
  await eventually(async () => (await attempts()) > before);
  await ann.send(ben, 'And now?');
  await eventually(() => lines.includes('ann: And now?'));
  assert.equal(await forge(), 401);
  assert.deepEqual(lines, ['ann: Are you there?', 'ann: And now?']);
});

test('every JSON in the guide is JSON', () => {
  const blocks = codeBlocks(GUIDE, 'json');
  assert.ok(blocks.length > 5);
  for (const block of blocks) assert.doesNotThrow(() => JSON.parse(block), block);
});

test('events.mjs and socket.mjs in the guide see every event once, also through a crash of the registry', async () => {
  await using world = new InProcessWorld();
  const api = await world.startApi();
  await using network = await CutProxy.start(() => world.url);
  const [ann, ben] = [await world.nobody.register('ann'), await world.nobody.register('ben')];
  await using reader = new Reader({ MAHILO: network.url, MAHILO_KEY: ben.apiKey ?? '' });
  const programs = ['events.mjs', 'socket.mjs'];
  reader.save(...programs);
  const outputs = programs.map((program) => reader.start(program).lines);
  const haveLines = (count: number) => eventually(() => outputs.every(({ length }) => length === count));
  await haveLines(1);
  const { friendship_id } = await ann.ok('POST', '/friends/request', { username: 'ben' });
  await haveLines(2);
  await breakDown(network, async () => {
    await api.close();
    await world.startApi();
  });
  await ben.connectPolling();
  await ben.ok('POST', `/friends/${friendship_id}/accept`);
  const { message_id } = await ann.send(ben, 'Hi');
  await haveLines(4);
  for (const [first, asked, again, received] of outputs) {
    assert.equal(first, 'connection {"username":"ben","events_lost":false}');
    assert.match(String(asked), /^friend_request \{.*"username":"ann"/);
    assert.equal(again, 'connection {"username":"ben","resumed_after":"1","events_lost":false}');
    assert.ok(received?.startsWith('message_received {') && received.includes(message_id));
  }
});
