import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Choice, chooseConnection } from './choose-connection.ts';

const choice = (id: string, more: Partial<Choice> = {}): Choice => ({
  id,
  label: id,
  capabilities: [],
  routing_priority: 0,
  status: 'active',
  created_at: 1,
  ...more,
});

test('without connections there is none to choose', () => {
  assert.equal(chooseConnection([], { labels: ['a'], tags: ['b'] }), undefined);
});

test('the highest priority wins, then the oldest, then the first id', () => {
  const choices = [
    choice('d', { routing_priority: 5, created_at: 3 }),
    choice('c', { routing_priority: 5, created_at: 2 }),
    choice('b', { routing_priority: 5, created_at: 2 }),
    choice('a', { created_at: 1 }),
  ];
  assert.equal(chooseConnection(choices)?.id, 'b');
  assert.equal(chooseConnection(choices.toReversed())?.id, 'b');
});

test('a suspended connection is chosen only when no active one is as good an answer to the hints', () => {
  const suspended = choice('s', { status: 'suspended', routing_priority: 9, capabilities: ['chat'] });
  const active = choice('a', { capabilities: ['chat'] });
  assert.equal(chooseConnection([suspended, active])?.id, 'a');
  assert.equal(chooseConnection([suspended, active], { tags: ['chat'] })?.id, 'a');
  assert.equal(chooseConnection([suspended, active], { labels: ['s'] })?.id, 's');
  assert.equal(chooseConnection([suspended])?.id, 's');
});

test('the given list is left as it is', () => {
  const choices = Object.freeze([choice('a'), choice('b', { routing_priority: 1 })]);
  assert.equal(chooseConnection(choices)?.id, 'b');
});
