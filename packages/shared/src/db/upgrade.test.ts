import assert from 'node:assert/strict';
import { existsSync, statSync, utimesSync } from 'node:fs';
import { test } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { onlyWithSqlite } from '../../test/dialect.ts';
import { TestDirectory } from '../../test/directory.ts';
import { olderDatabase } from '../../test/older-database.ts';
import { OtherProcess } from '../../test/other-process.ts';
import { openSqlite } from './open-sqlite.ts';
import { HERE, type UpgradeSurroundings } from './upgrade.ts';
import { noteUpgrade, type UpgradeProgress, upgradeNoteOf, upgradeUnderWay } from './upgrade-note.ts';

onlyWithSqlite('PostgreSQL begins with the schema of today');

const FIRST_RELEASE = '0005-operating';
const SMALL = { messages: 200, users: 10 };
const SOMEBODY: UpgradeProgress = {
  migration: '0025-event-segments',
  number: 9,
  of: 16,
  seconds: 40,
  percent: 35,
};

/** Surroundings that record what is said. */
function listening(said: string[], differences: Partial<UpgradeSurroundings> = {}): UpgradeSurroundings {
  return { ...HERE, says: (sentence) => void said.push(sentence), ...differences };
}

const TABLES = [
  'users',
  'api_keys',
  'connections',
  'friendships',
  'messages',
  'outbox',
  'delivery_attempts',
  'events',
];

/** What an upgrade may not change: the numbers of rows and the texts of all messages. */
function contentsOf(file: string): unknown {
  return reading(file, (sqlite) => ({
    rows: TABLES.map((table) => sqlite.prepare(`select count(*) from ${table}`).pluck().get()),
    bodies: sqlite
      .prepare('select group_concat(id || body) from (select * from messages order by id)')
      .pluck()
      .get(),
  }));
}

function lastMigrationOf(file: string): unknown {
  return reading(file, (sqlite) => sqlite.prepare('select max(name) from kysely_migration').pluck().get());
}

function reading<T>(file: string, read: (sqlite: BetterSqlite3.Database) => T): T {
  const sqlite = new BetterSqlite3(file, { readonly: true });
  try {
    return read(sqlite);
  } finally {
    sqlite.close();
  }
}

test('a database of the first release is upgraded with all that is in it, and the operator hears of it', async () => {
  using directory = new TestDirectory();
  const file = directory.file('mahilo.db');
  await olderDatabase(file, FIRST_RELEASE, SMALL);
  const before = contentsOf(file);
  const said: string[] = [];
  await using db = await opened(file, listening(said));
  assert.deepEqual(contentsOf(db.file), before);
  assert.match(
    said[0] ?? '',
    /is being upgraded: migration 1 of \d+ \(0006-access-version\), for 0 s, about \d+ % done\.$/,
  );
  assert.match(said.at(-1) ?? '', /mahilo\.db is upgraded, in \d+ s\.$/);
  assert.equal(existsSync(upgradeNoteOf(file)), false);
});

test('a new database, and one that is as it should be, say nothing', async () => {
  using directory = new TestDirectory();
  const said: string[] = [];
  for (let times = 0; times < 2; times++) {
    await using _db = await opened(directory.file('mahilo.db'), listening(said));
  }
  assert.deepEqual(said, []);
});

test('an upgrade for which there is no room is refused with how much it needs, and runs when there is', async () => {
  using directory = new TestDirectory();
  const file = directory.file('mahilo.db');
  await olderDatabase(file, FIRST_RELEASE, SMALL);
  await assert.rejects(opened(file, listening([], { freeBytesAt: async () => 1_500_000 })), {
    // A supervisor starts it again; a SetupError would be final.
    name: 'Error',
    message:
      /needs \d\d MB of free disk, and there are 2 MB in .*Make room and start again; nothing was changed\.$/,
  });
  assert.equal(lastMigrationOf(file), FIRST_RELEASE);
  assert.equal(existsSync(upgradeNoteOf(file)), false);
  await using _db = await opened(file, listening([]));
  assert.notEqual(lastMigrationOf(file), FIRST_RELEASE);
});

test('a process that starts during an upgrade says why it waits, and goes on after it', async () => {
  using directory = new TestDirectory();
  const file = directory.file('mahilo.db');
  await olderDatabase(file, FIRST_RELEASE);
  await using other = await OtherProcess.start(file);
  await other.lock();
  const renewing = setInterval(() => noteUpgrade(file, SOMEBODY), 100);
  noteUpgrade(file, SOMEBODY);
  const heard = Promise.withResolvers<string>();
  const opening = opened(file, listening([], { says: heard.resolve }));
  assert.equal(
    await heard.promise,
    'Waiting: another process upgrades the database: migration 9 of 16 (0025-event-segments), for 40 s, about 35 % done.',
  );
  clearInterval(renewing);
  await other.unlock();
  await using _db = await opening;
  assert.notEqual(lastMigrationOf(file), FIRST_RELEASE);
});

test('a note is of an upgrade under way only while somebody renews it', () => {
  using directory = new TestDirectory();
  const file = directory.file('mahilo.db');
  assert.equal(upgradeUnderWay(file), undefined);
  noteUpgrade(file, SOMEBODY);
  assert.deepEqual(upgradeUnderWay(file), SOMEBODY);
  const old = statSync(upgradeNoteOf(file)).mtimeMs / 1000 - 60;
  utimesSync(upgradeNoteOf(file), old, old);
  assert.equal(upgradeUnderWay(file), undefined);
});

test('a process that is killed during an upgrade leaves the database as it was, or as it should be', async () => {
  using directory = new TestDirectory();
  const file = directory.file('mahilo.db');
  await olderDatabase(file, FIRST_RELEASE, { messages: 20_000, users: 100 });
  const before = contentsOf(file);
  await using other = await OtherProcess.start(file);
  const ended = other.open().then(
    () => 'done',
    () => 'killed',
  );
  while (!existsSync(upgradeNoteOf(file)) && (await Promise.race([ended, oneTurn()])) === undefined);
  await other.kill();
  await ended;
  const left = lastMigrationOf(file);
  await using db = await opened(file, listening([]));
  assert.ok(left === FIRST_RELEASE || left === lastMigrationOf(file), `it is half-way, at ${String(left)}`);
  assert.deepEqual(contentsOf(db.file), before);
  assert.equal(
    reading(file, (sqlite) => sqlite.pragma('integrity_check', { simple: true })),
    'ok',
  );
});

async function opened(file: string, surroundings: UpgradeSurroundings) {
  const db = await openSqlite(file, 'at once', surroundings);
  return { ...db, [Symbol.asyncDispose]: () => db.close() };
}

async function oneTurn(): Promise<undefined> {
  await new Promise((resolve) => setTimeout(resolve, 1));
}
