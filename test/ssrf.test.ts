import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { after, before, test } from 'node:test';
import type { Client } from './world/client.ts';
import { eventually } from './world/eventually.ts';
import { InProcessWorld } from './world/in-process-world.ts';

const CORPUS: string[] = JSON.parse(
  readFileSync(new URL('../packages/shared/test/data/ssrf-must-refuse.json', import.meta.url), 'utf8'),
).urls;

/** Listens on every address of this machine. A request that arrives has passed the guard. */
class Canary implements AsyncDisposable {
  connections = 0;
  readonly #server: Server = createServer((socket) => {
    this.connections += 1;
    socket.destroy();
  });

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '::', resolve));
    return this;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

let world: InProcessWorld;
let canary: Canary;
let ann: Client;
let ben: Client;

before(async () => {
  canary = await new Canary().start();
  world = await InProcessWorld.start({
    NODE_ENV: 'production',
    ALLOW_PRIVATE_IPS: 'false',
    MAX_RETRIES: '0',
    CALLBACK_TIMEOUT_MS: '2000',
  });
  ann = await world.nobody.register('ann');
  ben = await world.nobody.register('ben');
  await ann.befriend(ben);
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await canary[Symbol.asyncDispose]();
});

/** The same host, at the port of the canary. */
function atCanary(url: string): string | undefined {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return undefined;
  parsed.port = String(canary.port);
  return parsed.href;
}

function register(url: string, label: string) {
  return ben.call('POST', '/agents', {
    framework: 'test',
    label,
    callback_url: url,
    public_key: 'AAAA',
    public_key_alg: 'ed25519',
  });
}

test('no URL of the public corpus of SSRF attacks can be registered', async () => {
  for (const [n, url] of CORPUS.entries()) {
    for (const attack of [url, atCanary(url)].filter((given) => given !== undefined)) {
      const answer = await register(attack, `attack ${n}`);
      assert.equal(answer.status, 400, `${attack} was registered`);
      assert.equal(answer.json.code, 'INVALID_CALLBACK_URL');
    }
  }
  assert.equal(canary.connections, 0);
});

test('no URL of the corpus is called, even if it stands in the database already', async () => {
  const attacks = CORPUS.map(atCanary).filter((url) => url !== undefined);
  const placeholder = 'https://agent.example.invalid/callback';
  const connections: string[] = [];
  for (const n of attacks.keys())
    connections.push((await register(placeholder, `row ${n}`)).json.connection_id);
  const { store } = world;
  for (const [n, url] of attacks.entries())
    await store.query('update connections set callback_url = ? where id = ?', url, connections[n]);

  const sent = new Map<string, string>();
  for (const [n, recipient_connection_id] of connections.entries()) {
    const { delivery_id } = await ann.send(ben, 'hello', { recipient_connection_id });
    sent.set(delivery_id, attacks[n] ?? '');
  }
  const waiting = () => store.query("select id from outbox where state in ('pending', 'leased')");
  await eventually(async () => (await waiting()).length === 0, 60_000);
  const ends = await store.query<{ delivery_id: string; outcome: string }>(
    'select delivery_id, outcome from delivery_attempts',
  );
  for (const { delivery_id, outcome } of ends) {
    assert.equal(outcome, 'refused_address', `${sent.get(delivery_id)} ended as ${outcome}`);
  }
  assert.equal(ends.length, sent.size);
  assert.equal(canary.connections, 0);
});
