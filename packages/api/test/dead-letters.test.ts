import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { numbersTo, zeroed } from '@mahilo/shared/test/numbers';
import { sql } from 'kysely';
import { Person } from './person.ts';
import { testApp } from './test-app.ts';

async function friends(t: TestContext, more: Readonly<Record<string, string>> = {}) {
  const here = await testApp(() => ({}), { RATE_LIMIT: '1000000', ...more });
  t.after(() => here[Symbol.asyncDispose]());
  const [ann, ben] = [await Person.register(here.app, 'ann'), await Person.register(here.app, 'ben')];
  const friendship = await ann.befriend(ben);
  const [main, other] = [await ben.connectPolling('main'), await ben.connectPolling('other')];
  const inDatabase = (query: ReturnType<typeof sql>) => here.db.write((trx) => query.execute(trx));
  return { ...here, ann, ben, main, other, friendship, inDatabase };
}

/** Dead letters of Ann's messages to Ben, and as many that have arrived. */
function manyOf({ ann, ben, main }: Awaited<ReturnType<typeof friends>>, count: number) {
  const id = (prefix: string) => sql`${sql.lit(`${prefix}_`)} || ${zeroed(26)}`;
  const n = numbersTo(2 * count);
  const state = sql`case when i % 2 = 0 then 'failed' else 'delivered' end`;
  return [
    sql`${n} insert into messages (id, sender_id, sender_username, sender_agent, recipient_type, recipient_id,
        recipient, body, payload_type, status, created_at)
      select ${id('msg')}, ${ann.id}, 'ann', 'agent', 'user', ${ben.id}, 'ben', 'hello', 'text/plain', ${state}, i
      from n`,
    sql`${n} insert into outbox (id, message_id, recipient_id, connection_id, state, due_at, created_at, settled_at)
      select ${id('dlv')}, ${id('msg')}, ${ben.id}, ${main}, ${state}, i, i, i from n`,
  ];
}

const resend = (who: Person, body: object) => who.ok('POST', '/deliveries/resend', body);

test('what is counted is what goes out again, in pieces, and nothing that has arrived', async (t) => {
  const here = await friends(t);
  for (const insert of manyOf(here, 1500)) await here.inDatabase(insert);
  for (const who of [here.ann, here.ben]) {
    const first = await resend(who, { with: who === here.ann ? 'ben' : 'ann', dry_run: true });
    assert.deepEqual(
      { ...first, cursor: undefined },
      { matched: 1000, resendable: 1000, requeued: 0, cursor: undefined },
    );
    const { cursor } = first;
    const rest = await resend(who, { with: who === here.ann ? 'ben' : 'ann', dry_run: true, cursor });
    assert.deepEqual(rest, { matched: 500, resendable: 500, requeued: 0 });
  }
  const { cursor, ...sent } = await resend(here.ann, {});
  assert.deepEqual(sent, { matched: 1000, resendable: 1000, requeued: 1000 });
  // It was dead a moment ago, and is so again: the next piece comes by it no more.
  await here.inDatabase(
    sql`update outbox set state = 'failed', settled_at = 1 where id = ${`dlv_${'3000'.padStart(26, '0')}`}`,
  );
  assert.deepEqual(await resend(here.ann, { cursor }), { matched: 500, resendable: 500, requeued: 500 });
  const { rows } = await sql<{ state: string; n: number }>`
    select state, count(*) as n from outbox group by state order by state`.execute(here.db.kysely);
  assert.deepEqual(rows, [
    { state: 'delivered', n: 1500 },
    { state: 'failed', n: 1 },
    { state: 'pending', n: 1499 },
  ]);
});

test('others run while a thousand to as many agents are counted', async (t) => {
  const here = await friends(t);
  for (const insert of manyOf(here, 1000)) await here.inDatabase(insert);
  const n = numbersTo(2000);
  const agent = sql`'conn_' || ${zeroed(26)}`;
  await here.inDatabase(sql`${n} insert into connections (id, user_id, framework, label, capabilities_json,
      routing_priority, mode, status, created_at)
    select ${agent}, ${here.ben.id}, 'many', ${agent}, '[]', 0, 'polling', 'active', 1 from n`);
  await here.inDatabase(sql`update outbox set connection_id = 'conn_' || substr(id, 5)`);
  let turns = 0;
  let isOver = false;
  const next = () => {
    turns += 1;
    if (!isOver) setImmediate(next);
  };
  next();
  const { resendable } = await resend(here.ann, { dry_run: true });
  isOver = true;
  assert.equal(resendable, 1000);
  assert.ok(turns > 20, `${turns} turns`);
});

test('what cannot go out stays as it is, and is counted apart', async (t) => {
  const here = await friends(t);
  const { ann, ben, main, other, friendship, inDatabase } = here;
  for (const [message, agent] of [
    ['to main', main],
    ['to other', other],
    ['is taken back', main],
  ]) {
    await ann.send(ben, message ?? '', { recipient_connection_id: agent });
  }
  await inDatabase(sql`update outbox set state = 'failed', settled_at = 1`);
  const [taken] = await ann.ok('GET', '/messages');
  await ann.ok('DELETE', `/messages/${taken.id}`);
  await inDatabase(sql`update connections set status = 'inactive' where id = ${other}`);
  const counts = (who: Person, more: object = {}) => resend(who, { dry_run: true, ...more });
  assert.deepEqual(await counts(ann), { matched: 2, resendable: 1, requeued: 0 });
  assert.deepEqual(await counts(ben, { connection_id: other }), { matched: 1, resendable: 0, requeued: 0 });
  await ben.ok('DELETE', `/friends/${friendship}`);
  assert.deepEqual(await counts(ann), { matched: 2, resendable: 0, requeued: 0 });
  assert.deepEqual(await resend(ann, {}), { matched: 2, resendable: 0, requeued: 0 });
  assert.deepEqual(await resend(ben, {}), { matched: 2, resendable: 1, requeued: 1 }, 'they are his own');
  const cid = await Person.register(here.app, 'cid');
  assert.deepEqual(await resend(cid, {}), { matched: 0, resendable: 0, requeued: 0 });
});

test('who would owe too much then is refused before anything goes out; to whom it is owed is not', async (t) => {
  const here = await friends(t, { OWED_PER_USER: '20' });
  for (const insert of manyOf(here, 30)) await here.inDatabase(insert);
  const { status, json } = await here.ann.call('POST', '/deliveries/resend', {});
  assert.deepEqual([status, json.code, json.details[0].path], [429, 'QUOTA_EXCEEDED', 'owed_per_user']);
  assert.deepEqual(await resend(here.ann, { dry_run: true }), { matched: 30, resendable: 30, requeued: 0 });
  assert.deepEqual(await resend(here.ben, {}), { matched: 30, resendable: 30, requeued: 30 });
});

test('a key that may only read sends nothing again', async (t) => {
  const { app, ann } = await friends(t);
  const { api_key } = await ann.ok('POST', '/auth/keys', { name: 'reads', scope: 'read' });
  const reader = new Person(app, ann.id, 'ann', api_key);
  assert.equal((await reader.call('POST', '/deliveries/resend', {})).json.code, 'INSUFFICIENT_SCOPE');
  assert.equal((await reader.call('GET', '/threads')).status, 200);
});

test('deliveries are found by whom, which way, how the last attempt ended, about what, and since when', async (t) => {
  const { ann, ben, main, inDatabase } = await friends(t);
  const anns = await ann.connectPolling();
  const { json: dinner } = await ann.send(ben, 'seven?', { correlation_id: 'dinner' });
  const { json: hello } = await ben.send(ann, 'hello');
  await inDatabase(
    sql`update outbox set state = 'failed', attempts = 2, settled_at = 1 where id = ${dinner.delivery_id}`,
  );
  await inDatabase(sql`insert into delivery_attempts (delivery_id, attempt, started_at, duration_ms, outcome)
    values (${dinner.delivery_id}, 1, 1, 1, 'timeout'), (${dinner.delivery_id}, 2, 2, 1, 'dns')`);
  const found = async (query: string) =>
    (await ann.ok('GET', `/deliveries?${query}`)).map(({ id }: { id: string }) => id);
  const both = [hello.delivery_id, dinner.delivery_id];
  assert.deepEqual(await found('with=ben'), both);
  assert.deepEqual(await found('with=cid'), []);
  assert.deepEqual(await found('direction=sent'), [dinner.delivery_id]);
  assert.deepEqual(await found('direction=received'), [hello.delivery_id]);
  assert.deepEqual(await found('outcome=dns'), [dinner.delivery_id]);
  assert.deepEqual(await found('outcome=timeout'), [], 'that was not the last one');
  assert.deepEqual(await found('correlation_id=dinner'), [dinner.delivery_id]);
  assert.deepEqual(await found('correlation_id='), [hello.delivery_id]);
  assert.deepEqual(await found(`connection_id=${main}`), [dinner.delivery_id]);
  assert.deepEqual(await found(`connection_id=${anns}&status=waiting`), [hello.delivery_id]);
  assert.deepEqual(await found('since=2026-01-01&limit=1'), [hello.delivery_id]);
  assert.deepEqual(await found(`since=${Date.now() + 3_600_000}`), []);
  assert.equal((await ann.call('GET', '/deliveries?since=never')).json.code, 'INVALID_SINCE');
});

test('one delivery is shown to its parties alone', async (t) => {
  const { app, ann, ben } = await friends(t);
  const { json: sent } = await ann.send(ben, 'hello');
  const [listed] = await ann.ok('GET', '/deliveries');
  for (const who of [ann, ben])
    assert.deepEqual(await who.ok('GET', `/deliveries/${sent.delivery_id}`), listed);
  const cid = await Person.register(app, 'cid');
  assert.equal((await cid.call('GET', `/deliveries/${sent.delivery_id}`)).json.code, 'NOT_FOUND');
});
