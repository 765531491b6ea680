import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { sql } from 'kysely';
import { testDatabase } from '../../test/database.ts';
import { onlyWithSqlite } from '../../test/dialect.ts';
import { SetupError } from '../errors.ts';
import { migrations } from './migrations.ts';
import { openExistingSqlite, openSqlite } from './open-sqlite.ts';

onlyWithSqlite('PostgreSQL begins with the schema of today');

/**
 * Migrations that databases out there have run, and the SHA-256 of their files. They are history: a change goes into a
 * new one. With each release the new ones are added here.
 */
const RELEASED: Readonly<Record<string, string>> = {
  '0001-initial': '06eb677ec0356d95f289d173b95a27cc8011e9549f92b745f8d0c7844630ddca',
  '0002-directory-version': '6fb4792cc5f04131a50011a4f8aa91f870afec7c20ec5e591bab8f5c261e510c',
  '0003-groups': '39ae527328cebc99a6b58e7401d81ba45db9d72d2b850152dab736e5f935f451',
  '0004-policies': 'c7584984b93c256758901e486bc151503f0473048bab562321be611a8f31a655',
  '0005-operating': '95d2ead0f562dbd788ae159e6e285424959453f829ecb826958487eb1c022ef3',
  '0006-access-version': '7db03f10da6a15681e1901875b5a08186c1b0cb8634717ae83f47f3b5b3f4114',
  '0007-bounds': '663194b88ca91bfd2f87f5898b05f5e3fcd267280d39e01282f72a4fe531d574',
  '0008-stored-bytes': 'a0c8d55d4956e4a7822cf56836329699dde83e35585de6943525a73509062d4d',
  '0009-api-keys': '683aff23b9dc87d36080b23396607f467c1bb0006b69c6b6fbd0ab17034a6a6b',
  '0010-flat-reads': '76b7a4ab040327e441a21bd3de5aef33ba88b0d0a8bd86e2ec3b844c20cead9b',
  '0011-people': '7a792a9294f818fd4e3a4852923338044762b5d9565215abb3dacaf9635b8b22',
  '0012-delivery': '06c085d201cbbe5a819e6ea0c4af9eb9258cf2c8dbd1eecc44c3ae5aab9da44f',
  '0013-secret-check': 'be78b6c88aa22a20bcb7b3b4e0fc374b6496fa2565ee0f934bf203e83c44c078',
  '0017-group-names': 'f512fd2d38ded4be97a7a8400eaea0c181839149b12964b9fc6eb07bfcb5da25',
  '0018-present-clients': '6c98125cbe9b8d1d0b81aa8896ca5dd7a7f8cf338e53a41f84f44419ccab2cdd',
  '0019-policy-effects': '359c63ccec43a69bf53708e55412d01376fadc8ec733891e0dcc73b2b58edc1c',
  '0020-decisions': 'bc63b05e76f16d02f2b449acb14ec25bd5857354ea12784343b5eb952b385287',
  '0021-callback-shape': 'beddcd44aa804e12308dacbc92201bb21d9edf4753b1d2ac47c5c62d3a11bec9',
  '0025-event-segments': '71aab59c711b886040ba279b3f896b6361f7b4f45e24b5c4dcca58217b664fb7',
  '0026-event-subscriptions': '03a9a1844064d8f7a5c33072000d9d9094881026cc5942dab8625c05675d2ee4',
  '0027-answers': 'bea71345521e77d5cd2ace9a979a77344d9c01ebd563ecef80d4768f4b2bf73c',
  '0031-browser-sessions': '9f0d28aeac49c28b937380f52c5ee4161b3b9c34e2ecc8a49a88ef40adbe4079',
  '0032-public-keys': '0b0c0b9d141e01bb253a3f230b392f74a428a2956ea16d025fb3d14bab30b01d',
  '0033-key-hash': '93112d01f8bd1cbc758e990dead642d74ece0a142c841c0d63b2ac7e07be0cfa',
  '0037-friend-links': '5098cd265357d72d40f4a7183d4f52d0b7ead5138d0f177d868e96e02433076b',
  '0038-operators': '28c10e53cb8213b530ff6526299ca980c078e8277359c0cb2e0689ccf0f0dca2',
  '0039-group-links': '0d9aff41e08ab28bcb3fe66dcad2411b5342c1fc580c5c57d334f4bd55a7a530',
};

const FILES = globSync('migrations/*.ts', { cwd: import.meta.dirname, exclude: ['**/*.test.ts'] }).toSorted();

test('a released migration is as it was', () => {
  const hashes = FILES.map((file) => [
    basename(file, '.ts'),
    createHash('sha256')
      .update(readFileSync(join(import.meta.dirname, file)))
      .digest('hex'),
  ]);
  const released = hashes.filter(([name]) => name !== undefined && name in RELEASED);
  assert.deepEqual(Object.fromEntries(released), RELEASED);
});

test('a new migration comes after the released ones, and every file is in the list', () => {
  const names = FILES.map((file) => basename(file, '.ts'));
  assert.deepEqual(Object.keys(migrations), names);
  assert.deepEqual(names.slice(0, Object.keys(RELEASED).length), Object.keys(RELEASED));
});

test('who may run beside a migration is told by the number of one before it', () => {
  const numbers = Object.keys(migrations).map((name) => name.slice(0, 4));
  for (const name of Object.keys(migrations).filter((name) => name.includes('beside'))) {
    const since = /-beside-(\d{4})$/.exec(name)?.[1] ?? '';
    assert.ok(numbers.includes(since) && since < name, name);
  }
});

for (const [what, change, sentence] of [
  [
    'a newer version',
    "insert into kysely_migration (name, timestamp) values ('0999-future', '')",
    /written by a newer version of Mahilo Registry \(it has 0999-future\); start that version/,
  ],
  [
    'a revision whose migrations were other ones',
    "update kysely_migration set name = '0002-other' where name like '0002-%'",
    /has migrations that no release has in this order \(0001-initial, 0002-other, .*restore a backup of a release\.$/,
  ],
  [
    'a revision that lacks one in the middle',
    "delete from kysely_migration where name like '0003-%'",
    /has migrations that no release has in this order/,
  ],
] as const) {
  test(`a database of ${what} is refused in a sentence, and left as it is`, async () => {
    await using here = await testDatabase();
    await sql.raw(change).execute(here.db.kysely);
    for (const open of [openSqlite, openExistingSqlite]) {
      await assert.rejects(open(here.file), (error) => {
        assert.ok(error instanceof SetupError, String(error));
        assert.match(error.message, sentence);
        return true;
      });
    }
  });
}

test('a database whose tables are not those of its migrations is refused in a sentence, and left as it is', async () => {
  await using here = await testDatabase();
  await sql`delete from kysely_migration where name >= '0003'`.execute(here.db.kysely);
  await assert.rejects(openSqlite(here.file), (error) => {
    assert.ok(error instanceof SetupError, String(error));
    assert.match(
      error.message,
      /could not be brought up to date and is as it was \(.*\): a revision between two/,
    );
    return true;
  });
});
