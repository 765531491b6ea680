import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TOUR_SETTINGS, tour } from './query-plans/tour.ts';
import { World } from './world/world.ts';

test('the tour that comes by every statement of the product meets no fault on PostgreSQL', async () => {
  await using world = new World(TOUR_SETTINGS);
  await tour(world, {});
  assert.deepEqual(world.faults(), []);
});
