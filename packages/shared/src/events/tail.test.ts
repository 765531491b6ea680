import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { sqliteOnly } from '../../test/dialect.ts';
import { plansOf } from '../../test/plans.ts';
import { appendEvents } from './append.ts';
import { eventsAfter, latestUserEvents, newestEventId, oldestEventId, userEventsAfter } from './tail.ts';

/** Appends one event for each user named, with its position (1-based) as data. */
async function append({ db, clock }: TestDatabase, ...userIds: string[]): Promise<void> {
  const events = userIds.map((userId, i) => ({
    userId,
    type: 'friend_request' as const,
    data: { n: i + 1 },
  }));
  await db.write((trx) => appendEvents(trx, events, clock.ms));
}

/** Inserts a user's events with these ids. */
async function insertAt({ db, clock }: TestDatabase, userId: string, ids: readonly number[]): Promise<void> {
  const event = { user_id: userId, type: 'friend_request' as const, data_json: '{}', created_at: clock.ms };
  const events = ids.map((id) => ({ ...event, id }));
  await db.kysely.insertInto('events').values(events).execute();
}

test('the log is read from an id on, everybody’s or one user’s, oldest first and a page at a time', async () => {
  await using here = await testDatabase();
  const { kysely } = here.db;
  const [ann, ben] = [here.sender, here.recipient];
  await append(here, ann, ben, ann, ben, ann);
  const ids = (rows: { id: number }[]) => rows.map(({ id }) => id);
  assert.deepEqual(ids(await eventsAfter(kysely, 0, 3)), [1, 2, 3]);
  assert.deepEqual(ids(await eventsAfter(kysely, 3, 3)), [4, 5]);
  const page = await userEventsAfter(kysely, ann, 0, 2);
  assert.deepEqual([ids(page.rows), page.goOnAfter], [[1, 3], 3]);
  const last = await userEventsAfter(kysely, ann, 3, 2);
  assert.deepEqual([ids(last.rows), last.goOnAfter], [[5], undefined]);
  assert.deepEqual(await userEventsAfter(kysely, ben, 2, 9), {
    rows: [{ id: 4, user_id: ben, type: 'friend_request', data_json: '{"n":4}', created_at: here.clock.ms }],
    goOnAfter: undefined,
  });
});

test('one user’s events are all found, in their order, however many of others lie between them', async () => {
  await using here = await testDatabase();
  const { kysely } = here.db;
  const wanted = [
    1, 2, 511, 512, 513, 1023, 1024, 70_000, 524_287, 524_288, 2_000_000, 2_000_001, 1_795_000_000_000,
  ];
  await insertAt(here, here.sender, wanted);
  await insertAt(
    here,
    here.recipient,
    wanted.map((id) => id + 5),
  );
  for (const limit of [1, 2, 5, 100]) {
    const found: number[] = [];
    const places: number[] = [];
    for (let after: number | undefined = 0; after !== undefined; ) {
      const part = await userEventsAfter(kysely, here.sender, after, limit);
      found.push(...part.rows.map(({ id }) => id));
      places.push(after);
      after = part.goOnAfter;
    }
    assert.deepEqual(found, wanted, `${limit} at a time`);
    assert.deepEqual(
      places,
      [...new Set(places)].toSorted((one, other) => one - other),
    );
  }
});

test('the log knows where it begins and ends', async () => {
  await using here = await testDatabase();
  const { kysely } = here.db;
  assert.deepEqual([await oldestEventId(kysely), await newestEventId(kysely)], [undefined, 0]);
  await append(here, here.sender, here.sender, here.sender);
  await kysely.deleteFrom('events').where('id', '=', 1).execute();
  assert.deepEqual([await oldestEventId(kysely), await newestEventId(kysely)], [2, 3]);
});

test('reading the log costs the same however long it is', sqliteOnly('the plans of SQLite'), async () => {
  await using here = await testDatabase();
  await append(here, here.sender);
  const plans = await plansOf(here.file, async (trx) => {
    await eventsAfter(trx, 0, 10);
    await userEventsAfter(trx, here.sender, 0, 10);
  });
  const [everybodys, next, oneUsers] = plans.map(({ steps }) => steps);
  assert.deepEqual(everybodys, ['SEARCH events USING INTEGER PRIMARY KEY (rowid>?)']);
  assert.deepEqual(next, ['SEARCH events USING INTEGER PRIMARY KEY (rowid>?)']);
  assert.ok(
    oneUsers?.includes('SEARCH events USING INDEX events_by_segment (<expr>=? AND user_id=? AND rowid>?)'),
  );
});

test('the last events of a user are found however far apart they are, and what is left out is said', async () => {
  await using here = await testDatabase();
  const { kysely } = here.db;
  const wanted = [1, 2, 511, 512, 513, 1023, 1024, 70_000, 2_000_000, 2_000_001, 4e12, 4e12 + 1, 4e12 + 600];
  await insertAt(here, here.sender, wanted);
  await insertAt(
    here,
    here.recipient,
    wanted.map((id) => id + 5),
  );
  const newestFirst = wanted.toReversed();
  for (const after of [0, 1, 512, 600, 70_000, 2_000_000, 4e12 + 600]) {
    const expected = newestFirst.filter((id) => id > after);
    for (const atMost of [1, 3, 12, 13, 100]) {
      const { rows, isComplete } = await latestUserEvents(kysely, here.sender, after, atMost);
      assert.deepEqual(
        [rows.map(({ id }) => id), isComplete],
        [expected.slice(0, atMost), expected.length <= atMost],
        `${atMost} after ${after}`,
      );
    }
  }
});

test('a search for the last events ends, however many segments there are', async () => {
  await using here = await testDatabase();
  const { kysely } = here.db;
  const row = { type: 'friend_request' as const, data_json: '{}', created_at: here.clock.ms };
  const events = Array.from({ length: 600 }, (_, n) => ({
    ...row,
    id: 1 + n * 1024,
    user_id: n === 0 || n === 599 ? here.sender : here.recipient,
  }));
  for (let from = 0; from < events.length; from += 100) {
    await kysely
      .insertInto('events')
      .values(events.slice(from, from + 100))
      .execute();
  }
  const { rows, isComplete } = await latestUserEvents(kysely, here.sender, 0, 10);
  assert.deepEqual([rows.map(({ id }) => id), isComplete], [[1 + 599 * 1024], false]);
  assert.equal((await latestUserEvents(kysely, here.sender, 100 * 1024, 10)).isComplete, true);
});

test('there is nothing in an empty log', async () => {
  await using here = await testDatabase();
  const { rows, isComplete } = await latestUserEvents(here.db.kysely, here.sender, 0, 10);
  assert.deepEqual([rows, isComplete], [[], true]);
});
