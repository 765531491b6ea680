import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { testDatabase } from '../../test/database.ts';
import { sqliteOnly } from '../../test/dialect.ts';
import { insertStatement, namedStatement, statement } from './statement.ts';
import { eachOf, json } from './words/rows.ts';

const addUsers = insertStatement<[id: string, username: string, createdAt: number]>(
  'insert into users (id, username, created_at)',
  3,
  'on conflict do nothing',
);
const findUser = statement<[id: string], { username: string }>('select username from users where id = ?');
const rename = statement<[username: string, id: string], { id: string }>(
  'update users set username = ? where id = ? returning id',
);

const users = (count: number): [string, string, number][] =>
  Array.from({ length: count }, (_, n) => [`usr_${n}`, `user-${n}`, n]);

test('in a transaction a statement sees what was written before it, and what it writes is undone with the rest', async () => {
  await using here = await testDatabase();
  const failing = here.db.write(async (trx) => {
    assert.equal(await addUsers(trx, users(2)), 2);
    assert.deepEqual(await rename(trx, 'renamed', 'usr_1'), [{ id: 'usr_1' }]);
    assert.deepEqual(await findUser(trx, 'usr_1'), [{ username: 'renamed' }]);
    throw new Error('after all');
  });
  await assert.rejects(failing, /after all/);
  assert.deepEqual(await findUser(here.db.kysely, 'usr_1'), []);
});

test('outside a transaction a statement waits for the one that is going on, and sees only what is committed', async () => {
  await using here = await testDatabase();
  let between: Promise<unknown[]> | undefined;
  const undone = here.db.write(async (trx) => {
    await addUsers(trx, users(1));
    between = findUser(here.db.kysely, 'usr_0');
    throw new Error('after all');
  });
  await assert.rejects(undone, /after all/);
  assert.deepEqual(await between, []);
});

test('a transaction that has ended takes no statement', async () => {
  await using here = await testDatabase();
  const ended = await here.db.write(async (trx) => ({ trx }));
  await assert.rejects(addUsers(ended.trx, users(1)), /has ended/);
  assert.deepEqual(await findUser(here.db.kysely, 'usr_0'), []);
});

test('any number of rows is inserted, and those that change nothing are not counted', async () => {
  await using here = await testDatabase();
  const inserted = await here.db.write((trx) => addUsers(trx, users(100)));
  const again = await here.db.write((trx) => addUsers(trx, users(102)));
  assert.deepEqual([inserted, again], [100, 2]);
});

const ENDS = sqliteOnly(
  'PostgreSQL ends a transaction at its first error, and nothing of the product goes on after one',
);

test('an error of a statement is that statement’s, and the transaction can go on', ENDS, async () => {
  await using here = await testDatabase();
  await here.db.write(async (trx) => {
    await addUsers(trx, users(2));
    await assert.rejects(rename(trx, 'user-0', 'usr_1'), /unique constraint/i);
    assert.deepEqual(await rename(trx, 'another', 'usr_1'), [{ id: 'usr_1' }]);
  });
  assert.deepEqual(await findUser(here.db.kysely, 'usr_1'), [{ username: 'another' }]);
});

const renamed = namedStatement<
  { ids: string; prefix: string; except: string },
  { id: string; username: string }
>(
  (value) => sql`
    update users set username = ${value('prefix')} || id
    where id in (select value from ${eachOf(value('ids'))}) and id <> ${value('except')} and username <> ${value('prefix')}
      and created_at < ${2}
    returning id, username`,
);

test('a named statement takes each value wherever it stands, and other ones each time', async () => {
  await using here = await testDatabase();
  await here.db.write(async (trx) => {
    await addUsers(trx, users(4));
    const ids = json(['usr_0', 'usr_1', 'usr_2']);
    const [one, ...others] = await renamed(trx, { ids, prefix: 'a-', except: 'usr_1' });
    assert.deepEqual([one, others], [{ id: 'usr_0', username: 'a-usr_0' }, []]);
    const all = await renamed(trx, { ids, prefix: 'b-', except: 'nobody' });
    assert.deepEqual(all.map(({ username }) => username).sort(), ['b-usr_0', 'b-usr_1']);
  });
  const [outside] = await renamed(here.db.kysely, { ids: json(['usr_1']), prefix: 'c-', except: '' });
  assert.deepEqual(outside, { id: 'usr_1', username: 'c-usr_1' });
});
