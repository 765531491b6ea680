import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import { Person } from './person.ts';
import { testApp } from './test-app.ts';

/** Friends, one of whom has an agent that polls, and their database. */
async function friends(t: TestContext) {
  const here = await testApp(() => ({}));
  t.after(() => here[Symbol.asyncDispose]());
  const [ann, ben] = [await Person.register(here.app, 'ann'), await Person.register(here.app, 'ben')];
  await ann.befriend(ben);
  await ben.connectPolling();
  const run = (statement: string) => here.db.write((trx) => sql.raw(statement).execute(trx));
  return { ann, ben, run };
}

test('a message from before keys had a hash is found by its key', async (t) => {
  const { ann, ben, run } = await friends(t);
  const { json: first } = await ann.send(ben, 'hello', { idempotency_key: 'old' });
  await run('update messages set key_hash = null');
  const again = await ann.send(ben, 'hello', { idempotency_key: 'old' });
  assert.deepEqual(again.json, { ...first, deduplicated: true });
  const other = await ann.send(ben, 'something else', { idempotency_key: 'old' });
  assert.deepEqual([other.status, other.json.code], [422, 'IDEMPOTENCY_CONFLICT']);
});

test('keys with the same hash are different keys, of one sender and of two', async (t) => {
  const { ann, ben, run } = await friends(t);
  await ann.connectPolling();
  const { json: first } = await ann.send(ben, 'hello', { idempotency_key: 'one' });
  const { json: second } = await ann.send(ben, 'hello', { idempotency_key: 'two' });
  const { json: third } = await ben.send(ann, 'hello', { idempotency_key: 'two' });
  assert.equal(new Set([first, second, third].map(({ message_id }) => message_id)).size, 3);
  // As if the hashes of all three were that of the second.
  await run(
    `update messages set key_hash = (select key_hash from messages where id = '${second.message_id}') where true`,
  );
  const again = await ann.send(ben, 'hello', { idempotency_key: 'two' });
  assert.deepEqual(again.json, { ...second, deduplicated: true });
  await run(`delete from outbox where message_id = '${second.message_id}'`);
  await run(`delete from messages where id = '${second.message_id}'`);
  const { json: anew } = await ann.send(ben, 'hello', { idempotency_key: 'two' });
  assert.ok(anew.message_id > third.message_id, 'the others are no repetition of it');
  assert.equal('deduplicated' in anew, false);
});
