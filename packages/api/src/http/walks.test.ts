import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as settled } from 'node:timers/promises';
import { Walks } from './walks.ts';

/** Turns of the event loop that begin when the test says so; records who read a piece in which of them. */
function place() {
  const turns: (() => void)[] = [];
  const walks = new Walks((run) => turns.push(run));
  const log: string[] = [];
  let turn = 0;
  const walk = (userId: string, name: string, pieces: number) =>
    walks.walk(userId, async (nextPiece) => {
      for (let n = 0; n < pieces; n += 1) {
        await nextPiece();
        log.push(`${name}@${turn}`);
      }
    });
  const next = async (count = 1) => {
    for (let n = 0; n < count; n += 1) {
      turn += 1;
      for (const run of turns.splice(0)) run();
      await settled();
    }
  };
  return { walks, turns, log, walk, next };
}

test('there is one piece in a turn of the event loop, whoever walks, and the first comes at once', async () => {
  const { log, walk, next } = place();
  for (const user of ['ann', 'ben', 'eve']) void walk(user, user, 2);
  await settled();
  assert.deepEqual(log, ['ann@0']);
  await next(5);
  assert.deepEqual(log, ['ann@0', 'ben@1', 'eve@2', 'ann@3', 'ben@4', 'eve@5']);
});

test('who walks alone has a piece in each turn, and no turn is asked for when nobody does', async () => {
  const { log, turns, walk, next } = place();
  const done = walk('ann', 'a', 3);
  await settled();
  await next(3);
  await done;
  assert.deepEqual(log, ['a@0', 'a@1', 'a@2']);
  assert.deepEqual(turns, []);
  void walk('ann', 'b', 1);
  await settled();
  assert.equal(log.at(-1), 'b@3', 'it is free again');
});

test('users take turns, however many walks one of them has', async () => {
  const { log, walk, next } = place();
  for (let n = 0; n < 50; n += 1) void walk('eve', `e${n}`, 10);
  await settled();
  void walk('ann', 'ann', 3);
  await next(7);
  assert.deepEqual(
    log.filter((entry) => entry.startsWith('ann')),
    ['ann@2', 'ann@4', 'ann@6'],
  );
});

test('four walks of a user are under way; the others begin when one of them ends, in their order', async () => {
  const { walks } = place();
  const begun: number[] = [];
  const ends = Array.from({ length: 7 }, () => Promise.withResolvers<void>());
  const all = ends.map(({ promise }, n) =>
    walks.walk('eve', () => {
      begun.push(n);
      return promise;
    }),
  );
  await settled();
  assert.deepEqual(begun, [0, 1, 2, 3]);
  await walks.walk('ann', async () => undefined);
  ends[2]?.resolve();
  await settled();
  assert.deepEqual(begun, [0, 1, 2, 3, 4]);
  for (const { resolve } of ends) resolve();
  await Promise.all(all);
  assert.deepEqual(begun, [0, 1, 2, 3, 4, 5, 6]);
});

test('a walk that fails, before its first piece or after it, gives its place back', async () => {
  const { walks, walk, next, log } = place();
  for (let n = 0; n < 10; n += 1) {
    await assert.rejects(
      walks.walk('eve', () => Promise.reject(new Error('early'))),
      /early/,
    );
    const late = assert.rejects(
      walks.walk('eve', async (nextPiece) => {
        await nextPiece();
        throw new Error('late');
      }),
      /late/,
    );
    await next();
    await late;
  }
  const done = walk('eve', 'e', 1);
  await next();
  await done;
  assert.equal(log.length, 1);
});
