import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { deriveKeys, type KeyRing, keyRing } from '../sealing/key-ring.ts';
import { seal, unseal } from '../sealing/seal.ts';
import { countSecrets, resealSecrets } from './sealed-secrets.ts';

const [OLD, NEW, LOST] = ['old', 'new', 'lost'].map(
  (name) => `the-${name}-secret-key-0123456789-0123456789`,
) as [string, string, string];
const ring: KeyRing = keyRing({ SECRET_KEY: NEW, SECRET_KEY_PREVIOUS: OLD });

/** A connection with a current and a previous secret, sealed under these keys. */
async function connect(here: TestDatabase, secretKey: string, previousKey?: string): Promise<string> {
  const id = await here.addConnection();
  const under = (key: string, text: string) => seal(deriveKeys(key).sealing, text, id, here.random);
  await here.db.kysely
    .updateTable('connections')
    .set({
      callback_secret: under(secretKey, `${id} now`),
      previous_secret: previousKey === undefined ? null : under(previousKey, `${id} before`),
    })
    .where('id', '=', id)
    .execute();
  return id;
}

async function secretsOf(here: TestDatabase, id: string) {
  return here.db.kysely
    .selectFrom('connections')
    .select(['callback_secret', 'previous_secret'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
}

test('what is under the previous key is sealed under the current one, all else stays as it is', async () => {
  await using here = await testDatabase();
  const old = await connect(here, OLD, OLD);
  const mixed = await connect(here, NEW, OLD);
  const current = await connect(here, NEW);
  const lost = await connect(here, LOST);
  const untouched = [await secretsOf(here, current), await secretsOf(here, lost)];
  assert.deepEqual(await countSecrets(here.db.kysely, ring), { current: 2, previous: 3, lost: 1 });

  assert.equal(await resealSecrets(here.db, ring, here.random), 3);
  assert.deepEqual(await countSecrets(here.db.kysely, ring), { current: 5, previous: 0, lost: 1 });
  for (const id of [old, mixed]) {
    const { callback_secret, previous_secret } = await secretsOf(here, id);
    assert.equal(unseal(ring.current.sealing, callback_secret ?? Buffer.of(), id), `${id} now`);
    assert.equal(unseal(ring.current.sealing, previous_secret ?? Buffer.of(), id), `${id} before`);
  }
  assert.deepEqual([await secretsOf(here, current), await secretsOf(here, lost)], untouched);
  assert.equal(await resealSecrets(here.db, ring, here.random), 0, 'a second time there is nothing to do');
});

test('many are sealed anew in batches, and a stop is heeded between them', async () => {
  await using here = await testDatabase();
  for (let n = 0; n < 450; n++) await connect(here, OLD);
  const stop = new AbortController();
  const looked: number[] = [];
  await resealSecrets(here.db, ring, here.random, {
    signal: stop.signal,
    onBatch(count) {
      looked.push(count);
      stop.abort();
    },
  });
  assert.deepEqual(looked, [200]);
  assert.equal(await resealSecrets(here.db, ring, here.random), 250);
});

test('a secret that its owner rotates while it is sealed anew stays the rotated one', async () => {
  await using here = await testDatabase();
  const id = await connect(here, OLD);
  const rotated = seal(ring.current.sealing, 'rotated', id, here.random);
  const write = here.db.write.bind(here.db);
  const raced = {
    ...here.db,
    write: (async (work) => {
      await here.db.kysely
        .updateTable('connections')
        .set({ callback_secret: rotated })
        .where('id', '=', id)
        .execute();
      return write(work);
    }) as typeof here.db.write,
  };
  await resealSecrets(raced, ring, here.random);
  assert.deepEqual((await secretsOf(here, id)).callback_secret, rotated);
});

test('a rotation seals the headers of receivers anew, too', async () => {
  await using here = await testDatabase();
  const id = await connect(here, NEW);
  const headers = JSON.stringify({ authorization: 'Bearer of the receiver' });
  const callback_headers = seal(deriveKeys(OLD).sealing, headers, id, here.random);
  await here.db.kysely.updateTable('connections').set({ callback_headers }).where('id', '=', id).execute();
  assert.deepEqual(await countSecrets(here.db.kysely, ring), { current: 1, previous: 1, lost: 0 });
  assert.equal(await resealSecrets(here.db, ring, here.random), 1);
  const row = await here.db.kysely
    .selectFrom('connections')
    .select('callback_headers')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  assert.equal(unseal(ring.current.sealing, row.callback_headers ?? Buffer.of(), id), headers);
});
