import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MahiloError } from '@mahilo/shared/errors';
import { Budget } from './budget.ts';
import type { Client } from './client-address.ts';

const client = (network: string, isOwn = false): Client => ({
  address: network,
  network,
  site: undefined,
  isOwn,
});

function budget(limits = { all: 10, user: 4, address: 6 }) {
  const clock = { time: 0, monotonicMs: () => clock.time };
  const closed: string[] = [];
  let count = 0;
  const b = new Budget({
    limits,
    clock,
    graceMs: { user: 5, address: 5 },
    refusal: (by) => new MahiloError('UNAVAILABLE', by),
    onClosed: () => {
      count += 1;
    },
  });
  const take = (name: string, from: string, userId?: string, amount = 1) => {
    clock.time += 1;
    return b.take({ userId, client: client(from, from.startsWith('own')) }, amount, () => closed.push(name));
  };
  return { budget: b, clock, closed, take, closedCount: () => count };
}

const refused = (by: string) => (error: unknown) => error instanceof MahiloError && error.message === by;

test('when all is used up, the longest unfinished one of the address with the most is closed', () => {
  const { take, closed, budget: b } = budget();
  const first = take('a1', 'a', undefined, 2);
  take('a2', 'a', undefined, 3);
  take('b1', 'b', undefined, 5);
  take('c1', 'c', undefined, 1);
  assert.deepEqual(closed, ['a1'], 'of two that have as much the first');
  take('c2', 'c', undefined, 1);
  assert.deepEqual(closed, ['a1'], 'there was room left');
  take('c3', 'c', undefined, 1);
  assert.deepEqual(closed, ['a1', 'b1']);
  assert.equal(b.used, 6);
  first.release();
  assert.equal(b.used, 6, 'what was closed is not released again');
});

test('at one address the user with the most pays first', () => {
  const { take, closed } = budget({ all: 5, user: 4, address: 5 });
  take('honest', 'own', 'ann');
  for (const i of [1, 2, 3, 4]) take(`hostile ${i}`, 'own', 'eve');
  take('new', 'own', 'ben');
  take('newer', 'own', 'ben');
  assert.deepEqual(closed, ['hostile 1', 'hostile 2']);
});

test('what is finished counts, and is not closed; a newcomer is refused when nothing else is left', () => {
  const { take, closed, clock } = budget({ all: 3, user: 9, address: 9 });
  const [one, two, three] = [take('1', 'a'), take('2', 'a'), take('3', 'b')];
  for (const holding of [one, two, three]) holding.finish();
  assert.throws(() => take('4', 'c'), refused('all'));
  three.resume(clock.time);
  take('4', 'c');
  assert.deepEqual(closed, ['3']);
  one.release();
  take('5', 'd');
  assert.deepEqual(closed, ['3']);
});

test('a user, and an address, have a share; beyond it their own oldest is closed, unless it is young', () => {
  const { take, closed, clock } = budget({ all: 100, user: 4, address: 6 });
  for (const i of [1, 2, 3, 4]) take(`${i}`, `from ${i}`, 'eve');
  assert.throws(() => take('5', 'elsewhere', 'eve'), refused('user'));
  clock.time += 1;
  take('5', 'elsewhere', 'eve');
  assert.deepEqual(closed, ['1']);
  for (const i of [1, 2, 3, 4, 5, 6]) take(`a${i}`, 'a', `user ${i}`, 1).finish();
  clock.time += 100;
  assert.throws(() => take('a7', 'a', 'user 7'), refused('address'));
  for (let i = 0; i < 50; i++) take(`own ${i}`, 'own', `user ${i}`);
  assert.deepEqual(closed, ['1'], 'an address of one’s own has no share');
});

test('who holds nothing is not remembered, and nothing is counted twice', () => {
  const { take, budget: b, closedCount } = budget();
  for (let i = 0; i < 1000; i++) {
    const holding = take(`${i}`, `address ${i}`, `user ${i}`);
    holding.finish();
    holding.finish();
    holding.resume(0);
    holding.release();
    holding.release();
    holding.resume(0);
  }
  assert.equal(b.used, 0);
  assert.equal(closedCount(), 0);
  assert.equal(b.usedBy('user 1'), 0);
});
