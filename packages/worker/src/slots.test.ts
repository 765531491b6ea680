import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Urgency } from '@mahilo/shared/outbox/lanes';
import { Slots } from './slots.ts';

const LIMITS = { total: 256, perDestination: 64, perLane: 4 };

const lane = (user: string, url = `https://${user}.example/callback`) => ({
  connection_id: `conn of ${user}`,
  ready_at: 0,
  urgency: 'single' as const,
  user_id: user,
  callback_url: url,
});

/** Takes as many as there is room for, each at its own host unless `url` is given. */
function takeAll(slots: Slots, user: string, urgency: Urgency = 'single', url?: string): number {
  for (let taken = 0; ; taken += 1) {
    const next = lane(user, url ?? `https://${user}-${taken}.example/`);
    if (!slots.hasRoomFor(next, urgency)) return taken;
    slots.take(next, urgency);
  }
}

test('each user takes half of what is free, and there is a slot for the next, however many came before', () => {
  const slots = new Slots(LIMITS);
  assert.deepEqual(
    ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map((user) => takeAll(slots, user)),
    [128, 64, 32, 16, 8, 4, 2, 1, 1, 0],
  );
});

test('a destination is a host and a port, has its own bound, and its users share it in the same way', () => {
  const slots = new Slots(LIMITS);
  const at = (port: number, path: string) => `https://platform.example:${port}/${path}`;
  assert.equal(takeAll(slots, 'a', 'single', at(8443, 'a')), 32);
  assert.equal(takeAll(slots, 'b', 'single', at(8443, 'b')), 16);
  assert.equal(takeAll(slots, 'a', 'single', at(9443, 'a')), 32);
  assert.equal(takeAll(slots, 'a', 'single', 'https://elsewhere.example/'), 32);
  assert.equal(slots.hasRoomFor(lane('c', at(8443, 'c')), 'single'), true);
});

test('the default port of a scheme is the same destination as when it is named', () => {
  const slots = new Slots({ ...LIMITS, perDestination: 4 });
  assert.equal(takeAll(slots, 'a', 'single', 'https://platform.example/'), 4);
  assert.equal(slots.hasRoomFor(lane('b', 'https://platform.example:443/'), 'single'), false);
  assert.equal(slots.hasRoomFor(lane('b', 'http://platform.example/'), 'single'), true);
});

test('a destination has never fewer slots than a lane', () => {
  const slots = new Slots({ total: 256, perDestination: 1, perLane: 10 });
  assert.equal(takeAll(slots, 'a', 'single', 'https://a.example/'), 10);
});

test('messages in bulk leave an eighth of the slots to single ones, and are sure of an eighth', () => {
  const slots = new Slots(LIMITS);
  let bulk = 0;
  for (let user = 0; user < 1000; user += 1) bulk += takeAll(slots, `bulk-${user}`, 'bulk');
  assert.equal(bulk, 256 - 32);
  assert.equal(slots.reservedForBulk(), 0);
  assert.equal(slots.hasRoomFor(lane('single'), 'single'), true);
  assert.equal(new Slots(LIMITS).reservedForBulk(), 32);
});

test('one worker of one slot serves everybody', () => {
  const slots = new Slots({ total: 1, perDestination: 64, perLane: 4 });
  assert.equal(slots.hasRoomFor(lane('a'), 'bulk'), true);
  assert.equal(takeAll(slots, 'a'), 1);
  assert.equal(slots.hasRoomFor(lane('b'), 'single'), false);
});

test('a plan counts what is there, and changes nothing of it', () => {
  const slots = new Slots(LIMITS);
  slots.take(lane('a'), 'single');
  const plan = slots.plan();
  plan.take(lane('a'), 'single');
  assert.deepEqual([plan.heldBy('a'), slots.heldBy('a')], [2, 1]);
});
