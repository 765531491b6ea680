import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawNode,
  sql,
} from 'kysely';
import { testDatabase } from '../../../test/database.ts';
import { sqliteOnly } from '../../../test/dialect.ts';
import type { Schema } from '../schema.ts';
import { SQLITE_WORDS } from '../sqlite/words.ts';
import { insertStatement, statement } from '../statement.ts';
import { eachOf, equalsIgnoringCase, Rows } from './rows.ts';
import { isWorded, LEAST, type Words } from './words.ts';

const OTHER: Words = {
  ...SQLITE_WORDS,
  least: 'least',
  each: ['given(', ')'],
  rows: (name, columns) => ['rows(', `) as ${name}(${Object.keys(columns).join(', ')})`],
};

class OtherCompiler extends PostgresQueryCompiler {
  protected override visitRaw(node: RawNode): void {
    if (isWorded(node)) this.append(node.write(OTHER));
    else super.visitRaw(node);
  }
}

/** A database of another dialect, which keeps nothing, and the statements that it is asked. */
function otherDatabase(): { db: Kysely<Schema>; asked: string[] } {
  const asked: string[] = [];
  const db = new Kysely<Schema>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (of) => new PostgresIntrospector(of),
      createQueryCompiler: () => new OtherCompiler(),
    },
    log: ({ query }) => {
      asked.push(query.sql);
    },
  });
  return { db, asked };
}

const HELD = new Rows<{ id: string; at: number }>('held', { id: 'text', at: 'bigint' });

test(
  'each dialect writes a statement in its own words, with the same parameters',
  sqliteOnly('its words'),
  async () => {
    await using here = await testDatabase();
    const { db: other } = otherDatabase();
    const query = sql`select ${LEAST}(${1}, at) as least from ${HELD.of([{ id: 'a', at: 2 }])} where id in (select value from ${eachOf(['a'])})`;
    const [one, two] = [query.compile(here.db.kysely), query.compile(other)];
    assert.equal(
      two.sql,
      'select least($1, at) as least from rows($2) as held(id, at) where id in (select value from given($3))',
    );
    assert.match(one.sql, /^select min\(\?, at\) as least from \(select .* from jsonb_each\(\?\)\) as held /);
    assert.deepEqual(one.parameters, two.parameters);
    const { rows } = await query.execute(here.db.kysely);
    assert.deepEqual(rows, [{ least: 1 }]);
  },
);

test('a statement of a hot path is compiled for the dialect that it is run on', async () => {
  await using here = await testDatabase();
  const { db: other, asked } = otherDatabase();
  const smaller = statement<[one: number, other: number], { n: number }>(
    ({ least, bigint }) => `select ${least}(${bigint('?')}, ${bigint('?')}) as n`,
  );
  assert.deepEqual(await smaller(here.db.kysely, 2, 1), [{ n: 1 }]);
  await smaller(other, 2, 1);
  assert.deepEqual(await smaller(here.db.kysely, 3, 2), [{ n: 2 }]);
  const rename = insertStatement<[id: string, username: string, at: number]>(
    'insert into users (id, username, created_at)',
    3,
    ({ least }) =>
      `on conflict (id) do update set created_at = ${least}(users.created_at, excluded.created_at)`,
  );
  assert.equal(
    await rename(here.db.kysely, [
      ['usr_x', 'x', 5],
      ['usr_x', 'x', 4],
    ]),
    2,
  );
  await rename(other, [['usr_x', 'x', 5]]);
  assert.deepEqual(
    asked.map((text) => /\b(least|min)\(/.exec(text)?.[1]),
    ['least', 'least'],
  );
});

test('rows of a parameter have the types of their members, and a missing one is null', async () => {
  await using here = await testDatabase();
  const table = new Rows<{ id: string; at: number | null; done: boolean }>('t', {
    id: 'text',
    at: 'bigint',
    done: 'boolean',
  });
  const { rows } = await sql`select id, at, case when done then 1 else 0 end as yes from ${table.of([
    { id: '7', at: 8, done: true },
    { id: "o'b", at: null, done: false },
  ])}`.execute(here.db.kysely);
  assert.deepEqual(rows, [
    { id: '7', at: 8, yes: 1 },
    { id: "o'b", at: null, yes: 0 },
  ]);
});

test('a name is found in any case of ASCII letters, and no other', async () => {
  await using here = await testDatabase();
  const found = async (name: string) =>
    (
      await here.db.kysely
        .selectFrom('users')
        .select('id')
        .where(equalsIgnoringCase('username', name))
        .execute()
    ).length;
  assert.deepEqual([await found('ANN'), await found('ann'), await found('änn')], [1, 1, 0]);
});
