import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { sqliteOnly } from '@mahilo/shared/test/dialect';
import { numbersTo, zeroed } from '@mahilo/shared/test/numbers';
import { sql } from 'kysely';
import { Person } from './person.ts';
import { type TestApp, testApp } from './test-app.ts';

/** As many as one request may look at. */
const MANY = 10_000;
/** Pieces of a few milliseconds that these are read in, at least. */
const PIECES = 20;
const WALKS = 12;

/** Ann has sent Ben very many messages. */
let here: TestApp;
let ann: Person;
let ben: Person;

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '1000000' });
  [ann, ben] = [await Person.register(here.app, 'ann'), await Person.register(here.app, 'ben')];
  const id = (prefix: string) => sql`${sql.lit(`${prefix}_`)} || ${zeroed(26)}`;
  const main = await ben.connectPolling('main');
  await here.db.write(async (trx) => {
    await sql`
      ${numbersTo(MANY)}
      insert into messages (id, sender_id, sender_username, sender_agent, recipient_type, recipient_id, recipient, body,
        payload_type, status, created_at)
      select ${id('msg')}, ${ann.id}, 'ann', 'agent', 'user', ${ben.id}, 'ben', 'hello', 'text/plain', 'delivered', i
        from n`.execute(trx);
    await sql`
      ${numbersTo(MANY)}
      insert into outbox (id, message_id, recipient_id, connection_id, state, due_at, created_at, settled_at)
      select ${id('dlv')}, ${id('msg')}, ${ben.id}, ${main}, 'delivered', i, i, i from n`.execute(trx);
  });
});
after(() => here[Symbol.asyncDispose]());

/** How many turns the event loop has until so many requests of this path, sent at once, are answered. */
async function turnsOf(path: string): Promise<number> {
  let isDone = false;
  const answers = Promise.all(Array.from({ length: WALKS }, () => ann.call('GET', path))).finally(() => {
    isDone = true;
  });
  let turns = 0;
  for (; !isDone; turns += 1) await turn();
  for (const { status } of await answers) assert.equal(status, 200);
  return turns;
}

for (const path of [
  '/deliveries?direction=sent&outcome=dns&limit=100',
  '/messages?direction=sent&correlation_id=none',
  '/threads?direction=sent&with=nobody',
]) {
  test(`walks that are asked for at once are read one piece in each turn of the event loop: ${path}`, async () => {
    const turns = await turnsOf(path);
    assert.ok(turns >= WALKS * PIECES - 1, `${turns} turns`);
  });
}

const beside = sqliteOnly('a server reads pieces beside each other, so that who is answered first is chance');

test('who walks once does not wait for what somebody else has asked for before', beside, async () => {
  const answered: string[] = [];
  const ask = async (person: Person, path: string) => {
    const { status } = await person.call('GET', path);
    assert.equal(status, 200);
    answered.push(person.username);
  };
  const all = Array.from({ length: WALKS }, () => ask(ann, '/messages?direction=sent&correlation_id=none'));
  await Promise.all([...all, ask(ben, '/messages?direction=received&correlation_id=none')]);
  assert.equal(answered.indexOf('ben'), 0, answered.join());
});
