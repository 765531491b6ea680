import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OLD_SECRET_KEY, tour } from './query-plans/tour.ts';
import { World } from './world/world.ts';

test('the tour that comes by every statement of the product meets no fault on PostgreSQL', async () => {
  await using world = new World({
    REGISTRATION: 'invite',
    TRUSTED_MODE: 'true',
    MAX_RETRIES: '1',
    RETENTION_DAYS: '1',
    METRICS_PORT: '0',
    LEASE_MS: '1500',
    // Nobody answers there.
    DNS_SERVERS: '127.0.0.1:9',
    SECRET_KEY_PREVIOUS: OLD_SECRET_KEY,
  });
  await tour(world, {});
  assert.deepEqual(world.faults(), []);
});
