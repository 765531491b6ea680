import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { plansOf } from '../../test/plans.ts';
import { appendEvents } from './append.ts';
import { eventsAfter, newestEventId, oldestEventId, userEventsAfter } from './tail.ts';

/** Appends one event for each user named, with its position (1-based) as data. */
async function append({ db, clock }: TestDatabase, ...userIds: string[]): Promise<void> {
  const events = userIds.map((userId, i) => ({
    userId,
    type: 'friend_request' as const,
    data: { n: i + 1 },
  }));
  await db.write((trx) => appendEvents(trx, events, clock.ms));
}

test('the log is read from an id on, everybody’s or one user’s, oldest first and a page at a time', async () => {
  await using here = await testDatabase();
  const { kysely } = here.db;
  const [ann, ben] = [here.sender, here.recipient];
  await append(here, ann, ben, ann, ben, ann);
  const ids = (rows: { id: number }[]) => rows.map(({ id }) => id);
  assert.deepEqual(ids(await eventsAfter(kysely, 0, 3)), [1, 2, 3]);
  assert.deepEqual(ids(await eventsAfter(kysely, 3, 3)), [4, 5]);
  assert.deepEqual(ids(await userEventsAfter(kysely, ann, 0, 2)), [1, 3]);
  assert.deepEqual(ids(await userEventsAfter(kysely, ann, 3, 2)), [5]);
  assert.deepEqual(await userEventsAfter(kysely, ben, 2, 9), [
    { id: 4, user_id: ben, type: 'friend_request', data_json: '{"n":4}', created_at: here.clock.ms },
  ]);
});

test('the log knows where it begins and ends', async () => {
  await using here = await testDatabase();
  const { kysely } = here.db;
  assert.deepEqual([await oldestEventId(kysely), await newestEventId(kysely)], [undefined, 0]);
  await append(here, here.sender, here.sender, here.sender);
  await kysely.deleteFrom('events').where('id', '=', 1).execute();
  assert.deepEqual([await oldestEventId(kysely), await newestEventId(kysely)], [2, 3]);
});

test('reading the log costs the same however long it is', async () => {
  await using here = await testDatabase();
  await append(here, here.sender);
  const plans = await plansOf(here.db.file, async (trx) => {
    await eventsAfter(trx, 0, 10);
    await userEventsAfter(trx, here.sender, 0, 10);
  });
  assert.deepEqual(
    plans.map(({ steps }) => steps),
    [
      ['SEARCH events USING INTEGER PRIMARY KEY (rowid>?)'],
      ['SEARCH events USING INDEX events_by_user (user_id=? AND id>?)'],
    ],
  );
});
