import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { systemClock } from '@mahilo/shared/clock';
import { userEventsAfter } from '@mahilo/shared/events/tail';
import { createLogger } from '@mahilo/shared/observe/log';
import { ANN, BEN, EventPlace } from '../../test/event-place.ts';
import { CatchUps } from './catch-ups.ts';
import { END, EventStream, type Sink } from './event-stream.ts';
import type { EventListener, Feed } from './feed.ts';
import { type LiveEvent, toLiveEvent } from './live-event.ts';

const NEVER_MS = 1_000_000;
/** Events in one read of the log. */
const PAGE = 100;
const log = createLogger('test', 'silent');
const numbers = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

/** A client that a test lets read or not. */
class SinkDouble extends EventTarget implements Sink {
  readonly taken: LiveEvent[] = [];
  hasRoom = true;
  heartbeats = 0;
  ended: number | undefined;

  send(event: LiveEvent): boolean {
    this.taken.push(event);
    this.dispatchEvent(new Event('happened'));
    return this.hasRoom;
  }

  heartbeat(): void {
    this.heartbeats += 1;
    this.dispatchEvent(new Event('happened'));
  }

  end(code: number): void {
    this.ended = code;
    this.dispatchEvent(new Event('happened'));
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this, 'happened');
  }

  /** Received events that are in the log, so without `connection`. */
  get numbers(): number[] {
    return this.taken.filter(({ type }) => type !== 'connection').map(({ data }) => Number(data['n']));
  }
}

interface Opened extends Disposable {
  sink: SinkDouble;
  stream: EventStream;
  /** The stream awaits `asked` after it has read a page and before it sends it. */
  key: { isValid: boolean; isExpired: boolean; asked: () => Promise<void> };
}

function open(
  {
    db,
    feed,
    catchUps = new CatchUps(systemClock),
  }: Pick<EventPlace, 'db'> & { feed: Pick<Feed, 'subscribe'>; catchUps?: Pick<CatchUps, 'queue'> },
  after?: number,
  heartbeatMs = NEVER_MS,
): Opened {
  const sink = new SinkDouble();
  const key = { isValid: true, isExpired: false, asked: async () => {} };
  const isKeyValid = async () => {
    await key.asked();
    return key.isValid;
  };
  const stream = new EventStream(
    { db, clock: systemClock, feed, catchUps, heartbeatMs, log },
    { user: { id: ANN, username: 'ann' }, after, isKeyValid, isKeyExpired: () => key.isExpired },
    sink,
    () => undefined,
  );
  stream.start();
  return { sink, stream, key, [Symbol.dispose]: () => stream.close() };
}

test('from the log to the feed: nothing is left out and nothing comes twice, however the commits fall', async () => {
  await using here = await EventPlace.open();
  await here.appendAll(ANN, numbers(0, PAGE));
  let next = PAGE;
  for (let round = 0; round < 60; round++) {
    using opened = open(here, 0);
    const commits: Promise<void>[] = [];
    for (let n = 0; n < 5; n++) {
      for (let turns = (round * 7 + n * 3) % 11; turns > 0; turns--) await (round % 2 ? turn() : undefined);
      commits.push(here.append(ANN, next, n % 2 ? here.db : here.other));
      next += 1;
      await commits[n - 1];
    }
    await Promise.all(commits);
    await opened.sink.until(() => opened.sink.numbers.length >= next);
    assert.deepEqual(
      [...opened.sink.numbers].sort((a, b) => a - b),
      numbers(0, next),
    );
    const ids = opened.sink.taken.map(({ id }) => id);
    assert.deepEqual(
      ids,
      [...new Set(ids)].sort((a, b) => a - b),
    );
  }
});

test('what is handed over after its page was read and before the stream is live is not lost', async () => {
  await using here = await EventPlace.open();
  using other = await here.listen(ANN);
  await here.append(ANN, 1);
  using opened = open(here, 0);
  opened.key.asked = async () => {
    opened.key.asked = async () => {};
    await here.append(ANN, 2);
    await other.until(2);
  };
  await opened.sink.until(() => opened.sink.numbers.length === 2);
  assert.deepEqual(opened.sink.numbers, [1, 2]);
});

test('what is handed over after it was read is not sent twice', async () => {
  await using here = await EventPlace.open();
  await here.appendAll(ANN, [1, 2, 3]);
  let hand: EventListener | undefined;
  const late: Pick<Feed, 'subscribe'> = {
    subscribe: (_userId, listener) => {
      hand = listener;
      return { ready: Promise.resolve(), [Symbol.dispose]() {} };
    },
  };
  using opened = open({ db: here.db, feed: late }, 0);
  await opened.sink.until(() => opened.sink.numbers.length === 3);
  await turn();
  await here.append(ANN, 4);
  const version = await here.db.accessVersion();
  const { rows } = await userEventsAfter(here.db.kysely, ANN, 0, 9);
  for (const row of rows) hand?.(toLiveEvent(row), version);
  assert.deepEqual(opened.sink.numbers, [1, 2, 3, 4]);
});

test('a sink that is full gets no more than what was already read, and all the rest from the log later', async () => {
  await using here = await EventPlace.open();
  using watching = await here.listen(ANN);
  using opened = open(here);
  const { sink, stream } = opened;
  await sink.until(() => sink.taken.length === 1);
  await here.append(ANN, 0);
  await sink.until(() => sink.taken.length === 2);
  sink.hasRoom = false;
  await here.appendAll(ANN, numbers(1, 5000), here.other);
  await watching.until(5001);
  await turn();
  assert.ok(sink.numbers.length <= 1 + PAGE, `It was given ${sink.numbers.length}.`);
  for (let reads = 0; reads < 3; reads++) {
    const before = sink.numbers.length;
    stream.drained();
    await sink.until(() => sink.numbers.length > before);
    await turn();
    assert.ok(sink.numbers.length <= before + PAGE);
  }
  sink.hasRoom = true;
  stream.drained();
  await sink.until(() => sink.numbers.length === 5001);
  await here.append(ANN, 5001);
  await sink.until(() => sink.numbers.length === 5002);
  assert.deepEqual(sink.numbers, numbers(0, 5002));
});

test('a sink that stays full for two heartbeats is dropped, and one that reads between them is not', async () => {
  await using here = await EventPlace.open();
  using stuck = open(here, undefined, 20);
  using slow = open(here, undefined, 20);
  await Promise.all([stuck, slow].map(({ sink }) => sink.until(() => sink.taken.length === 1)));
  const reading = setInterval(() => slow.stream.drained(), 5);
  for (const { sink } of [stuck, slow]) sink.hasRoom = false;
  await here.append(ANN, 1);
  await stuck.sink.until(() => stuck.sink.ended !== undefined);
  assert.equal(stuck.sink.ended, END.tooSlow);
  assert.equal(slow.sink.ended, undefined);
  clearInterval(reading);
});

test('a stream whose key has died says so at the next heartbeat, also when no event tells of it', async () => {
  await using here = await EventPlace.open();
  using opened = open(here, undefined, 10);
  await opened.sink.until(() => opened.sink.heartbeats > 1);
  opened.key.isValid = false;
  await here.renewAccessVersion();
  await opened.sink.until(() => opened.sink.ended !== undefined);
  assert.equal(opened.sink.ended, END.unauthorized);
});

test('what happens after a key has died is not sent to it, also when nothing else told of its end', async () => {
  await using here = await EventPlace.open();
  using old = open(here);
  using fresh = open(here);
  await Promise.all([old, fresh].map(({ sink }) => sink.until(() => sink.taken.length === 1)));
  await here.append(ANN, 1);
  await Promise.all([old, fresh].map(({ sink }) => sink.until(() => sink.numbers.length === 1)));
  old.key.isValid = false;
  await here.renewAccessVersion();
  await here.append(ANN, 2);
  await fresh.sink.until(() => fresh.sink.numbers.length === 2);
  await old.sink.until(() => old.sink.ended !== undefined);
  assert.equal(old.sink.ended, END.unauthorized);
  assert.deepEqual(old.sink.numbers, [1]);
  assert.deepEqual(fresh.sink.numbers, [1, 2]);
});

test('what happens after a key has expired is not sent to it, though nothing in the database tells of its end', async () => {
  await using here = await EventPlace.open();
  using waiting = open(here, undefined, 10);
  using old = open(here);
  using fresh = open(here);
  const all = [waiting, old, fresh];
  await Promise.all(all.map(({ sink }) => sink.until(() => sink.taken.length === 1)));
  waiting.key.isExpired = true;
  await waiting.sink.until(() => waiting.sink.ended !== undefined);
  old.key.isExpired = true;
  await here.append(ANN, 1);
  await fresh.sink.until(() => fresh.sink.numbers.length === 1);
  await old.sink.until(() => old.sink.ended !== undefined);
  assert.deepEqual([old.sink.ended, old.sink.numbers], [END.unauthorized, []]);
});

test('what retention has deleted is told of at the beginning, and while a slow sink catches up ends the stream', async () => {
  await using here = await EventPlace.open();
  await here.appendAll(ANN, numbers(1, 500));
  const forget = (id: number) => here.db.kysely.deleteFrom('events').where('id', '<=', id).execute();
  await forget(50);
  using late = open(here, 20);
  using exact = open(here, 50);
  using full = open(here, 50);
  full.sink.hasRoom = false;
  await late.sink.until(() => late.sink.numbers.length === 450);
  await exact.sink.until(() => exact.sink.numbers.length === 450);
  const beginnings = [late, exact].map(({ sink }) => [sink.taken[0]?.id, sink.taken[0]?.data['events_lost']]);
  assert.deepEqual(beginnings, [
    [50, true],
    [50, false],
  ]);
  assert.deepEqual(late.sink.numbers, numbers(51, 450));
  await forget(400);
  full.stream.drained();
  await full.sink.until(() => full.sink.ended !== undefined);
  assert.equal(full.sink.ended, END.tryAgain);
  assert.deepEqual(full.sink.numbers, numbers(51, full.sink.numbers.length));
});

test('what lies far behind in the log comes too, whatever of others lies between', async () => {
  await using here = await EventPlace.open();
  const far = [1, 1_200_000, 5_000_000].map((id) => {
    return { id, user_id: ANN, type: 'friend_request' as const, data_json: `{"n":${id}}`, created_at: 0 };
  });
  const foreign = { type: 'friend_request' as const, user_id: BEN, data_json: '{}', created_at: 0 };
  await here.insert([...far, ...[2, 1_200_001, 2_500_000, 9_000_000].map((id) => ({ ...foreign, id }))]);
  using opened = open(here, 0);
  await opened.sink.until(() => opened.sink.numbers.length === 3);
  await here.append(ANN, 4);
  await opened.sink.until(() => opened.sink.numbers.length === 4);
  assert.deepEqual(opened.sink.numbers, [1, 1_200_000, 5_000_000, 4]);
});

/** Lets streams go on only when the test says so. */
class CatchUpsDouble {
  readonly waiting = new Set<() => void>();
  readonly #target = new EventTarget();

  queue() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.waiting.add(resolve);
    this.#target.dispatchEvent(new Event('queued'));
    return {
      turn: promise,
      [Symbol.dispose]: () => {
        this.waiting.delete(resolve);
        resolve();
      },
    };
  }

  async queued(): Promise<void> {
    while (this.waiting.size === 0) await once(this.#target, 'queued');
  }

  letIn(): void {
    for (const run of this.waiting) run();
    this.waiting.clear();
  }
}

test('while somebody catches up, the event loop has its turn after each page', async () => {
  await using here = await EventPlace.open();
  await here.appendAll(ANN, numbers(0, 3000));
  using opened = open(here, 0);
  const { sink } = opened;
  const perTurn: number[] = [];
  for (let before = 0; before < 3000; before = sink.numbers.length) {
    await turn();
    perTurn.push(sink.numbers.length - before);
  }
  assert.ok(Math.max(...perTurn) <= PAGE, `${Math.max(...perTurn)} events came in one turn.`);
  assert.deepEqual(sink.numbers, numbers(0, 3000));
});

test('however many streams are far behind, one page is read in a turn of the event loop', async () => {
  await using here = await EventPlace.open();
  await here.appendAll(ANN, numbers(0, 2000));
  const catchUps = new CatchUps(systemClock);
  using one = open({ db: here.db, feed: here.feed, catchUps }, 0);
  using two = open({ db: here.db, feed: here.feed, catchUps }, 0);
  using three = open({ db: here.db, feed: here.feed, catchUps }, 0);
  const counts = () => [one, two, three].map(({ sink }) => sink.numbers.length);
  const sum = () => counts().reduce((a, b) => a + b);
  let most = 0;
  let far = 0;
  for (let before = 0; before < 6000; before = sum()) {
    // None rests before it has had some hundred events.
    if (Math.min(...counts()) > 600) {
      far += 1;
      await turn();
      most = Math.max(most, sum() - before);
    } else await turn();
  }
  assert.ok(far > 0 && most <= PAGE, `${most} events came in one turn.`);
  for (const { sink } of [one, two, three]) assert.deepEqual(sink.numbers, numbers(0, 2000));
});

test('whoever was away for some hundred events has them at once, and so are new ones; whoever is far behind waits', async () => {
  await using here = await EventPlace.open();
  await here.appendAll(ANN, numbers(0, 500));
  const catchUps = new CatchUpsDouble();
  using short = open({ db: here.db, feed: here.feed, catchUps }, 0);
  await short.sink.until(() => short.sink.numbers.length === 500);
  await here.appendAll(ANN, numbers(500, 400));
  await short.sink.until(() => short.sink.numbers.length === 900);
  assert.equal(catchUps.waiting.size, 0);
  using far = open({ db: here.db, feed: here.feed, catchUps }, 0);
  await catchUps.queued();
  assert.ok(far.sink.numbers.length < 900);
});

test('what happens while a stream rests comes in its order, once', async () => {
  await using here = await EventPlace.open();
  using watching = await here.listen(ANN);
  await here.appendAll(ANN, numbers(0, 1000));
  const catchUps = new CatchUpsDouble();
  using opened = open({ db: here.db, feed: here.feed, catchUps }, 0);
  for (let next = 1000; opened.sink.numbers.length < 1010; next += 1) {
    await catchUps.queued();
    if (next < 1010) {
      await here.append(ANN, next);
      await watching.until(next + 1);
    }
    const before = opened.sink.numbers.length;
    catchUps.letIn();
    await opened.sink.until(() => opened.sink.numbers.length > before);
  }
  await turn();
  assert.deepEqual(opened.sink.numbers, numbers(0, 1010));
});

test('a stream that is closed while it rests gives its place up, and sends nothing more', async () => {
  await using here = await EventPlace.open();
  await here.appendAll(ANN, numbers(0, 1000));
  const catchUps = new CatchUpsDouble();
  using opened = open({ db: here.db, feed: here.feed, catchUps }, 0);
  await catchUps.queued();
  const before = opened.sink.taken.length;
  opened.stream.end(END.goingAway, 'The registry is stopping.');
  assert.equal(catchUps.waiting.size, 0);
  await turn();
  assert.deepEqual([opened.sink.taken.length, opened.sink.ended], [before, END.goingAway]);
});

test('a log that cannot be read ends the stream', async () => {
  await using here = await EventPlace.open();
  await here.db.kysely.schema.alterTable('events').renameTo('gone').execute();
  using opened = open(here);
  await opened.sink.until(() => opened.sink.ended !== undefined);
  assert.equal(opened.sink.ended, END.failed);
});
