import assert from 'node:assert/strict';
import { test } from 'node:test';
import { postgresMigrations } from '@mahilo/shared/db/migrations';
import { PostgresQueueDialect } from '@mahilo/shared/db/postgres/dialect';
import { ReaderDriver } from '@mahilo/shared/db/postgres/readers';
import { Servers } from '@mahilo/shared/db/postgres/servers';
import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { InProcessWorld } from './world/in-process-world.ts';

test('after a restore by the server’s own programs browsers are signed out, and no link that was used since works again', async () => {
  await using world = new InProcessWorld();
  const api = await world.startApi();
  const ann = await world.newcomer('ann');
  await ann.ok('POST', '/friends/links');
  await world.admin(['users', 'sign-in-link', 'ann']);
  await api.close();
  const { code, stderr } = await world.admin(['restored']);
  assert.equal(code, 0, stderr);
  for (const table of ['sessions', 'sign_in_links', 'friend_links']) {
    assert.deepEqual(await world.store.query(`select * from ${table}`), [], table);
  }
});

test('what the version before has dumped is brought up to date, before any process gives out ids', async () => {
  await using world = new InProcessWorld();
  await world.store.makeBare();
  const driver = new ReaderDriver(new Servers(world.store.url), 1);
  const db = new Kysely<unknown>({ dialect: new PostgresQueueDialect(driver) });
  const older = Object.fromEntries(Object.entries(postgresMigrations).slice(0, -1));
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => older },
  }).migrateToLatest();
  assert.equal(error, undefined);
  await db.destroy();
  const { code, stderr } = await world.admin(['restored']);
  assert.equal(code, 0, stderr);
  const names = await world.store.query('select name from kysely_migration');
  assert.equal(names.length, Object.keys(postgresMigrations).length);
});
