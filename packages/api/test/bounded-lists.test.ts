import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Database } from '@mahilo/shared/db/database';
import { numbersTo, zeroed } from '@mahilo/shared/test/numbers';
import { sql } from 'kysely';
import { Person } from './person.ts';
import { type TestApp, testApp } from './test-app.ts';

/** More than twice as many as a page may examine. */
const MANY = 21_000;
/** The filters match one message in this many. */
const RARE = 9000;

/** Friends with very many messages, of which the filters match a few. */
let here: TestApp;
let ann: Person;
let ben: Person;
let other: string;

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '1000000' });
  [ann, ben] = [await Person.register(here.app, 'ann'), await Person.register(here.app, 'ben')];
  await ann.befriend(ben);
  const main = await ben.connectPolling('main');
  other = await ben.connectPolling('other');
  await fill(here.db, { main, other });
});
after(() => here[Symbol.asyncDispose]());

async function fill(db: Database, agents: { main: string; other: string }) {
  const either = (rare: string, usual: string) =>
    sql`case when i % ${sql.lit(RARE)} = 0 then ${sql.lit(rare)} else ${sql.lit(usual)} end`;
  const id = (prefix: string) => sql`${sql.lit(`${prefix}_`)} || ${zeroed(26)}`;
  await db.write(async (trx) => {
    await sql`
      ${numbersTo(MANY)}
      insert into messages (id, sender_id, sender_username, sender_agent, recipient_type, recipient_id, recipient, body,
        payload_type, status, correlation_id, created_at)
      select ${id('msg')}, ${ann.id}, 'ann', 'agent', 'user', ${ben.id}, 'ben', 'hello', 'text/plain',
        ${either('failed', 'delivered')}, ${either('rare', 'usual')}, i from n`.execute(trx);
    await sql`
      ${numbersTo(MANY)}
      insert into outbox (id, message_id, recipient_id, connection_id, state, due_at, created_at, settled_at)
      select ${id('dlv')}, ${id('msg')}, ${ben.id}, ${either(agents.other, agents.main)},
        ${either('failed', 'delivered')}, i, i, i from n`.execute(trx);
  });
}

interface Read {
  pages: number;
  ids: string[];
}

/** Follows the pages of a list to its end. */
async function read(person: Person, path: string): Promise<Read> {
  const ids: string[] = [];
  let pages = 0;
  for (let next: string | undefined = path; next !== undefined; pages++) {
    const { status, json, headers } = await person.call('GET', next);
    assert.equal(status, 200);
    ids.push(...json.map((item: { id: string }) => item.id));
    next = /^<\/api\/v1([^>]+)>; rel="next"$/.exec(String(headers['link'] ?? ''))?.[1];
  }
  return { pages, ids };
}

const rareIds = (prefix: string) => [18_000, 9000].map((i) => `${prefix}_${String(i).padStart(26, '0')}`);

test('a filter that no index knows looks at so many rows for a page, which then ends early and links to the rest', async () => {
  const expected = { pages: 3, ids: rareIds('msg') };
  for (const who of [ann, ben]) {
    assert.deepEqual(await read(who, '/messages?status=failed'), expected);
    assert.deepEqual(await read(who, '/messages?correlation_id=rare&limit=1'), expected);
    assert.deepEqual(await read(who, `/deliveries?connection_id=${other}`), {
      pages: 3,
      ids: rareIds('dlv'),
    });
    assert.deepEqual(await read(who, '/deliveries?status=failed'), { pages: 3, ids: rareIds('dlv') });
    assert.deepEqual(await read(who, '/messages?correlation_id=none'), { pages: 3, ids: [] });
  }
  assert.deepEqual(await read(ann, '/messages?direction=received&status=failed'), { pages: 1, ids: [] });
});

test('what is found often fills its pages as before, with no gaps and no repeats', async () => {
  const { pages, ids } = await read(ann, '/messages?correlation_id=usual&limit=100');
  assert.equal(pages, 210);
  assert.equal(new Set(ids).size, MANY - 2);
  assert.deepEqual(ids, ids.toSorted().toReversed());
});
