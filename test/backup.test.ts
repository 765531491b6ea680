import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { onlyWithSqlite } from '@mahilo/shared/test/dialect';
import { olderDatabase } from '@mahilo/shared/test/older-database';
import { SmallDisk } from '@mahilo/shared/test/small-disk';
import BetterSqlite3 from 'better-sqlite3';
import { InProcessWorld } from './world/in-process-world.ts';
import type { Surroundings } from './world/surroundings.ts';

onlyWithSqlite('backups of the file');

const NAME = /^mahilo-\d{8}-\d{6}\.db$/;

/** A database that no process has open: two users, a connection. */
const written = new InProcessWorld();
before(async () => {
  const api = await written.startApi();
  await written.twoFriends(await written.startAgent());
  await api.close();
});
after(() => written[Symbol.asyncDispose]());

interface Stopped extends AsyncDisposable {
  world: InProcessWorld;
  backups: string;
}

/** A world with such a database. */
function stopped(): Stopped {
  const world = new InProcessWorld();
  cpSync(written.directory, world.directory, { recursive: true });
  const backups = join(world.directory, 'backups');
  return { world, backups, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

/** Registers somebody, and leaves the files as a crash of everything leaves them then: the last commits are in the WAL alone. */
async function leaveInWal(world: InProcessWorld, username: string): Promise<void> {
  const api = await world.startApi();
  await world.nobody.register(username);
  const files = ['', '-wal'].map((suffix) => `${world.databaseFile}${suffix}`);
  const crashed = files.map((file) => readFileSync(file));
  await api.close();
  for (const [i, file] of files.entries()) writeFileSync(file, crashed[i] ?? '');
}

/** Runs a tool that must succeed. @returns its answer. */
async function tool(world: Surroundings, ...toolArguments: string[]) {
  const run = await world.admin([...toolArguments, '--json']);
  assert.equal(run.code, 0, run.stderr);
  return run.json;
}

function usernames(file: string): unknown[] {
  const sqlite = new BetterSqlite3(file, { readonly: true });
  try {
    return sqlite.prepare('select username from users order by username').pluck().all();
  } finally {
    sqlite.close();
  }
}

test('a backup of a live database is whole, its owner’s alone, and needs no secret', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  await world.nobody.register('ann');
  const backups = join(world.directory, 'backups');
  const run = await world.adminProcess(['backup', '--to', backups, '--json'], { SECRET_KEY: '' });
  assert.equal(run.code, 0, run.stderr);
  const { file, bytes, schema, deleted } = run.json;
  assert.match(basename(file), NAME);
  assert.deepEqual([schema, deleted, bytes], ['current', [], statSync(file).size]);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(backups).mode & 0o777, 0o700);
  assert.deepEqual(usernames(file), ['ann']);
  assert.deepEqual(readdirSync(backups), [basename(file)]);
});

test('several backups at once have names of their own, and all are whole', async () => {
  await using here = stopped();
  const backUp = () => here.world.adminProcess(['backup', '--to', here.backups, '--json']);
  const runs = await Promise.all([backUp(), backUp(), backUp()]);
  for (const { code, stderr } of runs) assert.equal(code, 0, stderr);
  const files = runs.map(({ json }) => json.file);
  assert.equal(new Set(files).size, 3);
  for (const file of files) assert.deepEqual(usernames(file), ['ann', 'ben']);
  assert.equal(readdirSync(here.backups).length, 3);
});

test('only old files with the name of a backup are deleted, and only when that is asked for', async () => {
  await using here = stopped();
  mkdirSync(here.backups);
  const day = (days: number) =>
    new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
  const [old, young, link] = [
    `mahilo-${day(9)}-000000.db`,
    `mahilo-${day(5)}-000000.db`,
    'mahilo-20200101-000000.db',
  ];
  const foreign = ['mahilo-2020.db', 'other-20200101-000000.db', 'mahilo-20200101-000000.db.gz', 'mahilo.db'];
  for (const name of [old, young, ...foreign]) writeFileSync(join(here.backups, name), '');
  symlinkSync(here.world.databaseFile, join(here.backups, link));
  const kept = await tool(here.world, 'backup', '--to', here.backups);
  assert.deepEqual(kept.deleted, []);
  const { file, deleted } = await tool(here.world, 'backup', '--to', here.backups, '--keep-days', '7');
  assert.deepEqual(deleted, [old]);
  const left = [young, link, ...foreign, basename(kept.file), basename(file)];
  assert.deepEqual(readdirSync(here.backups).sort(), left.sort());
});

test('a backup that fails deletes nothing and leaves nothing', async () => {
  await using here = stopped();
  mkdirSync(here.backups);
  writeFileSync(join(here.backups, 'mahilo-20200101-000000.db'), '');
  truncateSync(here.world.databaseFile, statSync(here.world.databaseFile).size - 8192);
  const run = await here.world.admin(['backup', '--to', here.backups, '--keep-days', '1']);
  assert.equal(run.code, 1);
  assert.match(run.stderr, /mahilo\.db cannot be read: .*malformed/);
  assert.deepEqual(readdirSync(here.backups), ['mahilo-20200101-000000.db']);
});

test('a backup without room is refused in a sentence', async (t) => {
  using disk = SmallDisk.mount(64);
  if (disk === undefined) return t.skip('This machine lets us mount no small file system.');
  await using here = stopped();
  const run = await here.world.admin(['backup', '--to', disk.file('backups')]);
  assert.equal(run.code, 1);
  assert.match(run.stderr, /^The backup takes up to \d+ kB, and .* has room for \d+ kB: make room/);
  assert.deepEqual(readdirSync(disk.file('backups')), []);
});

test('mistakes on the command line are told in a sentence', async () => {
  await using world = new InProcessWorld();
  for (const [toolArguments, sentence] of [
    [['backup'], /^--to DIRECTORY is missing/],
    [['backup', '--to', 'x', '--keep-days', '0'], /^--keep-days must be/],
    [['backup', '--to', 'x', '--fast'], /--fast/],
    [['backup', '--to', 'x'], /^There is no file .*mahilo\.db\.\n$/],
    [['restore'], /^Exactly one FILE/],
    [['restore', 'nowhere.db'], /^There is no file .*nowhere\.db\.\n$/],
  ] as const) {
    const run = await world.admin(toolArguments);
    assert.equal(run.code, 1, run.stdout);
    assert.match(run.stderr, sentence);
    assert.doesNotMatch(run.stderr, /\bat .*\.ts:\d/);
  }
  assert.ok(!existsSync(world.databaseFile), 'none is made');
});

test('a backup takes the place of the database, which is kept with all that stood only in its WAL', async () => {
  await using here = stopped();
  const { world } = here;
  const { file } = await tool(world, 'backup', '--to', here.backups);
  await leaveInWal(world, 'late');
  assert.ok(statSync(`${world.databaseFile}-wal`).size > 0);
  chmodSync(world.databaseFile, 0o640);

  const restored = await tool(world, 'restore', file);
  assert.equal(restored.schema, 'current');
  assert.deepEqual(usernames(world.databaseFile), ['ann', 'ben']);
  assert.deepEqual(usernames(restored.kept_as), ['ann', 'ben', 'late']);
  assert.equal(statSync(world.databaseFile).mode & 0o777, 0o640);
  assert.equal(statSync(world.databaseFile).uid, statSync(restored.kept_as).uid);
  const beside = readdirSync(world.directory).filter((name) => name.startsWith('mahilo.db'));
  assert.deepEqual(
    beside.sort(),
    ['', '-backed-up', '-bell', '-id']
      .map((suffix) => `mahilo.db${suffix}`)
      .concat(basename(restored.kept_as))
      .sort(),
  );

  await world.startApi();
  assert.equal((await world.nobody.call('POST', '/auth/register', { username: 'late' })).status, 201);
});

test('a restore over a live database is refused, whichever process has it open', async () => {
  await using here = stopped();
  const { world } = here;
  const { file } = await tool(world, 'backup', '--to', here.backups);
  for (const start of [() => world.startApi(), () => world.startWorker()]) {
    const running = await start();
    const run = await world.adminProcess(['restore', file]);
    assert.equal(run.code, 1);
    assert.match(run.stderr, /mahilo\.db is open in another process: stop the API, every worker/);
    await running.close();
  }
  assert.equal((await world.admin(['restore', file])).code, 0);
});

test('a worker that lives without a lock is found by its heartbeat, and one that was killed is waited for', async () => {
  await using here = stopped();
  const { world } = here;
  const { file } = await tool(world, 'backup', '--to', here.backups);
  const sqlite = new BetterSqlite3(world.databaseFile);
  const beat = (id: string, at: number) =>
    sqlite.prepare('insert or replace into workers values (?, 0, ?)').run(id, at);
  // It counts as alive for 15 s. The rest is for a busy machine.
  beat('wkr_killed', Date.now() - 9000);
  sqlite.close();
  const run = await world.admin(['restore', file]);
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stderr, /^A worker was alive a moment ago; waiting/);
});

test('what is no usable backup is refused, and the database stays as it is', async () => {
  await using here = stopped();
  const { world } = here;
  const { file } = await tool(world, 'backup', '--to', here.backups);
  const before = readFileSync(world.databaseFile);
  const variant = (name: string, change: (file: string) => void) => {
    const path = join(world.directory, name);
    writeFileSync(path, readFileSync(file));
    change(path);
    return path;
  };
  const sql = (text: string) => (path: string) => {
    const sqlite = new BetterSqlite3(path);
    sqlite.pragma('foreign_keys = off');
    sqlite.exec(text);
    sqlite.close();
  };
  for (const [path, sentence] of [
    [
      variant('text.db', (path) => writeFileSync(path, 'x'.repeat(9000))),
      /cannot be read: file is not a database/,
    ],
    [variant('foreign.db', sql('drop table kysely_migration')), /is no database of Mahilo Registry/],
    [variant('marked.db', sql('pragma application_id = 1')), /is no database of Mahilo Registry/],
    [
      variant('newer.db', sql("insert into kysely_migration values ('0999-future', '')")),
      /was written by a newer version of Mahilo Registry/,
    ],
    [
      variant('dangling.db', sql("delete from users where username = 'ann'")),
      /is damaged: \d+ rows of \w+ refer/,
    ],
    [
      variant('short.db', (path) => truncateSync(path, statSync(path).size - 8192)),
      /cannot be read: .*malformed|is damaged/,
    ],
  ] as const) {
    for (const more of [[], ['--check']]) {
      const run = await world.admin(['restore', path, ...more]);
      assert.equal(run.code, 1, path);
      assert.match(run.stderr, sentence);
    }
  }
  assert.deepEqual(readFileSync(world.databaseFile), before);
  const left = readdirSync(world.directory).filter((name) => /restor/.test(name));
  assert.deepEqual(left, [], 'nothing of the attempts');
  assert.equal((await world.admin(['restore', file, '--check'])).code, 0);
});

test('a database that is damaged beyond its locks is replaced only when that is said, and kept with its WAL', async () => {
  await using here = stopped();
  const { world } = here;
  const { file } = await tool(world, 'backup', '--to', here.backups);
  writeFileSync(world.databaseFile, 'no database at all'.repeat(1000));
  writeFileSync(`${world.databaseFile}-wal`, 'its WAL');
  const refused = await world.admin(['restore', file]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /is damaged .*add --replace-damaged/);
  const { kept_as } = await tool(world, 'restore', file, '--replace-damaged');
  assert.deepEqual(usernames(world.databaseFile), ['ann', 'ben']);
  assert.match(readFileSync(kept_as, 'utf8'), /^no database/);
  assert.equal(readFileSync(`${kept_as}-wal`, 'utf8'), 'its WAL');
});

test('a database of another application is never replaced, and stays as it is with what lies beside it', async () => {
  await using here = stopped();
  const { world } = here;
  const { file } = await tool(world, 'backup', '--to', here.backups);
  const theirs = join(world.directory, 'theirs.db');
  const other = new BetterSqlite3(theirs);
  other.exec('pragma journal_mode = wal; create table kysely_migration (name text); create table theirs (a)');
  const before = readFileSync(theirs);
  const wal = readFileSync(`${theirs}-wal`);
  for (const more of [[], ['--replace-damaged']]) {
    const run = await world.admin(['restore', file, '--database', theirs, ...more]);
    assert.equal(run.code, 1);
    assert.match(run.stderr, /is the database of another application, and was left as it is/);
  }
  const copied = await world.admin(['backup', '--to', here.backups, '--database', theirs]);
  assert.match(copied.stderr, /theirs\.db is no database of Mahilo Registry/);
  assert.deepEqual([readFileSync(theirs), readFileSync(`${theirs}-wal`)], [before, wal]);
  other.close();
});

test('a backup is restored where there is no database', async () => {
  await using here = stopped();
  const { file } = await tool(here.world, 'backup', '--to', here.backups);
  const elsewhere = join(here.world.directory, 'new machine', 'mahilo.db');
  const { kept_as, database } = await tool(here.world, 'restore', file, '--database', elsewhere);
  assert.deepEqual([kept_as, database], [null, elsewhere]);
  assert.deepEqual(usernames(elsewhere), ['ann', 'ben']);
});

test('events after a restore have larger ids than any before, so that whoever follows them misses none', async () => {
  await using here = stopped();
  const { world } = here;
  const { file } = await tool(world, 'backup', '--to', here.backups);
  const eventIds = () => {
    const sqlite = new BetterSqlite3(world.databaseFile, { readonly: true });
    const ids = sqlite.prepare('select id from events order by id').pluck().all().map(Number);
    sqlite.close();
    return ids;
  };
  const api = await world.startApi();
  const cid = await world.nobody.register('cid');
  const dan = await world.nobody.register('dan');
  await cid.befriend(dan);
  await api.close();
  const lastBefore = eventIds().at(-1) ?? 0;
  await tool(world, 'restore', file);
  await world.startApi();
  const eve = await world.nobody.register('eve');
  await eve.befriend(await world.nobody.register('fay'));
  assert.ok((eventIds().at(-1) ?? 0) > lastBefore + 1000);
});

test('a restore signs everybody out: a session that was ended after the backup does not come back', async () => {
  await using here = stopped();
  const { world } = here;
  const api = await world.startApi();
  const eve = await world.nobody.register('eve');
  const signIn = await world.nobody.call('POST', '/auth/sessions', { api_key: eve.apiKey });
  const [cookie = ''] = signIn.headers.get('set-cookie')?.split(';') ?? [];
  const browser = { cookie, 'sec-fetch-site': 'same-origin' };
  const asks = async () => (await world.nobody.call('GET', '/auth/me', undefined, browser)).status;
  assert.equal(await asks(), 200);
  const { file } = await tool(world, 'backup', '--to', here.backups);
  await world.nobody.ok('DELETE', '/auth/sessions/current', undefined, browser);
  await api.close();
  await tool(world, 'restore', file);
  await world.startApi();
  assert.equal(await asks(), 401);
  assert.equal((await eve.ok('GET', '/auth/me')).username, 'eve');
});

test('a backup of an older version, which knew no browsers, is restored', async () => {
  await using here = stopped();
  const older = join(here.world.directory, 'older.db');
  await olderDatabase(older, '0027-answers');
  assert.equal((await tool(here.world, 'restore', older)).schema, 'older');
  await here.world.startApi();
});

test('a place where no backup can be put is told in a sentence, at once', async () => {
  await using here = stopped();
  const { world } = here;
  for (const place of ['/proc/x', '/proc/x/y', '/dev/null/x', '/etc/hostname']) {
    const run = await world.admin(['backup', '--to', place]);
    assert.equal(run.code, 1, place);
    assert.match(
      run.stderr,
      /^No backup can be put into .*: give a directory that user \d+ may write to[^\n]*\n$/,
    );
  }
  const lost = await world.spawn('worker', { DATABASE_URL: '/proc/x/mahilo.db' });
  assert.equal(await lost.ended, 78);
});
