import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transaction } from 'kysely';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { onlyWithSqlite } from '../../test/dialect.ts';
import { BREAKER, LIMITS, leaseDue, leaseRequest, settlement } from '../../test/outbox.ts';
import { dear, plansOf } from '../../test/plans.ts';
import type { Schema } from '../db/schema.ts';
import { cancelDeliveries } from './cancel.ts';
import { enqueue } from './enqueue.ts';
import { recordLaneResults } from './lane-results.ts';
import { refreshLanes, reviveLane } from './lanes.ts';
import { lease } from './lease.ts';
import { upcomingLanes } from './ready.ts';
import { renewLeases } from './renew.ts';
import { requeueSettled } from './requeue.ts';
import { settleIfLeased } from './settle.ts';

onlyWithSqlite('the plans of SQLite');

interface World {
  here: TestDatabase;
  connectionId: string;
  /** Leased; `waiting` is not. */
  held: Awaited<ReturnType<typeof leaseDue>>;
}

/** Two messages to one agent, the first of them in flight. */
async function world(): Promise<World> {
  const here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendMany(connectionId, 2);
  const held = await leaseDue(here, { capacity: 1 });
  return { here, connectionId, held };
}

type Step = (trx: Transaction<Schema>, world: World) => Promise<unknown>;

/** All that runs while messages flow. */
const HOT: Readonly<Record<string, Step>> = {
  enqueue: async (trx, { here, connectionId }) => {
    const message = here.message();
    await trx.insertInto('messages').values(message).execute();
    const delivery = {
      id: here.newId('dlv'),
      messageId: message.id,
      recipientId: here.recipient,
      connectionId,
    };
    await enqueue(trx, [delivery], here.clock.ms);
  },
  lease: (trx, { here }) => lease(trx, leaseRequest(here)),
  'settle as delivered': (trx, { here, held }) =>
    settleIfLeased(
      trx,
      held.map((delivery) => settlement(here, delivery, 'delivered')),
      here.clock.ms,
    ),
  renew: (trx, { here, held }) =>
    renewLeases(
      trx,
      held.map((delivery) => ({ id: delivery.id, token: delivery.lease_token })),
      here.clock.ms,
      LIMITS,
      here.clock.ms,
    ),
  'count for the breaker': (trx, { here, connectionId }) =>
    recordLaneResults(
      trx,
      [{ connectionId, succeeded: false, failures: 1, askedUntil: 0, isTrouble: false }],
      BREAKER,
      here.clock.ms,
    ),
  'refresh lanes': (trx, { here, connectionId }) => refreshLanes(trx, [connectionId], LIMITS, here.clock.ms),
  'revive a lane': (trx, { here, connectionId }) =>
    reviveLane(trx, connectionId, here.clock.ms, { seen: true, moved: true, restored: false }),
  'look for upcoming lanes': (trx) => upcomingLanes(trx, 128),
  requeue: (trx, { here, held }) =>
    requeueSettled(
      trx,
      held.map(({ id }) => id),
      here.clock.ms,
    ),
  cancel: (trx, { here, connectionId }) => cancelDeliveries(trx, connectionId, 100, here.clock.ms),
};

for (const [name, step] of Object.entries(HOT)) {
  test(`${name}: everything is looked up by an index, however much there is`, async () => {
    const there = await world();
    await using here = there.here;
    const plans = await plansOf(here.file, (trx) => step(trx, there));
    assert.ok(plans.length > 0);
    for (const plan of plans) assert.deepEqual(dear(plan), [], plan.statement);
  });
}
