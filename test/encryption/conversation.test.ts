import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Mahilo, MahiloError, receive } from '@mahilo/client';
import { Webhook } from 'standardwebhooks';
import { InProcessWorld } from '../world/in-process-world.ts';
import { friends, type Keyed, keyed, MemoryKeys, read, withKeys } from './keyed-people.ts';
import { withJose, withNodeCrypto } from './other-readers.ts';

const CIPHERTEXT = 'application/mahilo+ciphertext';
const OTHERS = { 'the library jose': withJose, 'node:crypto': withNodeCrypto };

// What cannot be opened is not acknowledged, and must not come again during the tests.
const world = new InProcessWorld({ INBOX_LEASE_MS: '3600000' });
let [ann, ben]: Keyed[] = [];
before(async () => {
  await world.startApi();
  ({ ann, ben } = await friends(world));
});
after(() => world[Symbol.asyncDispose]());

const people = () => {
  assert.ok(ann && ben);
  return { ann, ben };
};

const isRefusal = (code: string) => (error: unknown) => error instanceof MahiloError && error.code === code;

test('what is encrypted is read by its recipient, and stands nowhere in the open', async () => {
  const { ann, ben } = people();
  const sent = await ann.mahilo.send({
    to: ben.client.username,
    message: 'the treasure is under the oak 🌳',
    encrypt: 'required',
    topic: 'treasure',
    context: 'the oak of grandmother',
  });
  assert.deepEqual([sent.encrypted, sent.first_use], [true, [ben.client.username]]);
  const [delivery, ...more] = await read(ben);
  assert.deepEqual(more, []);
  assert.deepEqual(
    [
      delivery?.message,
      delivery?.payload_type,
      delivery?.context,
      delivery?.correlation_id,
      delivery?.verified,
    ],
    ['the treasure is under the oak 🌳', 'text/plain', 'the oak of grandmother', 'treasure', true],
  );
  const stored = await ann.mahilo.request('GET', `/messages/${sent.message_id}`);
  assert.deepEqual([stored.status, stored.payload_type], ['delivered', CIPHERTEXT]);
  const answer = {
    to: ann.client.username,
    message: 'dig it up',
    encrypt: true,
    inResponseTo: sent.message_id,
  };
  assert.equal((await ben.mahilo.send(answer)).encrypted, true);
  const [reply] = await read(ann);
  assert.deepEqual(
    [reply?.message, reply?.in_response_to, reply?.verified],
    ['dig it up', sent.message_id, true],
  );
  const contents = await world.store.contents();
  for (const words of ['treasure is under', 'oak of grandmother', 'dig it up'])
    assert.ok(!contents.includes(words), words);
});

for (const [name, other] of Object.entries(OTHERS)) {
  test(`${name} alone reads what the client writes, and the client reads what it writes`, async () => {
    const { ann, ben } = people();
    await ann.mahilo.send({
      to: ben.client.username,
      message: 'grüße 👋',
      encrypt: true,
      idempotencyKey: `greeting by ${name}`,
    });
    const [raw] = await ben.client.fetch();
    const { encrypt, sign } = ben.keys.own;
    assert.equal(raw.encryption.key_id, encrypt.kid);
    const letter = await other.read(raw.message, encrypt, ann.keys.own.sign);
    assert.deepEqual(
      [letter.text, letter.from, letter.to, letter.jti],
      ['grüße 👋', ann.connectionId, ben.connectionId, `greeting by ${name}`],
    );
    assert.ok(Math.abs(letter.iat - Date.now() / 1000) < 600);
    await ben.client.acknowledge([raw]);

    const iat = Math.floor(Date.now() / 1000);
    const claims = { from: ben.connectionId, to: ann.connectionId, iat, jti: `answer by ${name}` };
    const message = await other.write({ text: 'grüße zurück 👋', ...claims }, sign, [ann.keys.own.encrypt]);
    await ben.mahilo.send({
      to: ann.client.username,
      agent: ann.connectionId,
      from: ben.connectionId,
      message,
      payloadType: CIPHERTEXT,
      encryption: { alg: 'ECDH-ES+A256KW', key_id: ann.keys.own.encrypt.kid },
    });
    const [answer] = await read(ann);
    assert.deepEqual([answer?.message, answer?.verified], ['grüße zurück 👋', true], JSON.stringify(answer));
  });
}

test('a group gets one ciphertext, which each member reads and nobody else', async () => {
  const { ann, ben } = people();
  const cid = await keyed(world, 'cid');
  const { group_id: group } = await ann.mahilo.request('POST', '/groups', {
    body: { name: 'club', invite_only: false },
  });
  const alone = ann.mahilo.send({ to: group, message: 'x', encrypt: 'required' });
  await assert.rejects(alone, /No other member of the group has an agent with keys/);
  for (const { mahilo } of [ben, cid]) await mahilo.request('POST', `/groups/${group}/join`);
  const sent = await ann.mahilo.send({ to: group, message: 'to all of you', encrypt: 'required' });
  assert.deepEqual([sent.encrypted, sent.first_use], [true, [cid.client.username]]);
  assert.equal(new Set(ann.wire.sent.map(({ message }) => message)).size, ann.wire.sent.length);
  assert.equal(ann.wire.sent.at(-1).encryption.key_id, undefined);
  const { recipients } = JSON.parse(ann.wire.sent.at(-1).message);
  assert.deepEqual(
    recipients.map(({ header }: { header: { kid: string } }) => header.kid).sort(),
    [ben, cid].map(({ keys }) => keys.own.encrypt.kid).sort(),
  );
  // Cid and Ann are no friends.
  for (const member of [ben, cid]) {
    const [delivery] = await read(member);
    assert.deepEqual(
      [delivery?.message, delivery?.verified],
      ['to all of you', true],
      JSON.stringify(delivery),
    );
  }
  await cid.mahilo.send({ to: group, message: 'hello', encrypt: true });
  for (const member of [ann, ben])
    assert.deepEqual(
      (await read(member)).map(({ message }) => message),
      ['hello'],
    );

  const dora = await world.newcomer('dora');
  await dora.connectPolling();
  await dora.ok('POST', `/groups/${group}/join`);
  // Ben has only read there.
  for (const { mahilo } of [ann, ben])
    await assert.rejects(mahilo.send({ to: group, message: 'x', encrypt: true }), isRefusal('NO_KEYS'));
});

test('who has no keys gets the text in the open, unless encryption is required', async () => {
  const { ann } = people();
  const eve = await world.newcomer('eve');
  await ann.client.befriend(eve);
  await eve.connectPolling();
  const message = { to: eve.username, message: 'in the open' };
  await assert.rejects(ann.mahilo.send({ ...message, encrypt: 'required' }), isRefusal('NO_KEYS'));
  assert.equal((await ann.mahilo.send({ ...message, encrypt: true })).encrypted, false);
  const [received] = await eve.fetch();
  assert.deepEqual([received.message, received.payload_type], ['in the open', 'text/plain']);

  await eve.ok('POST', '/messages/send', {
    recipient: ann.client.username,
    message: 'plain',
    recipient_connection_id: ann.connectionId,
  });
  const [plain] = await read(ann);
  assert.deepEqual([plain?.message, plain?.verified], ['plain', false]);
});

test('the same message under the same idempotency key is one, though each encryption is another', async () => {
  const { ann } = people();
  // The first message shows her keys for the first time; the others do not.
  const gil = await keyed(world, 'gil');
  await ann.client.befriend(gil.client);
  const message = {
    to: gil.client.username,
    message: 'once',
    encrypt: 'required',
    idempotencyKey: 'only once',
  } as const;
  const both = await Promise.all([ann.mahilo.send(message), ann.mahilo.send(message)]);
  const again = await ann.mahilo.send(message);
  assert.equal(new Set([...both, again].map(({ message_id }) => message_id)).size, 1);
  assert.ok('deduplicated' in again);
  await assert.rejects(ann.mahilo.send({ ...message, message: 'other' }), isRefusal('IDEMPOTENCY_CONFLICT'));
  assert.deepEqual(
    (await read(gil)).map(({ message: text }) => text),
    ['once'],
  );
});

test('new keys are a change for others until they have compared the digits, which are the same on both sides', async () => {
  const { ann, ben } = { ann: people().ann, ben: await keyed(world, 'bob') };
  const bob = ben.client.username;
  await ann.client.befriend(ben.client);
  await ann.mahilo.send({ to: bob, message: 'first', encrypt: true });
  await read(ben);
  const before = ben.keys.own.encrypt.x;
  const shownBefore = await ann.client.ok('GET', `/contacts/${bob}/connections`);
  await ben.mahilo.connect({ label: 'main', newKeys: true });
  assert.notEqual(ben.keys.own.encrypt.x, before);

  const message = { to: bob, message: 'second', encrypt: true };
  await assert.rejects(ann.mahilo.send(message), isRefusal('KEY_CHANGED'));
  // The registry also refuses when the change comes between the look at the keys and the send.
  const answers = [shownBefore];
  const sentBefore = ann.wire.sent.length;
  ann.wire.tamper = (path, json) => (path.startsWith('/contacts/') ? (answers.shift() ?? json) : json);
  await assert.rejects(ann.mahilo.send(message), isRefusal('KEY_CHANGED'));
  ann.wire.tamper = undefined;
  assert.equal(ann.wire.sent.length, sentBefore + 1);
  await ben.mahilo.send({ to: ann.client.username, message: 'it is me', encrypt: true });
  const [closed] = await read(ann);
  assert.deepEqual(
    [closed?.unopened?.code, closed?.verified, closed?.payload_type],
    ['KEY_CHANGED', false, CIPHERTEXT],
  );

  const [theirs] = await ann.mahilo.verify(bob);
  const [mine] = await ben.mahilo.verify(ann.client.username);
  assert.match(theirs?.safety_number ?? '', /^(?:\d{5} ){11}\d{5}$/);
  assert.equal(theirs?.safety_number, mine?.safety_number);
  assert.equal(theirs?.standing, 'changed');
  const [accepted] = await ann.mahilo.verify(bob, { accept: true });
  assert.equal(accepted?.standing, 'accepted');
  assert.equal((await ann.mahilo.send(message)).encrypted, true);
  const texts = (await read(ben)).map(({ message: text }) => text);
  assert.deepEqual(texts, ['second']);
  // It was not acknowledged, and is readable now.
  const waiting = await ann.mahilo.request('GET', `/messages/${closed?.message_id}`);
  assert.equal(waiting.status, 'pending');
  const opened = await ann.mahilo.open(waiting);
  assert.deepEqual([opened.message, 'verified' in opened && opened.verified], ['it is me', true]);
});

test('what was encrypted for keys before is still read', async () => {
  const { ann } = people();
  const ida = await keyed(world, 'ida');
  await ann.client.befriend(ida.client);
  await ann.mahilo.send({ to: ida.client.username, message: 'on its way', encrypt: true });
  await ida.mahilo.connect({ label: 'main', newKeys: true });
  assert.deepEqual(
    (await read(ida)).map(({ message }) => message),
    ['on its way'],
  );
});

test('an agent whose keys are elsewhere gets no others unless that is asked for', async () => {
  const { ben } = people();
  await assert.rejects(withKeys(world, ben.client), isRefusal('KEYS_ELSEWHERE'));
  const [agent] = await ben.client.ok('GET', '/agents');
  assert.equal(agent.public_keys.keys[0].x, ben.keys.own.encrypt.x);
});

test('receive opens a callback; what is kept holds no text', async () => {
  const { ann, ben } = people();
  await ann.mahilo.send({ to: ben.client.username, message: 'by callback', encrypt: true });
  const [{ receipt: _, ...raw }] = await ben.client.fetch();
  await ben.client.acknowledge([raw]);
  const [secret, body] = [`whsec_${Buffer.alloc(32, 7).toString('base64')}`, JSON.stringify(raw)];
  const request = () =>
    new Request('http://agent.example/', {
      method: 'POST',
      body,
      headers: {
        'webhook-id': raw.message_id,
        'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
        'webhook-signature': new Webhook(secret).sign(raw.message_id, new Date(), body),
      },
    });
  const message = await receive(request(), secret, { mahilo: ben.mahilo });
  assert.deepEqual([message?.message, message?.verified], ['by callback', true]);
  assert.equal(await receive(request(), secret, { mahilo: ben.mahilo }), undefined);
  assert.ok(!ben.keys.kept?.includes('by callback'));
});

test('without keys of its own a client encrypts nothing, and says so', async () => {
  const { ann } = people();
  const fay = await world.newcomer('fay');
  await ann.client.befriend(fay);
  await fay.connectPolling();
  const message = { to: ann.client.username, message: 'x', encrypt: true };
  for (const [keys, code] of [
    [undefined, 'NO_KEYS'],
    [new MemoryKeys(), 'KEYS_ELSEWHERE'],
  ] as const) {
    const mahilo = new Mahilo({ url: world.url, key: fay.apiKey ?? '', keys });
    await assert.rejects(mahilo.send(message), isRefusal(code));
  }
});
