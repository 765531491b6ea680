import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseTime } from './time.ts';

/** A machine whose clock is wrong, and a database behind a network whose answers take a while. */
class Surroundings {
  monotonic = 5000;
  /** The database's time less the monotonic one. */
  offset = 1_000_000;
  /** How long the next answers take: the way there and the way back. */
  journeys: [number, number][] = [];
  readonly machine = { now: () => 42, monotonicMs: () => this.monotonic };
  readonly ask = async () => {
    const [there, back] = this.journeys.shift() ?? [0, 0];
    this.monotonic += there;
    const time = this.monotonic + this.offset;
    this.monotonic += back;
    return time;
  };
  readonly databaseNow = () => this.monotonic + this.offset;
}

test('the time is the database’s, whatever the machine’s clock says, and goes on between questions', async () => {
  const here = new Surroundings();
  using time = new DatabaseTime(here.ask, here.machine);
  await time.adjust();
  assert.equal(time.now(), here.databaseNow());
  here.monotonic += 7000;
  assert.equal(time.now(), here.databaseNow());
});

test('of several answers the fastest counts: it is wrong by half of its journey at most', async () => {
  const here = new Surroundings();
  using time = new DatabaseTime(here.ask, here.machine);
  here.journeys = [
    [900, 20],
    [4, 2],
    [3, 500],
  ];
  await time.adjust();
  assert.equal(time.now() - here.databaseNow(), 1);
});

test('time stands still rather than step back a little, and follows a server whose clock was set', async () => {
  const here = new Surroundings();
  using time = new DatabaseTime(here.ask, here.machine);
  await time.adjust();
  const before = time.now();
  here.offset -= 400;
  await time.adjust();
  assert.equal(time.now(), before);
  here.monotonic += 399;
  assert.equal(time.now(), before);
  here.monotonic += 2;
  assert.equal(time.now(), before + 1);
  here.offset -= 3_600_000;
  await time.adjust();
  assert.equal(time.now(), here.databaseNow());
  here.offset += 7_200_000;
  await time.adjust();
  assert.equal(time.now(), here.databaseNow());
});

test('when the database cannot be asked, the time goes on', async () => {
  const here = new Surroundings();
  let isAway = false;
  const ask = async () => (isAway ? Promise.reject(new Error('away')) : here.ask());
  using time = new DatabaseTime(ask, here.machine);
  await time.adjust();
  isAway = true;
  here.monotonic += 10;
  await assert.rejects(time.adjust(), { message: 'away' });
  assert.equal(time.now(), here.databaseNow());
});

test('one slow answer alone changes nothing: when the others do not come, the time stays what it was', async () => {
  const here = new Surroundings();
  let left = Number.POSITIVE_INFINITY;
  const ask = async () => {
    left -= 1;
    return left < 0 ? Promise.reject(new Error('away')) : here.ask();
  };
  using time = new DatabaseTime(ask, here.machine);
  await time.adjust();
  // It waited for a connection first, for eight seconds.
  here.journeys = [[8000, 0]];
  left = 1;
  await assert.rejects(time.adjust(), { message: 'away' });
  assert.equal(time.now(), here.databaseNow());
});
