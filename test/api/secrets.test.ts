import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { postgresServer } from '@mahilo/shared/test/dialect';
import type { Answer, Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import type { ProductProcess } from '../world/process.ts';
import { World } from '../world/world.ts';
import { askWithKeyInUrl } from './keys-in-urls.ts';

const SECRET_KEY = 'the-master-key-of-this-registry-0123456789';

const MESSAGE = 'what Ann has to say to Ben alone';

const world = new World({
  SECRET_KEY,
  LOG_LEVEL: 'trace',
  METRICS_PORT: '0',
  STREAM_HEARTBEAT_MS: '300',
});
const processes: ProductProcess[] = [];
/** Every secret of the run, in every form in which careless code could keep it. */
const secrets = new Map<string, Buffer>();
/** Answers of the API that must not contain a secret. */
const answers: string[] = [];

function keep(name: string, secret: string): string {
  secrets.set(name, Buffer.from(secret));
  secrets.set(`${name} in base64`, Buffer.from(Buffer.from(secret).toString('base64').replace(/=+$/, '')));
  return secret;
}

function keepKey(name: string, key: string): void {
  keep(name, key);
  keep(`secret part of ${name}`, key.split('_')[2] ?? '');
}

function keepCallbackSecret(name: string, secret: string): void {
  keep(name, secret);
  if (secret.startsWith('whsec_')) secrets.set(`bytes of ${name}`, Buffer.from(secret.slice(6), 'base64'));
}

/** A right key and a wrong one. */
const keysInUrls: string[] = [];

/** Answers of the internal listeners. */
const internalPages: string[] = [];

/** The bytes of the database, by name of the file and moment; of a server there is one text of all that it keeps. */
const files = new Map<string, Buffer>();

async function keepFiles(when: string): Promise<void> {
  if (postgresServer() !== undefined) files.set(`database ${when}`, await world.store.contents());
  for (const file of readdirSync(world.directory)) {
    files.set(`${file} ${when}`, readFileSync(join(world.directory, file)));
  }
}

const KEPT = postgresServer() === undefined ? ['mahilo.db', 'mahilo.db-wal'] : ['database'];

async function call(user: Client, ...request: Parameters<Client['call']>): Promise<Answer> {
  const answer = await user.call(...request);
  answers.push(JSON.stringify([answer.json, [...answer.headers]]));
  return answer;
}

/** Uses keys and secrets in every way, with every mistake that could reveal one. */
before(async () => {
  keep('SECRET_KEY', SECRET_KEY);
  processes.push(await world.startApi(), await world.startWorker());
  const agent = await world.startAgent();
  const ann = await world.nobody.register('ann');
  const ben = await world.nobody.register('ben');
  keepKey('Ann’s key', ann.apiKey ?? '');
  keepKey('Ben’s key', ben.apiKey ?? '');
  const made = await ben.connect(agent.url);
  keepCallbackSecret('a made callback secret', made.callback_secret);
  const body = {
    framework: 'test',
    label: 'main',
    callback_url: agent.url,
    public_key: 'AAAA',
    public_key_alg: 'ed25519',
  };
  const rotated = await ben.ok('POST', '/agents', { ...body, rotate_secret: true });
  keepCallbackSecret('a rotated callback secret', rotated.callback_secret);
  const chosen = keep('a chosen callback secret', 'correct horse battery staple');
  await call(ben, 'POST', '/agents', { ...body, callback_secret: chosen });
  await ann.befriend(ben);

  agent.behave = (_request, response) => response.writeHead(agent.received.length < 2 ? 500 : 200).end();
  const { message_id } = await ann.send(ben, MESSAGE, { context: MESSAGE });
  await eventually(async () => (await ann.ok('GET', `/messages/${message_id}`)).status === 'delivered');

  await makeMistakes(ann, ben, body, chosen, made.connection_id);
  await askWithKeysInUrls(ann);
  const { api_key } = await ben.ok('POST', '/auth/rotate-key');
  keepKey('Ben’s new key', api_key);
  await call(ben, 'GET', '/auth/me');
  for (const started of processes) {
    const { url } = await started.logged(/^Internal listener/);
    for (const page of ['/metrics', '/health', '/ready']) {
      internalPages.push(await (await fetch(`${url}${page}`)).text());
    }
  }
  await keepFiles('while it runs');
  await Promise.all(processes.map((started) => started.kill('SIGTERM')));
  await keepFiles('afterwards');
});
after(() => world[Symbol.asyncDispose]());

async function askWithKeysInUrls({ apiKey = '' }: Client): Promise<void> {
  keysInUrls.push(apiKey, `mhl_${'A'.repeat(12)}_${'B'.repeat(36)}`);
  for (const key of keysInUrls) await askWithKeyInUrl(world, key);
  await processes[0]?.logged('Live stream ended');
}

async function makeMistakes(
  ann: Client,
  ben: Client,
  body: object,
  secret: string,
  connectionId: string,
): Promise<void> {
  const key = ann.apiKey ?? '';
  await call(ann, 'GET', `/messages?api_key=${key}`);
  await call(ann, 'GET', `/nowhere?api_key=${key}`);
  await call(ann, 'POST', '/auth/register', `{"username":"${key}", "api_key": ${key}`);
  await call(ann, 'POST', '/auth/register', `{"username":"x","api_key":"${key}"}`, {
    'content-type': 'text/plain',
  });
  await call(world.nobody, 'GET', '/auth/me', undefined, { authorization: `Basic ${key}` });
  await call(world.nobody, 'GET', '/auth/me', undefined, {
    authorization: `Bearer ${key}x`,
    cookie: key,
    'x-api-key': key,
  });
  await call(ben, 'POST', '/agents', {
    ...body,
    callback_secret: secret,
    mode: 'wrong',
    rotate_secret: 'yes',
  });
  await call(ben, 'POST', '/agents', {
    ...body,
    callback_secret: secret,
    callback_url: `https://ben:${encodeURIComponent(secret)}@agent.example/`,
  });
  await call(ben, 'POST', '/agents', { ...body, callback_secret: secret.repeat(3) });
  const { x = '', d = '' } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
  keep('a private key', d);
  for (const kty of ['OKP', 'oct']) {
    const jwk = { kty, crv: 'X25519', x, d, k: d, kid: d.repeat(2) };
    await call(ben, 'POST', '/agents', { ...body, public_keys: { keys: [jwk] } });
  }
  await call(ben, 'POST', '/agents', { ...body, public_key: JSON.stringify({ kty: 'OKP', x, d }) });
  await call(ben, 'POST', '/agents', { ...body, callback_secret: { secret } });
  for (const path of ['/auth/me', '/agents', '/friends', '/messages', '/deliveries'])
    await call(ben, 'GET', path);
  await call(ann, 'GET', '/contacts/ben/connections');
  const link = keep('a link for friends', (await ben.ok('POST', '/friends/links')).token);
  const { group_id } = await ben.ok('POST', '/groups', { name: 'secret-links' });
  const toGroup = keep('a link to a group', (await ben.ok('POST', `/groups/${group_id}/links`, {})).token);
  for (const way of ['read', 'join', 'join'])
    await call(ann, 'POST', `/groups/links/${way}`, { token: toGroup });
  const escaped = `%${link.charCodeAt(0).toString(16)}${link.slice(1)}`;
  for (const token of [link, escaped]) {
    await call(ann, 'GET', `/friends/links/${token}`);
    await call(ann, 'PUT', `/friends/links/${token}`);
    await call(ann, 'POST', `/friends/links/${token}/accept`);
    await call(world.nobody, 'POST', `/friends/links/${token}/accept`);
  }
  await call(ben, 'POST', `/agents/${connectionId}/ping`);
  await call(ben, 'POST', `/agents/${connectionId}/recover`, { since: 0 });
}

function assertNoSecrets(place: string, bytes: Buffer): void {
  for (const [name, secret] of secrets) assert.ok(!bytes.includes(secret), `${place} contains ${name}`);
}

test('no secret stands in a log line, whatever the level and the mistake', () => {
  for (const { lines, errors } of processes) {
    assert.ok(lines.length > 0);
    assertNoSecrets('The log', Buffer.from([...lines, ...errors].join('\n')));
  }
});

test('a key in a URL reaches no log, however much is logged and whatever becomes of the request', () => {
  const written = processes.flatMap(({ lines, errors }) => [...lines, ...errors]).join('\n');
  assert.ok(written.includes('/api/v1/notifications/ws'));
  assert.equal(keysInUrls.length, 2);
  for (const key of keysInUrls) assert.ok(!written.includes(key.slice(4)), 'the key is in the log');
});

test('no message stands in a log line', () => {
  for (const { lines, errors } of processes) {
    assert.ok(![...lines, ...errors].join('\n').includes(MESSAGE));
  }
});

test('no secret, message or name stands in a metric', () => {
  assert.equal(internalPages.length, 6);
  const pages = internalPages.join('\n');
  assertNoSecrets('The internal listener', Buffer.from(pages));
  assert.doesNotMatch(pages, new RegExp(`${MESSAGE}|\\b(ann|ben)\\b|127\\.0\\.0\\.1|(usr|msg|dlv|conn)_`));
});

test('no secret stands in an answer but the one that hands it out', () => {
  assert.ok(answers.length > 15);
  assertNoSecrets('An answer', Buffer.from(answers.join('\n')));
});

test('the database alone holds no secret', () => {
  for (const name of KEPT) assert.ok(files.has(`${name} while it runs`), name);
  for (const [name, bytes] of files) assertNoSecrets(name, bytes);
});

test('the search finds what is there', () => {
  for (const name of [`${KEPT.at(-1)} while it runs`, `${KEPT[0]} afterwards`]) {
    assert.ok(files.get(name)?.includes(MESSAGE), name);
  }
  assert.ok(processes.some(({ lines }) => lines.some((line) => line.includes('/api/v1/nowhere'))));
});
