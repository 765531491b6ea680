import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Mahilo, MahiloError } from '@mahilo/client';
import { InProcessWorld } from '../world/in-process-world.ts';
import { friends, type Keyed, keyed, read, Wire } from './keyed-people.ts';
import { withNodeCrypto } from './other-readers.ts';

// What cannot be opened is not acknowledged, and must not come again during the tests.
const world = new InProcessWorld({ INBOX_LEASE_MS: '3600000' });
/** The registry's own agent, with keys like everybody's. */
let mallory: Keyed;
let here: { ann: Keyed; ben: Keyed };
before(async () => {
  await world.startApi();
  here = await friends(world);
  mallory = await keyed(world, 'mallory');
  const { ann, ben } = here;
  await ann.mahilo.send({ to: ben.client.username, message: 'hello', encrypt: true });
  await ben.mahilo.send({ to: ann.client.username, message: 'hello', encrypt: true });
  for (const one of [ann, ben]) assert.equal((await read(one)).length, 1);
});
afterEach(() => {
  for (const { wire } of [here.ann, here.ben]) wire.tamper = undefined;
});
after(() => world[Symbol.asyncDispose]());

const isRefusal = (code: string) => (error: unknown) => error instanceof MahiloError && error.code === code;

// biome-ignore lint/suspicious/noExplicitAny: answers of any form
type Json = any;

const publicKeysOf = ({ keys }: Keyed) => ({
  keys: [keys.own.encrypt, keys.own.sign].map(({ d: _, ...jwk }) => jwk),
});

/** Ann writes to Ben through a registry that may change her answers. */
async function annSends(message = 'secret', more: object = {}): Promise<void> {
  const { ann, ben } = here;
  await ann.mahilo.send({ to: ben.client.username, message, encrypt: true, ...more });
}

/** What Ben gets of one message of Ann's after the registry has changed it. */
async function benGets(tamper: (delivery: Json) => Json) {
  await annSends();
  here.ben.wire.tamper = (path, json) => (path === '/inbox' ? json.map(tamper) : json);
  const [delivery, ...more] = await read(here.ben);
  assert.deepEqual(more, []);
  here.ben.wire.tamper = undefined;
  return delivery;
}

const contacts = (change: (agents: Json[]) => Json[]) => (path: string, json: Json) =>
  path.startsWith('/contacts/') ? change(json) : json;

const SWAPS: Record<string, (agents: Json[]) => Json[]> = {
  'both keys': ([agent]) => [{ ...agent, public_keys: publicKeysOf(mallory) }],
  'the key to encrypt with': ([agent]) => {
    const [encrypt] = publicKeysOf(mallory).keys;
    return [{ ...agent, public_keys: { keys: [encrypt, agent.public_keys.keys[1]] } }];
  },
  'the agent for another': ([agent]) => [
    { ...agent, id: mallory.connectionId, public_keys: publicKeysOf(mallory) },
  ],
  'the agent for another with the right signing key': ([agent]) => {
    const [encrypt] = publicKeysOf(mallory).keys;
    return [
      { ...agent, id: mallory.connectionId, public_keys: { keys: [encrypt, agent.public_keys.keys[1]] } },
    ];
  },
  'the keys for what is no key': (agents) =>
    agents.map((agent) => ({ ...agent, public_keys: { keys: [null, 7, { crv: 'X25519' }] } })),
  'the keys for none': (agents) => agents.map(({ public_keys: _, ...agent }) => agent),
  'the agents for none': () => [],
  'the keys for Ann’s own': ([agent]) => [{ ...agent, public_keys: publicKeysOf(here.ann) }],
};
for (const [what, change] of Object.entries(SWAPS)) {
  test(`a registry that swaps ${what} gets no text`, async () => {
    here.ann.wire.tamper = contacts(change);
    const count = here.ann.wire.sent.length;
    await assert.rejects(annSends(), isRefusal('KEY_CHANGED'));
    assert.equal(here.ann.wire.sent.length, count, 'nothing was sent');
  });
}

test('an agent that a registry adds is not written to, with keys or without', async () => {
  const fake = {
    label: 'main',
    framework: 'test',
    status: 'active',
    routing_priority: 100,
    id: mallory.connectionId,
  };
  for (const keys of [{ public_keys: publicKeysOf(mallory) }, {}]) {
    here.ann.wire.tamper = contacts((agents) => [{ ...fake, ...keys }, ...agents]);
    await annSends();
    assert.equal(here.ann.wire.sent.at(-1).recipient_connection_id, here.ben.connectionId);
    const agent = mallory.connectionId;
    const code = 'public_keys' in keys ? 'KEY_CHANGED' : 'NO_KEYS';
    await assert.rejects(annSends('secret', { agent }), isRefusal(code));
  }
  assert.equal((await read(here.ben)).length, 2);
});

test('the keys of one person are not taken for another’s', async () => {
  const { ann, ben } = here;
  const cid = await keyed(world, 'cid');
  await ann.client.befriend(cid.client);
  // Ben would take it for a message to him.
  ann.wire.tamper = contacts((agents) =>
    agents.map((agent) => ({ ...agent, id: ben.connectionId, public_keys: publicKeysOf(ben) })),
  );
  const message = { to: cid.client.username, message: 'about ben', encrypt: true };
  await assert.rejects(ann.mahilo.send(message), isRefusal('KEY_CHANGED'));
});

const FORGERIES: Record<string, [code: string, tamper: (delivery: Json) => Promise<Json> | Json]> = {
  'a byte of the ciphertext': [
    'INVALID_CIPHERTEXT',
    (delivery) => {
      const jwe = JSON.parse(delivery.message);
      const ciphertext = `${jwe.ciphertext.startsWith('A') ? 'B' : 'A'}${jwe.ciphertext.slice(1)}`;
      return { ...delivery, message: JSON.stringify({ ...jwe, ciphertext }) };
    },
  ],
  'the sender': [
    'WRONG_ADDRESS',
    (delivery) => ({ ...delivery, sender_connection_id: mallory.connectionId }),
  ],
  'the recipient': [
    'WRONG_ADDRESS',
    (delivery) => ({ ...delivery, recipient_connection_id: mallory.connectionId }),
  ],
  'the group': ['WRONG_ADDRESS', (delivery) => ({ ...delivery, group_id: 'grp_01k8m2v7x4e9r8q3t5w6y7z8a9' })],
  'the JWE for an empty one': ['INVALID_CIPHERTEXT', (delivery) => ({ ...delivery, message: '{}' })],
  'the JWE for something else': ['INVALID_CIPHERTEXT', (delivery) => ({ ...delivery, message: 'null' })],
  'the recipients for none': [
    'NO_PRIVATE_KEY',
    (delivery) => ({
      ...delivery,
      message: JSON.stringify({ ...JSON.parse(delivery.message), recipients: [] }),
    }),
  ],
};
for (const [what, [code, tamper]] of Object.entries(FORGERIES)) {
  test(`a message whose registry changes ${what} stays closed`, async () => {
    const delivery = await benGets(tamper);
    assert.deepEqual([delivery?.unopened?.code, delivery?.verified], [code, false]);
    assert.notEqual(delivery?.message, 'secret');
  });
}

/** A message that the registry forges in the name of Ann and gives to Ben. */
async function forged(change: { signer?: Keyed; kid?: string; from?: string; to?: string; iat?: number }) {
  const { ann, ben } = here;
  const { signer = mallory, from = ann.connectionId, to = ben.connectionId } = change;
  const { iat = Math.floor(Date.now() / 1000), kid = signer.keys.own.sign.kid } = change;
  const letter = { text: 'forged', from, to, iat, jti: crypto.randomUUID() };
  return withNodeCrypto.write(letter, { ...signer.keys.own.sign, kid }, [ben.keys.own.encrypt]);
}

test('a letter of the registry’s own passes for nobody’s', async () => {
  const named = await forged({ kid: here.ann.keys.own.sign.kid });
  const unsigned = await benGets((one) => ({ ...one, message: named }));
  assert.deepEqual([unsigned?.unopened?.code, unsigned?.verified], ['INVALID_CIPHERTEXT', false]);
  const message = await forged({});
  const delivery = await benGets((one) => ({ ...one, message }));
  assert.deepEqual([delivery?.unopened?.code, delivery?.verified], ['UNKNOWN_KEY', false]);
  here.ben.wire.tamper = (path, json) =>
    path.startsWith('/contacts/')
      ? json.map((agent: Json) => ({ ...agent, public_keys: publicKeysOf(mallory) }))
      : json;
  const again = { ...delivery, message } as NonNullable<typeof delivery>;
  // It remembers an answer for a minute.
  const fresh = await withKeysOf(here.ben);
  fresh.wire.tamper = here.ben.wire.tamper;
  const opened = await fresh.mahilo.open(again);
  assert.ok('unopened' in opened && opened.unopened?.code === 'KEY_CHANGED', JSON.stringify(opened));
});

/** Another process of the same person, with the same keys. */
async function withKeysOf(person: Keyed): Promise<Keyed> {
  const wire = new Wire();
  const key = person.client.apiKey ?? '';
  const mahilo = new Mahilo({ url: world.url, key, keys: person.keys, fetch: wire.fetch, retries: 0 });
  return { ...person, wire, mahilo };
}

test('what Ann wrote to somebody else is not passed on to Ben, nor passed off as another’s', async () => {
  const { ann } = here;
  const toOther = await forged({ signer: ann, to: mallory.connectionId });
  const delivery = await benGets((one) => ({ ...one, message: toOther }));
  assert.equal(delivery?.unopened?.code, 'WRONG_ADDRESS');
  const asOthers = await benGets((one) => ({ ...one, sender: mallory.client.username }));
  assert.ok(asOthers?.unopened !== undefined && !asOthers.verified, JSON.stringify(asOthers));
});

test('what came once does not come again under another id, and is marked under its own', async () => {
  let kept: Json;
  const first = await benGets((one) => {
    kept = one;
    return one;
  });
  assert.deepEqual([first?.message, first?.verified, first?.repeated], ['secret', true, undefined]);
  const replayed = await benGets((one) => ({ ...kept, receipt: one.receipt, message_id: one.message_id }));
  assert.deepEqual([replayed?.unopened?.code, replayed?.verified], ['REPLAYED', false]);
  const repeated = await benGets((one) => ({ ...kept, receipt: one.receipt }));
  assert.deepEqual([repeated?.message, repeated?.repeated], ['secret', true]);
});

test('a message of the future stays closed; what comes late and out of order has the time of its signature', async () => {
  const { ann } = here;
  const future = await forged({ signer: ann, iat: Date.now() / 1000 + 3600 });
  assert.equal((await benGets((one) => ({ ...one, message: future })))?.unopened?.code, 'STALE_MESSAGE');
  const [monday, tuesday] = [1_764_000_000, 1_764_086_400];
  for (const iat of [tuesday, monday]) {
    const late = await forged({ signer: ann, iat });
    const delivery = await benGets((one) => ({ ...one, message: late }));
    assert.deepEqual(
      [delivery?.message, delivery?.signed_at],
      ['forged', new Date(iat * 1000).toISOString()],
    );
  }
});

test('what the registry says of a message counts only if its sender has signed it', async () => {
  const delivery = await benGets((one) => ({
    ...one,
    correlation_id: 'other',
    in_response_to: 'msg_other',
    context: 'other',
    verified: true,
    repeated: true,
  }));
  assert.deepEqual(
    [
      delivery?.message,
      delivery?.correlation_id,
      delivery?.in_response_to,
      delivery?.context,
      delivery?.repeated,
    ],
    ['secret', undefined, undefined, undefined, undefined],
  );
  const open = await benGets((one) => ({
    ...one,
    message: 'forged in the open',
    payload_type: 'text/plain',
    verified: true,
    signed_at: '2026-01-01T00:00:00.000Z',
  }));
  assert.deepEqual([open?.verified, open?.signed_at], [false, undefined]);
});

test('a group that was written to encrypted gets nothing in the open, nor with keys that are not its members’', async () => {
  const { ann, ben } = here;
  const body = { name: 'club', invite_only: false };
  const { group_id: to } = await ann.mahilo.request('POST', '/groups', { body });
  await ben.mahilo.request('POST', `/groups/${to}/join`);
  const message = { to, message: 'to the club', encrypt: true };
  assert.equal((await ann.mahilo.send(message)).encrypted, true);
  const members = (change: (member: Json) => Json) => (path: string, json: Json) =>
    path.endsWith('/members') ? json.map(change) : json;
  ann.wire.tamper = members(({ public_keys: _, ...member }) => member);
  await assert.rejects(ann.mahilo.send(message), isRefusal('KEY_CHANGED'));
  ann.wire.tamper = members((member) => ({ ...member, public_keys: publicKeysOf(mallory) }));
  await assert.rejects(ann.mahilo.send(message), isRefusal('KEY_CHANGED'));
  const lurker = { username: 'lurker', status: 'active', connection_id: mallory.connectionId };
  ann.wire.tamper = (path, json) => (path.endsWith('/members') ? [...json, lurker] : json);
  await assert.rejects(ann.mahilo.send(message), isRefusal('NO_KEYS'));
  // From then on a member that it adds, with keys, can read along: the page says so, and the sender sees the name.
  ann.wire.tamper = (path, json) =>
    path.endsWith('/members') ? [...json, { ...lurker, public_keys: publicKeysOf(mallory) }] : json;
  assert.deepEqual((await ann.mahilo.send(message)).first_use, ['lurker']);
  ann.wire.tamper = undefined;
  assert.equal((await read(ben)).length, 2);
});

test('keys that change between the look and the acceptance are not accepted', async () => {
  const { ann, ben } = here;
  const nemo = publicKeysOf(await keyed(world, 'nemo'));
  const swap = contacts((agents) => agents.map((agent) => ({ ...agent, public_keys: nemo })));
  const [shown] = await ann.mahilo.verify(ben.client.username);
  assert.equal(shown?.standing, 'pinned');
  ann.wire.tamper = swap;
  await assert.rejects(ann.mahilo.verify(ben.client.username, { accept: true }), isRefusal('KEY_CHANGED'));
  ann.wire.tamper = undefined;
  await annSends('still the same keys');
  assert.equal((await read(ben)).at(-1)?.message, 'still the same keys');
});

test('digits show a registry that stood between two people from the beginning', async () => {
  const [one, other] = [await keyed(world, 'one'), await keyed(world, 'other')];
  await one.client.befriend(other.client);
  one.wire.tamper = contacts((agents) =>
    agents.map((agent) => ({ ...agent, public_keys: publicKeysOf(mallory) })),
  );
  other.wire.tamper = one.wire.tamper;
  const [ones] = await one.mahilo.verify(other.client.username);
  const [others] = await other.mahilo.verify(one.client.username);
  assert.notEqual(ones?.safety_number, others?.safety_number);
});
