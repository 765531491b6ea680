import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { GREATEST, LEAST } from '@mahilo/shared/db/words/words';
import { numbersTo, zeroed } from '@mahilo/shared/test/numbers';
import { sql } from 'kysely';
import { newKey, newKeySet } from './jwk.ts';
import { Person } from './person.ts';
import { type TestApp, testApp } from './test-app.ts';

let here: TestApp;
let ann: Person;
let ben: Person;

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '10000' });
  [ann, ben] = [await Person.register(here.app, 'ann'), await Person.register(here.app, 'ben')];
  await ann.befriend(ben);
});
after(() => here[Symbol.asyncDispose]());

/** What a friend of Ben sees of one of his agents. */
async function shown(id: string) {
  const agents: { id: string }[] = await ann.ok('GET', '/contacts/ben/connections');
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
  return agents.find((agent) => agent.id === id) as any;
}

describe('Public keys', () => {
  test('are shown to their owner and to friends in one form, stay when they are left out, and go when there are none', async () => {
    const { encrypt, sign } = newKeySet();
    const given = {
      keys: [
        { ...sign.jwk, kid: sign.kid, alg: 'EdDSA' },
        { ...encrypt.jwk, use: 'enc', unknown: 1 },
      ],
    };
    const old = { public_key: 'AAAA', public_key_alg: 'ed25519' };
    const id = await ben.connectPolling('keys', { ...old, public_keys: given });
    const keys = [
      { ...encrypt.jwk, use: 'enc', kid: encrypt.kid },
      { ...sign.jwk, use: 'sig', kid: sign.kid },
    ];
    const [own] = await ben.ok('GET', '/agents');
    const seen = await shown(id);
    for (const agent of [own, seen]) {
      assert.deepEqual(agent.public_keys, { keys });
      assert.ok(Math.abs(Date.parse(agent.public_keys_since) - Date.now()) < 600_000);
      assert.deepEqual([agent.public_key, agent.public_key_alg], ['AAAA', 'ed25519']);
    }
    await ben.connectPolling('keys', { description: 'the same' });
    assert.deepEqual((await shown(id)).public_keys, { keys });
    await ben.connectPolling('keys', { public_keys: { keys: [sign.jwk] } });
    assert.deepEqual((await shown(id)).public_keys, { keys: keys.slice(1) });
    await ben.connectPolling('keys', { public_keys: { keys: [] } });
    const without = await shown(id);
    assert.deepEqual([without.public_keys, without.public_keys_since], [undefined, undefined]);
    assert.equal(without.public_key, 'AAAA');
  });

  test('that are private are refused, with a reason, and are not stored anywhere', async () => {
    const { encrypt, sign } = newKeySet();
    const secret = 'c2VjcmV0LXRoYXQtbXVzdC1ub3QtYmUtc3RvcmVk';
    const sets = {
      'public_keys.keys.0.d': { keys: [{ ...encrypt.jwk, d: encrypt.d }, sign.jwk] },
      'public_keys.keys.1.d': { keys: [encrypt.jwk, { ...sign.jwk, d: sign.d }] },
      'public_keys.keys.1.D': { keys: [encrypt.jwk, { ...sign.jwk, D: secret }] },
      'public_keys.keys.0.k': { keys: [{ ...encrypt.jwk, k: secret }] },
      'public_keys.keys.0.priv': { keys: [{ ...encrypt.jwk, priv: secret }] },
      'public_keys.d': { keys: [encrypt.jwk], d: secret },
    };
    for (const [path, public_keys] of Object.entries(sets)) {
      const agent = { framework: 'test', label: 'private', public_keys };
      const { status, json } = await ben.call('POST', '/agents', agent);
      assert.deepEqual([status, json.code, json.details[0].path], [400, 'INVALID_REQUEST', path]);
      for (const text of [secret, encrypt.d, sign.d])
        assert.doesNotMatch(JSON.stringify(json), new RegExp(text));
    }
    const { privateKey } = generateKeyPairSync('ed25519');
    for (const public_key of [
      String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
      privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
      JSON.stringify(privateKey.export({ format: 'jwk' })),
    ]) {
      const agent = { framework: 'test', label: 'private', public_key };
      const { status, json } = await ben.call('POST', '/agents', agent);
      assert.deepEqual([status, json.details?.[0].path], [400, 'public_key'], 'the older field, too');
    }
    const labels = (await ben.ok('GET', '/agents')).map(({ label }: { label: string }) => label);
    assert.ok(!labels.includes('private'));
    const stored = await here.store.contents();
    for (const text of [secret, encrypt.d, sign.d]) assert.ok(!stored.includes(text));
  });

  test('that are no such keys are refused, and the field is named', async () => {
    const { encrypt, sign } = newKeySet();
    const { kty, crv, x } = encrypt.jwk;
    const last = String.fromCharCode(x.charCodeAt(42) + 1);
    const wrong: [path: string, public_keys: unknown][] = [
      ['public_keys', [encrypt.jwk]],
      ['public_keys.keys', { key: encrypt.jwk }],
      ['public_keys.keys', { keys: [encrypt.jwk, newKey('x25519').jwk] }],
      ['public_keys.keys', { keys: [encrypt.jwk, sign.jwk, newKey('ed25519').jwk] }],
      ['public_keys.keys.0.kty', { keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB', crv, x }] }],
      ['public_keys.keys.0.crv', { keys: [{ kty, crv: 'P-256', x, y: x }] }],
      ['public_keys.keys.0.x', { keys: [{ kty, crv }] }],
      ['public_keys.keys.0.x', { keys: [{ kty, crv, x: x.slice(1) }] }],
      ['public_keys.keys.0.x', { keys: [{ kty, crv, x: `${x}=` }] }],
      ['public_keys.keys.0.x', { keys: [{ kty, crv, x: `+${x.slice(1)}` }] }],
      // Another spelling of the same bytes would have another thumbprint.
      ['public_keys.keys.0.x', { keys: [{ kty, crv, x: x.slice(0, 42) + last }] }],
      ['public_keys.keys.1.kid', { keys: [encrypt.jwk, { ...sign.jwk, kid: encrypt.kid }] }],
      ['public_keys.keys.0.kid', { keys: [{ ...encrypt.jwk, kid: '' }] }],
      ['public_keys.keys.0.use', { keys: [{ ...encrypt.jwk, use: 'sig' }] }],
      ['public_keys.keys.0.use', { keys: [{ ...sign.jwk, use: 'enc' }] }],
      ...[0, 1].map((first): [string, unknown] => [
        'public_keys.keys.0.x',
        { keys: [{ kty, crv, x: Buffer.alloc(32).fill(first, 0, 1).toString('base64url') }] },
      ]),
    ];
    for (const [path, public_keys] of wrong) {
      const { status, json } = await ben.call('POST', '/agents', {
        framework: 'test',
        label: 'x',
        public_keys,
      });
      const [{ path: named }] = json.details ?? [{}];
      assert.deepEqual(
        [status, json.code, named],
        [400, 'INVALID_REQUEST', path],
        JSON.stringify(public_keys),
      );
    }
  });
});

/** Events of a stream about keys, from a given event up to an invitation to a group. */
async function keysChanged(person: Person, after = '0') {
  const { port } = here.app.server.address() as { port: number };
  const abort = new AbortController();
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/events`, {
    headers: { authorization: person.authorization, 'last-event-id': after },
    signal: abort.signal,
  });
  const events: { id: string; type: string; data: Record<string, unknown> }[] = [];
  let text = '';
  for await (const part of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    text += Buffer.from(part).toString();
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const json = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
      if (json !== undefined) events.push(JSON.parse(json));
      text = text.slice(end + 2);
    }
    if (events.some(({ type }) => type === 'group_invite')) break;
  }
  abort.abort();
  return events.filter(({ type }) => type === 'key_changed');
}

describe('A change of keys', () => {
  before(() => here.app.listen({ host: '127.0.0.1', port: 0 }));

  test('is an event for its owner and for friends, and for nobody else; a stream goes on after it', async () => {
    const [una, vic, eve] = await Promise.all(
      ['una', 'vic', 'eve'].map((name) => Person.register(here.app, name)),
    );
    if (una === undefined || vic === undefined || eve === undefined) throw new Error('Nobody is there.');
    await una.befriend(vic);
    const [first, second] = [newKeySet(), newKeySet()];
    const id = await una.connectPolling('told', { public_keys: first.public_keys });
    await una.connectPolling('told', { public_keys: { keys: first.public_keys.keys.toReversed() } });
    await una.connectPolling('told', { description: 'no keys here' });
    await una.connectPolling('told', { public_keys: second.public_keys });
    await una.connectPolling('told', { public_keys: { keys: [] } });
    await una.connectPolling('told', { public_keys: { keys: [] } });
    // Marks the end of each stream.
    const { group_id } = await ann.ok('POST', '/groups', { name: 'ends' });
    for (const { username } of [una, vic, eve])
      await ann.ok('POST', `/groups/${group_id}/invite`, { username });
    const changes = [
      [[], first.kids],
      [first.kids, second.kids],
      [second.kids, []],
    ];
    for (const one of [una, vic]) {
      const events = await keysChanged(one);
      assert.deepEqual(
        events.map(({ data }) => data),
        changes.map(([old_thumbprints, new_thumbprints]) => ({
          username: 'una',
          connection_id: id,
          framework: 'test',
          label: 'told',
          old_thumbprints,
          new_thumbprints,
        })),
      );
      const later = await keysChanged(one, events[0]?.id);
      assert.deepEqual(later, events.slice(1));
    }
    assert.deepEqual(await keysChanged(eve), []);
  });

  test('tells many friends each once, and costs as much as a message to so many', async () => {
    const MANY = 1205;
    await using few = await testApp(() => ({}), { RATE_LIMIT: '60' });
    const una = await Person.register(few.app, 'una');
    const numbers = numbersTo(MANY);
    // Half of the ids sort before Una's, half after it.
    const id = sql`case i % 2 when 1 then 'usr_' else 'usr_z' end || ${zeroed(25)}`;
    await few.db.write(async (trx) => {
      await sql`${numbers} insert into users (id, username, created_at) select ${id}, 'friend-' || i, i from n`.execute(
        trx,
      );
      await sql`${numbers}
        insert into friendships (id, user_a, user_b, requester_id, status, created_at, since)
        select 'frnd_' || ${zeroed(26)}, ${LEAST}(${una.id}, ${id}), ${GREATEST}(${una.id}, ${id}), ${una.id},
          case i % 6 when 0 then 'pending' else 'accepted' end, i, i from n`.execute(trx);
    });
    const set = (label: string) => {
      const { public_keys } = newKeySet();
      return una.call('POST', '/agents', { framework: 'test', label, public_keys });
    };
    assert.equal((await set('one')).status, 201);
    const told = await few.db.kysely
      .selectFrom('events')
      .select('user_id')
      .where('type', '=', 'key_changed')
      .execute();
    const friends = MANY - Math.floor(MANY / 6);
    assert.equal(new Set(told.map(({ user_id }) => user_id)).size, friends + 1);
    assert.equal(told.length, friends + 1);
    assert.equal((await set('two')).status, 201);
    const third = await set('three');
    assert.deepEqual([third.status, third.json.code], [429, 'RATE_LIMITED']);
    const labels = (await una.ok('GET', '/agents')).map(({ label }: { label: string }) => label);
    assert.deepEqual(labels, ['two', 'one'], 'what was refused was not done');
  });
});

describe('The list of a group’s members', () => {
  test('has the connection that a message reaches, with its keys, for members alone', async () => {
    const names = ['gil', 'hal', 'ida', 'jon', 'kim', 'lea', 'max'];
    const people = await Promise.all(names.map((name) => Person.register(here.app, name)));
    const [gil, hal, ida, jon, kim, lea, max] = people;
    if (!gil || !hal || !ida || !jon || !kim || !lea || !max) throw new Error('Nobody is there.');
    const { group_id } = await gil.ok('POST', '/groups', { name: 'keys', invite_only: false });
    for (const one of [hal, ida, jon, kim, lea]) await one.ok('POST', `/groups/${group_id}/join`);
    await gil.ok('POST', `/groups/${group_id}/invite`, { username: 'max' });
    const keys = new Map<Person, string[]>();
    const ids = new Map<Person, string>();
    for (const one of [gil, hal, jon, kim, max]) {
      const { public_keys, kids } = newKeySet();
      await one.connectPolling('worse');
      ids.set(one, await one.connectPolling('best', { routing_priority: 9, public_keys }));
      keys.set(one, kids);
    }
    ids.set(ida, await ida.connectPolling('no keys'));
    await hal.connectPolling('later', { routing_priority: 9, public_keys: newKeySet().public_keys });
    const suspended = ids.get(hal) ?? '';
    await here.db.write(async (trx) => {
      await trx
        .updateTable('connections')
        .set({ status: 'suspended' })
        .where('user_id', '=', hal.id)
        .execute();
      await trx.updateTable('users').set({ disabled_at: 1 }).where('id', '=', jon.id).execute();
    });
    await kim.ok('POST', '/friends/block', { username: 'gil' });

    const seen = async (by: Person) => {
      // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
      const members: any[] = await by.ok('GET', `/groups/${group_id}/members`);
      return Object.fromEntries(
        members.map(({ username, connection_id, public_keys }) => [
          username,
          [connection_id, public_keys?.keys.map(({ kid }: { kid: string }) => kid)],
        ]),
      );
    };
    const nothing = [undefined, undefined];
    const expected = {
      gil: [ids.get(gil), keys.get(gil)],
      hal: [suspended, keys.get(hal)],
      ida: [ids.get(ida), undefined],
      jon: nothing,
      kim: nothing,
      lea: nothing,
      max: nothing,
    };
    assert.deepEqual(await seen(gil), expected);
    assert.deepEqual(await seen(ida), { ...expected, kim: [ids.get(kim), keys.get(kim)] });
    assert.deepEqual(await seen(max), Object.fromEntries(names.map((name) => [name, nothing])));

    const { recipients, message_id } = await gil.ok('POST', '/messages/send', {
      recipient: group_id,
      recipient_type: 'group',
      message: 'hello',
    });
    const { deliveries } = await gil.ok('GET', `/messages/${message_id}`);
    const reached = deliveries.map(({ connection_id }: { connection_id: string }) => connection_id);
    assert.equal(recipients, 2);
    assert.deepEqual(reached.toSorted(), [suspended, ids.get(ida)].toSorted(), 'the list says where it goes');
  });
});
