import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANN, BEN, EventPlace } from '../../test/event-place.ts';
import type { LiveEvent } from './live-event.ts';

const NEVER_MS = 60_000;
const nobodyLeaves = new AbortController().signal;

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

test('what this process and others commit is heard once, in order, by those whom it concerns', async () => {
  await using here = await EventPlace.open();
  await here.append(ANN, -1);
  using ann = await here.listen(ANN);
  using annAgain = await here.listen(ANN);
  using ben = await here.listen(BEN);
  for (const n of numbers(50)) {
    await here.append(ANN, n, n % 3 === 0 ? here.other : here.db);
    if (n % 10 === 0) await here.append(BEN, n, here.other);
  }
  await Promise.all([ann.until(50), annAgain.until(50), ben.until(5)]);
  assert.deepEqual(ann.heard, numbers(50));
  assert.deepEqual(annAgain.heard, numbers(50));
  assert.deepEqual(ben.heard, [10, 20, 30, 40, 50]);
});

test('a burst that is longer than what is read at once is heard whole', async () => {
  await using here = await EventPlace.open();
  using ann = await here.listen(ANN);
  await here.appendAll(ANN, numbers(1700), here.other);
  await ann.until(1700);
  assert.deepEqual(ann.heard, numbers(1700));
});

test('while nobody listens nothing is read, and who comes later hears only what happens from then on', async () => {
  await using here = await EventPlace.open();
  {
    using ann = await here.listen(ANN);
    await here.append(ANN, 1);
    await ann.until(1);
  }
  const { reads } = here;
  for (const n of [2, 3, 4]) await here.append(ANN, n);
  assert.equal(here.reads, reads);
  using ann = await here.listen(ANN);
  await here.append(ANN, 5);
  await ann.until(1);
  assert.deepEqual(ann.heard, [5]);
});

test('who looks after it began to listen misses nothing, however the commits fall', async () => {
  await using here = await EventPlace.open();
  for (const n of numbers(100)) {
    const db = n % 2 === 0 ? here.db : here.other;
    const happened = async () => {
      const rows = await here.db.kysely.selectFrom('events').select('id').execute();
      return rows.length >= n ? n : undefined;
    };
    const waiting = here.feed.until(ANN, () => true, happened, {
      timeoutMs: NEVER_MS,
      signal: nobodyLeaves,
    });
    for (let turns = n % 7; turns > 0; turns--) await undefined;
    await here.append(ANN, n, db);
    assert.equal(await waiting, n);
  }
});

test('events that do not concern a wait leave it alone', async () => {
  await using here = await EventPlace.open();
  let looks = 0;
  const concerns = ({ data }: LiveEvent) => data['n'] === 2;
  const look = async () => {
    looks += 1;
    return looks > 1 ? 'found' : undefined;
  };
  const waiting = here.feed.until(ANN, concerns, look, { timeoutMs: NEVER_MS, signal: nobodyLeaves });
  using ann = await here.listen(ANN);
  using ben = await here.listen(BEN);
  await here.append(ANN, 1);
  await here.append(BEN, 2);
  await Promise.all([ann.until(1), ben.until(1)]);
  assert.equal(looks, 1);
  await here.append(ANN, 2);
  assert.equal(await waiting, 'found');
});

test('a wait ends without a find when its time is over, its client gone, or the feed closed', async () => {
  await using here = await EventPlace.open();
  const nothing = async () => undefined;
  const client = new AbortController();
  const wait = (timeoutMs: number, signal: AbortSignal) =>
    here.feed.until(ANN, () => true, nothing, { timeoutMs, signal });
  assert.equal(await wait(1, nobodyLeaves), undefined);
  const left = wait(NEVER_MS, client.signal);
  client.abort();
  assert.equal(await left, undefined);
  assert.equal(await wait(NEVER_MS, AbortSignal.abort()), undefined);
  const open = wait(NEVER_MS, nobodyLeaves);
  await here.feed.close();
  assert.equal(await open, undefined);
  assert.equal(await wait(NEVER_MS, nobodyLeaves), undefined);
});

test('a log that cannot be read fails those who wait, and not those who come when it can be read again', async () => {
  await using here = await EventPlace.open();
  await here.db.kysely.schema.alterTable('events').renameTo('gone').execute();
  const wait = () =>
    here.feed.until(
      ANN,
      () => true,
      async () => 'found',
      { timeoutMs: NEVER_MS, signal: nobodyLeaves },
    );
  await assert.rejects(wait(), /no such table: events|relation "events" does not exist/);
  await here.db.kysely.schema.alterTable('gone').renameTo('events').execute();
  assert.equal(await wait(), 'found');
});
