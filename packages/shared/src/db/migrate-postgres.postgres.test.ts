import assert from 'node:assert/strict';
import { test } from 'node:test';
import { postgresServer } from '../../test/dialect.ts';
import { PostgresStore } from '../../test/postgres/store.ts';
import { SetupError } from '../errors.ts';
import { migrations, postgresMigrations } from './migrations.ts';
import { openDatabase, openExisting } from './open.ts';

/** A database without a schema, which is dropped at the end. */
class Bare extends PostgresStore implements AsyncDisposable {
  static async make(): Promise<Bare> {
    const bare = new Bare(postgresServer() ?? '');
    await bare.makeBare();
    return bare;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drop();
  }
}

async function assertRefused(url: string, sentence: RegExp): Promise<void> {
  await assert.rejects(openDatabase(url), (error) => {
    assert.ok(error instanceof SetupError, String(error));
    assert.match(error.message, sentence);
    return true;
  });
}

test('both dialects have the same migrations, in the same order', () => {
  assert.deepEqual(Object.keys(postgresMigrations), Object.keys(migrations));
});

test('race: of processes that start together on an empty database one makes the tables, and all go on', async () => {
  await using bare = await Bare.make();
  const opened = await Promise.all(Array.from({ length: 6 }, () => openDatabase(bare.url)));
  for (const db of opened) await db.close();
  const names = await bare.query<{ name: string }>('select name from kysely_migration order by name');
  assert.deepEqual(
    names.map(({ name }) => name),
    Object.keys(migrations),
  );
});

test('a database with tables of another application is left as it is', async () => {
  await using bare = await Bare.make();
  await bare.query('create table users (name text)');
  await assertRefused(bare.url, /has tables of another application, and was left as it is/);
  const tables = await bare.query("select 1 from pg_tables where schemaname = 'public'");
  assert.equal(tables.length, 1);
});

test('a tool leaves an older database alone', async () => {
  await using bare = await Bare.make();
  await (await openDatabase(bare.url)).close();
  await bare.query('delete from kysely_migration where name = ?', Object.keys(migrations).at(-1));
  await assert.rejects(openExisting(bare.url), /written by an older version/);
});

test('a newer database is refused in a sentence', async () => {
  await using bare = await Bare.make();
  await (await openDatabase(bare.url)).close();
  await bare.query("insert into kysely_migration (name, timestamp) values ('9999-future', '')");
  await assertRefused(bare.url, /written by a newer version of Mahilo Registry \(it has 9999-future\)/);
});

test('a change of the directory renews the access version once, and one that changes no row does not', async () => {
  await using bare = await Bare.make();
  await (await openDatabase(bare.url)).close();
  const version = async () =>
    (await bare.query<{ version: number }>('select version from access_version'))[0]?.version;
  const renews = async (text: string) => {
    const before = await version();
    await bare.query(text);
    return (await version()) !== before;
  };
  assert.ok(
    await renews(
      "insert into users (id, username, created_at) values ('usr_a', 'ann', 1), ('usr_b', 'ben', 1)",
    ),
  );
  assert.ok(!(await renews("update users set display_name = 'x' where id = 'usr_none'")));
  assert.ok(await renews("update users set display_name = 'x'"));
  const key = "'usr_a', 'k', 'all', '\\x01', 1";
  assert.ok(
    await renews(`insert into api_keys (id, user_id, name, scope, hash, created_at) values ('key', ${key})`),
  );
  assert.ok(!(await renews('update api_keys set last_used_at = 5')));
  assert.ok(await renews('update api_keys set expires_at = 5'));
  assert.ok(await renews('delete from api_keys'));
});

test('the audit trail is append-only', async () => {
  await using bare = await Bare.make();
  await (await openDatabase(bare.url)).close();
  const now = Date.now();
  const line = (at: number) =>
    `insert into audit (created_at, actor_type, actor, action, subject) values (${at}, 'user', 'a', 'b', 'c')`;
  await bare.query(line(now));
  await bare.query(line(1));
  await assert.rejects(bare.query("update audit set actor = 'x'"), /The audit trail is append-only/);
  await assert.rejects(bare.query('truncate audit'), /The audit trail is append-only/);
  await assert.rejects(bare.query('delete from audit'), /The audit trail is kept for a year/);
  await bare.query('delete from audit where created_at = 1');
});
