import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../../../test/database.ts';
import { CommitProxy } from '../../../test/postgres/commit-proxy.ts';
import { openDatabase } from '../open.ts';

/** A process that writes through a network which is cut, and what is in the database after so many writes. */
async function written(cuts: ('before' | 'after')[], works: number): Promise<unknown[]> {
  await using here = await testDatabase();
  await using proxy = await CommitProxy.start(here.store.url);
  const db = await openDatabase(proxy.url);
  proxy.cuts.push(...cuts);
  const append = (n: number) =>
    db.write((trx) =>
      trx
        .insertInto('events')
        .values({
          user_id: here.sender,
          type: 'friend_request',
          data_json: JSON.stringify({ n }),
          created_at: here.clock.ms,
        })
        .execute(),
    );
  for (let n = 0; n < works; n += 1) await append(n);
  assert.deepEqual(proxy.cuts, [], 'the network was cut');
  await db.close();
  const rows = await here.db.kysely.selectFrom('events').select('data_json').orderBy('id').execute();
  return rows.map(({ data_json }) => JSON.parse(data_json).n);
}

test('a write whose COMMIT did not arrive is done again', async () => {
  assert.deepEqual(await written(['before'], 2), [0, 1]);
});

test('a write whose COMMIT was done and not answered is not done again', async () => {
  assert.deepEqual(await written(['after'], 2), [0, 1]);
});

test('also when asking for it is cut', async () => {
  assert.deepEqual(await written(['after', 'before', 'after', 'before'], 3), [0, 1, 2]);
});
