import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { postgresSource } from '@mahilo/operator/move/postgres-ends';
import { openDatabase, openExisting } from '@mahilo/shared/db/open';
import { newestEventId } from '@mahilo/shared/events/tail';
import { SqliteStore } from '@mahilo/shared/test/sqlite-store';
import type { Client } from './world/client.ts';
import { InProcessWorld } from './world/in-process-world.ts';

/** A registry in a SQLite file, on which nothing runs: two friends, one with a mailbox, and messages that wait in it. */
class Scene implements AsyncDisposable {
  readonly world: InProcessWorld;
  readonly file: SqliteStore;
  readonly ann: Client;
  readonly ben: Client;

  private constructor(world: InProcessWorld, file: SqliteStore, ann: Client, ben: Client) {
    this.world = world;
    this.file = file;
    this.ann = ann;
    this.ben = ben;
  }

  static async begin(): Promise<Scene> {
    const world = new InProcessWorld();
    const file = new SqliteStore(world.directory);
    return withApi(world, file.url, async () => {
      const [ann, ben] = [await world.newcomer('ann'), await world.newcomer('ben')];
      await ann.befriend(ben);
      await ben.connectPolling();
      for (const text of ['one', 'two', 'three']) await ann.send(ben, text);
      return new Scene(world, file, ann, ben);
    });
  }

  on<T>(url: string, use: () => Promise<T>): Promise<T> {
    return withApi(this.world, url, use);
  }

  async move(from: string, to: string, ...more: string[]) {
    return this.world.admin(['move', '--from', from, '--to', to, '--json', ...more]);
  }

  async waiting(): Promise<string[]> {
    const fetched = await this.ben.fetch();
    return fetched.map(({ message }: { message: string }) => message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}

/** Runs an API on a database meanwhile. */
async function withApi<T>(world: InProcessWorld, url: string, use: () => Promise<T>): Promise<T> {
  const api = await world.startApi({ DATABASE_URL: url });
  try {
    return await use();
  } finally {
    await api.close();
  }
}

/** Leaves no connection open, which would be one that uses the database. */
async function newestEvent(url: string): Promise<number> {
  const db = await openExisting(url);
  try {
    return await newestEventId(db.kysely);
  } finally {
    await db.close();
  }
}

test('a registry goes to PostgreSQL and goes on there where it was, and comes back', async () => {
  await using scene = await Scene.begin();
  const { world, file, ann, ben } = scene;
  const before = await newestEvent(file.url);
  await world.store.makeBare();

  const there = await scene.move(file.url, world.store.url);
  assert.equal(there.code, 0, there.stderr);
  assert.equal(there.json.tables.messages, 3);
  assert.ok(!existsSync(file.url) && existsSync(`${file.url}-moved`));
  await scene.on(world.store.url, async () => {
    assert.deepEqual(await scene.waiting(), ['one', 'two', 'three']);
    await ann.send(ben, 'four');
    assert.ok((await newestEvent(world.store.url)) > before);
  });
  const wrong = await world.admin(['users', 'list'], { DATABASE_URL: file.url });
  assert.match(wrong.stderr, /was moved to postgres:\/\/127\.0\.0\.1/);
  assert.doesNotMatch(wrong.stderr, new RegExp(new URL(world.store.url).password));

  const later = await newestEvent(world.store.url);
  const back = join(world.directory, 'back.db');
  const again = await scene.move(world.store.url, back);
  assert.equal(again.code, 0, again.stderr);
  assert.equal(again.json.tables.messages, 4);
  await scene.on(back, async () => {
    assert.deepEqual(await ann.ok('GET', '/messages?limit=1').then(([{ message }]) => message), 'four');
    await ann.send(ben, 'five');
  });
  assert.ok((await newestEvent(back)) > later);
  await assert.rejects(
    scene.on(world.store.url, async () => {}),
    /was moved to another one/,
  );
});

test('a database that is in use is not moved, and one that is not empty takes none', async () => {
  await using scene = await Scene.begin();
  const { world, file } = scene;
  await scene.on(file.url, async () => {
    const { code, stderr } = await scene.move(file.url, world.store.url);
    assert.equal(code, 1);
    assert.match(stderr, /is open in another process: stop the API/);
  });
  const other = await world.startApi();
  await world.nobody.register('somebody');
  const full = await scene.move(file.url, world.store.url);
  assert.match(full.stderr, /is not empty: it has users/);
  const used = await scene.move(world.store.url, join(world.directory, 'other.db'));
  assert.match(used.stderr, /is in use by \d+ other connections?: stop every API/);
  await other.close();
  assert.ok(existsSync(file.url) && !existsSync(join(world.directory, 'other.db')));
  await scene.on(file.url, async () => assert.equal((await scene.waiting()).length, 3));
});

test('what cannot be copied is named, and nothing is moved', async () => {
  await using scene = await Scene.begin();
  const { world, file } = scene;
  await world.store.makeBare();
  await file.query("update messages set body = 'a' || char(0) || 'b' where body = 'two'");
  const { code, stderr } = await scene.move(file.url, world.store.url);
  assert.equal(code, 1);
  assert.match(stderr, /^body of msg_\w+ in messages has U\+0000/m);
  assert.deepEqual(await world.store.query('select id from users'), []);
  const replaced = await scene.move(file.url, world.store.url, '--replace-nul');
  assert.equal(replaced.code, 0, replaced.stderr);
  const bodies = await world.store.query<{ body: string }>('select body from messages order by arrival');
  assert.deepEqual(
    bodies.map(({ body }) => body),
    ['one', 'a\uFFFDb', 'three'],
  );
});

test('U+0000 as JSON writes it is named, too: PostgreSQL would fail whenever it reads such JSON', async () => {
  await using scene = await Scene.begin();
  const { world, file } = scene;
  await world.store.makeBare();
  // The second is six characters of a text, and stays.
  const written = String.raw`{"correlation_id":"a\u0000b","group_name":"\\u0000"}`;
  await file.query("update events set data_json = ? where type = 'message_received'", written);
  const { stderr } = await scene.move(file.url, world.store.url);
  assert.match(stderr, /^data_json of \d+ in events has U\+0000/m);
  const replaced = await scene.move(file.url, world.store.url, '--replace-nul');
  assert.equal(replaced.code, 0, replaced.stderr);
  const [event] = await world.store.query<{ correlation_id: string; group_name: string }>(
    `select data_json::json ->> 'correlation_id' as correlation_id, data_json::json ->> 'group_name' as group_name
     from events where type = 'message_received' limit 1`,
  );
  assert.deepEqual(event, { correlation_id: 'a\uFFFDb', group_name: String.raw`\u0000` });
});

test('a process that is started while a registry is moved away never writes where it was', async () => {
  await using world = new InProcessWorld();
  await (await world.startApi()).close();
  const { url } = world.store;
  await using source = await postgresSource(url);
  const started = await source.read(async () => ({
    outcome: openDatabase(url).then(
      async (db) => {
        await db.close();
        return 'it has started';
      },
      (error: Error) => error.message,
    ),
  }));
  assert.match(await started.outcome, /was moved to another one/);
});
