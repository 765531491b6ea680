import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { numbersTo, zeroed } from '@mahilo/shared/test/numbers';
import { sql } from 'kysely';
import { Person } from './person.ts';
import { testApp } from './test-app.ts';

async function people(t: TestContext) {
  const here = await testApp(() => ({}), { RATE_LIMIT: '1000000' });
  t.after(() => here[Symbol.asyncDispose]());
  const [ann, ben, cid] = await Promise.all(
    ['ann', 'ben', 'cid'].map((username) => Person.register(here.app, username)),
  );
  assert.ok(ann && ben && cid);
  await ann.befriend(ben);
  await ann.befriend(cid);
  for (const one of [ann, ben, cid]) await one.connectPolling();
  return { ...here, ann, ben, cid };
}

/** `[with, correlation id, excerpt]` of each. */
const told = (threads: { with: string; correlation_id?: string; latest: { excerpt?: string } }[]) =>
  threads.map((one) => [one.with, one.correlation_id, one.latest.excerpt]);

test('threads are told apart by who and what, the latest first, from both sides', async (t) => {
  const { ann, ben, cid } = await people(t);
  await ann.send(ben, 'hello');
  await ann.send(ben, 'seven?', { correlation_id: 'dinner' });
  await ann.send(cid, 'eight?', { correlation_id: 'dinner' });
  await ben.send(ann, 'six.', { correlation_id: 'dinner' });
  const { group_id } = await ann.ok('POST', '/groups', { name: 'all-of-us', invite_only: false });
  await ben.ok('POST', `/groups/${group_id}/join`);
  const toGroup = { recipient: group_id, recipient_type: 'group', message: 'welcome' };
  await ann.ok('POST', '/messages/send', toGroup);

  const anns = await ann.ok('GET', '/threads');
  assert.deepEqual(told(anns), [
    [group_id, undefined, 'welcome'],
    ['ben', 'dinner', 'six.'],
    ['cid', 'dinner', 'eight?'],
    ['ben', undefined, 'hello'],
  ]);
  assert.deepEqual([anns[0].with_type, anns[0].group_name], ['group', 'all-of-us']);
  assert.deepEqual(told(await ben.ok('GET', '/threads')), [
    [group_id, undefined, 'welcome'],
    ['ann', 'dinner', 'six.'],
    ['ann', undefined, 'hello'],
  ]);
  assert.deepEqual(told(await ann.ok('GET', '/threads?with=BEN')), [
    ['ben', 'dinner', 'six.'],
    ['ben', undefined, 'hello'],
  ]);
  assert.equal((await ann.ok('GET', `/threads?with=${group_id}&with_type=group`)).length, 1);
  assert.deepEqual(await ann.ok('GET', `/threads?with=${group_id}`), [], 'a username may look like an id');
});

test('what was said with somebody, about something or nothing, comes with what became of it', async (t) => {
  const { ann, ben, cid } = await people(t);
  const { json: first } = await ann.send(ben, 'hello');
  await ann.send(ben, 'seven?', { correlation_id: 'dinner' });
  await ben.send(ann, 'six.', { correlation_id: 'dinner' });
  await ann.send(cid, 'seven?', { correlation_id: 'dinner' });
  const texts = async (who: Person, query: string) =>
    (await who.ok('GET', `/messages?${query}`)).map(({ message }: { message: string }) => message);
  assert.deepEqual(await texts(ann, 'with=ben'), ['six.', 'seven?', 'hello']);
  assert.deepEqual(await texts(ben, 'with=ann&correlation_id=dinner'), ['six.', 'seven?']);
  assert.deepEqual(await texts(ann, 'with=ben&correlation_id='), ['hello']);
  assert.deepEqual(await texts(ann, 'with=ben&direction=received'), ['six.']);
  assert.deepEqual(await texts(ann, 'with=nobody'), []);

  await ben.ok('POST', '/inbox/ack', { delivery_ids: [first.delivery_id] });
  const [{ delivery_counts, ...message }] = await ann.ok(
    'GET',
    '/messages?with=ben&correlation_id=&include=delivery_counts',
  );
  assert.equal(message.id, first.message_id);
  assert.deepEqual(delivery_counts, { delivered: 0, waiting: 1, failed: 0, cancelled: 0, attempts: 0 });
  const [fetched] = await ben.ok('GET', '/inbox');
  await ben.ok('POST', '/inbox/ack', { receipts: [fetched.receipt] });
  for (const who of [ann, ben]) {
    const [{ delivery_counts: after }] = await who.ok(
      'GET',
      `/messages?with=${who === ann ? 'ben' : 'ann'}&correlation_id=&include=delivery_counts`,
    );
    assert.deepEqual(after, { delivered: 1, waiting: 0, failed: 0, cancelled: 0, attempts: 1 });
  }
});

test('a member of a group sees what became of a message for them, its sender for all', async (t) => {
  const { ann, ben, cid } = await people(t);
  const { group_id } = await ann.ok('POST', '/groups', { name: 'all-of-us', invite_only: false });
  for (const member of [ben, cid]) await member.ok('POST', `/groups/${group_id}/join`);
  await ann.ok('POST', '/messages/send', { recipient: group_id, recipient_type: 'group', message: 'hi' });
  const waiting = async (who: Person) => {
    const query = `with=${group_id}&with_type=group&include=delivery_counts`;
    return (await who.ok('GET', `/messages?${query}`))[0].delivery_counts.waiting;
  };
  assert.deepEqual([await waiting(ann), await waiting(ben)], [2, 1]);
});

test('of what is encrypted or erased a list shows no text', async (t) => {
  const { ann, ben } = await people(t);
  await ann.send(ben, 'bm9ib2R5', {
    payload_type: 'application/mahilo+ciphertext',
    correlation_id: 'secret',
  });
  const { json: erased } = await ann.send(ben, 'forget it', { correlation_id: 'erased' });
  await ann.ok('DELETE', `/messages/${erased.message_id}`);
  const threads = await ben.ok('GET', '/threads');
  assert.deepEqual(
    threads.map(({ correlation_id, latest }: { correlation_id: string; latest: Record<string, unknown> }) => [
      correlation_id,
      latest['excerpt'],
      latest['is_encrypted'],
      latest['bytes'],
      'erased_at' in latest,
    ]),
    [
      ['erased', undefined, false, 0, true],
      ['secret', undefined, true, 8, false],
    ],
  );
});

test('a chatty thread hides no other: pages go on behind it, and each is bounded', async (t) => {
  const { ann, ben, db } = await people(t);
  const { json: early } = await ann.send(ben, 'before all that', { correlation_id: 'early' });
  const MANY = 12_000;
  const [{ connection_id }] = (await ben.ok('GET', '/deliveries')) as { connection_id: string }[] as [
    { connection_id: string },
  ];
  await db.write(async (trx) => {
    const id = (prefix: string) => sql`${sql.lit(`${prefix}_z`)} || ${zeroed(25)}`;
    const n = numbersTo(MANY);
    await sql`${n} insert into messages (id, sender_id, sender_username, sender_agent, recipient_type, recipient_id,
        recipient, body, payload_type, status, correlation_id, created_at)
      select ${id('msg')}, ${ann.id}, 'ann', 'agent', 'user', ${ben.id}, 'ben', 'again', 'text/plain', 'delivered',
        'chatty', i from n`.execute(trx);
    await sql`${n} insert into outbox (id, message_id, recipient_id, connection_id, state, due_at, created_at, settled_at)
      select ${id('dlv')}, ${id('msg')}, ${ben.id}, ${connection_id}, 'delivered', i, i, i from n`.execute(
      trx,
    );
  });
  for (const who of [ann, ben]) {
    const found: string[] = [];
    let next: string | undefined = '/threads?limit=2';
    let pages = 0;
    for (; next !== undefined; pages += 1) {
      const { json, headers } = await who.call('GET', next);
      found.push(...json.map((thread: { correlation_id: string }) => thread.correlation_id));
      next = /^<\/api\/v1([^>]+)>; rel="next"$/.exec(String(headers['link'] ?? ''))?.[1];
    }
    assert.equal(pages, 2);
    // It comes again where it goes on.
    assert.deepEqual(found, ['chatty', 'chatty', 'early']);
  }
  assert.ok(early.message_id < 'msg_z');
});
