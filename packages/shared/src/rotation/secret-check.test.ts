import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { testDatabase } from '../../test/database.ts';
import { keyRing } from '../sealing/key-ring.ts';
import { seal } from '../sealing/seal.ts';
import { assertSecretRight, judgeSecret, resealCheck, writeCheck } from './secret-check.ts';

const OLD = 'the-old-secret-key-0123456789-0123456789';
const NEW = 'the-new-secret-key-0123456789-0123456789';
const old = keyRing({ SECRET_KEY: OLD });
const both = keyRing({ SECRET_KEY: NEW, SECRET_KEY_PREVIOUS: OLD });
const fresh = keyRing({ SECRET_KEY: NEW });
const WRONG = { name: 'SetupError', message: /^SECRET_KEY is not the one .*SECRET_KEY_PREVIOUS/ };

test('the first process gives a new database its secret; others are refused until it was changed', async () => {
  await using here = await testDatabase();
  const { db, random } = here;
  assert.equal(await judgeSecret(db.kysely, old), 'unknown');
  await assertSecretRight(db, old, random);
  await assertSecretRight(db, both, random);
  await assert.rejects(assertSecretRight(db, fresh, random), WRONG);
  await resealCheck(db, fresh, random);
  assert.equal(await judgeSecret(db.kysely, fresh), 'wrong', 'only who knows the old one may change it');
  await resealCheck(db, both, random);
  await assertSecretRight(db, fresh, random);
  await assert.rejects(assertSecretRight(db, old, random), WRONG);
});

test('race: of two secrets that begin a database at once, one is right', async () => {
  await using here = await testDatabase();
  const outcomes = await Promise.allSettled(
    [old, fresh].map((keys) => assertSecretRight(here.db, keys, here.random)),
  );
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('a database of an older version takes the secret of what is in it, and no other', async () => {
  await using here = await testDatabase();
  const { db, random } = here;
  await here.addConnection({ callback_secret: Buffer.from('never opens') });
  await assert.rejects(assertSecretRight(db, old, random), WRONG);
  const id = await here.addConnection();
  const callback_secret = seal(old.current.sealing, 'whsec_', id, random);
  await db.kysely.updateTable('connections').set({ callback_secret }).where('id', '=', id).execute();
  await assert.rejects(assertSecretRight(db, fresh, random), WRONG);
  await assertSecretRight(db, both, random);
});

test('a database of an older version that has nothing but API keys knows their secret, too', async () => {
  await using here = await testDatabase();
  const { db, random } = here;
  const key = {
    id: 'aaaaaaaa',
    user_id: here.sender,
    hash: Buffer.alloc(32),
    name: 'first',
    scope: 'all' as const,
    created_at: 0,
  };
  await db.kysely
    .insertInto('api_keys')
    .values({ ...key, secret_key_id: old.current.id })
    .execute();
  await assert.rejects(assertSecretRight(db, fresh, random), WRONG);
  await assertSecretRight(db, old, random);
});

test('a secret that is lost is replaced by one that was told to be the right one', async () => {
  await using here = await testDatabase();
  const { db, random } = here;
  await assertSecretRight(db, old, random);
  await writeCheck(db, fresh, random);
  await assertSecretRight(db, fresh, random);
  const { rows } = await sql`select * from secret_check`.execute(db.kysely);
  assert.equal(rows.length, 1);
  assert.doesNotMatch(JSON.stringify(rows), /the secret of this registry/);
});
