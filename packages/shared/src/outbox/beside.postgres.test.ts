import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { assertLanesAreSeenInTime } from '../../test/lane-oracle.ts';
import { LIMITS, leaseDue, leaseRequest, settlement } from '../../test/outbox.ts';
import { BesideWriter, type Guard, waiting } from '../../test/postgres/beside-writer.ts';
import type { Work } from '../db/write.ts';
import { appendEvents } from '../events/append.ts';
import { eventsAfter } from '../events/tail.ts';
import { enqueue } from './enqueue.ts';
import { refreshLanes } from './lanes.ts';
import { type LeasedDelivery, type LeaseRequest, lease, lockLanesOf } from './lease.ts';
import { settleIfLeased } from './settle.ts';

// Of each race, both ends: with the guard the second transaction waits, and all is well; without it, the race is lost.

/** Accepts a message to agents. */
const accepting = (here: TestDatabase, connectionIds: readonly string[]): Work<void> => {
  const message = here.message({ recipient_type: connectionIds.length > 1 ? 'group' : 'user' });
  const deliveries = connectionIds.map((connectionId) => ({
    id: here.newId('dlv'),
    messageId: message.id,
    recipientId: here.recipient,
    connectionId,
  }));
  return async (trx) => {
    await trx.insertInto('messages').values(message).execute();
    await enqueue(trx, deliveries, here.clock.ms);
  };
};

/** A turn of a worker: settles what it holds as delivered, and leases what is due. */
const turn = (
  here: TestDatabase,
  held: readonly LeasedDelivery[],
  token: string,
  differences: Partial<LeaseRequest> = {},
): Work<LeasedDelivery[]> => {
  const request = leaseRequest(here, { token, ...differences });
  return async (trx) => {
    await lockLanesOf(trx, held, request);
    const finished = held.map((delivery) => settlement(here, delivery, 'delivered'));
    await settleIfLeased(trx, finished, here.clock.ms);
    await refreshLanes(trx, new Set(held.map((one) => one.connection_id)), LIMITS, here.clock.ms);
    return lease(trx, request);
  };
};

/** Runs a work up to its commit, then another one, which may wait for it; then lets the first one commit. */
async function oneBehindTheOther<A, B>(
  here: TestDatabase,
  guard: Guard | undefined,
  first: Work<A>,
  second: Work<B>,
): Promise<[A, B]> {
  await using one = new BesideWriter(here.store, 'one', guard);
  await using other = new BesideWriter(here.store, 'other', guard);
  const commit = await one.begun(first);
  const ended = other.write(second);
  await waiting(here.store, 2, ended);
  return [await commit(), await ended];
}

const CASES = [
  ['', undefined],
  ['control: without its lock ', 'lanes'],
] as const;

for (const [name, guard] of CASES) {
  test(`${name}a lane whose last delivery ends while another one is accepted is ${guard ? 'stuck' : 'ready'}`, async () => {
    await using here = await testDatabase();
    const connectionId = await here.addConnection();
    await here.sendOne(connectionId);
    const held = await leaseDue(here);
    const [, leased] = await oneBehindTheOther(
      here,
      guard,
      accepting(here, [connectionId]),
      turn(here, held, 'token'),
    );
    const seen = assertLanesAreSeenInTime(here.db.kysely, LIMITS, here.clock.ms);
    if (guard) await assert.rejects(seen, /no time/);
    else {
      await seen;
      assert.equal((await leaseDue(here)).length + leased.length, 1);
    }
  });

  test(`${name}two workers that lease from a lane at once have ${guard ? 'the same deliveries' : 'no more than its slots'}`, async () => {
    await using here = await testDatabase();
    const connectionId = await here.addConnection();
    await here.sendMany(connectionId, 2 * LIMITS.slots);
    const leased = await oneBehindTheOther(here, guard, turn(here, [], 'one'), turn(here, [], 'other'));
    const ids = leased.flat().map(({ id }) => id);
    assert.equal(ids.length, (guard ? 2 : 1) * LIMITS.slots);
    assert.equal(new Set(ids).size, LIMITS.slots);
  });
}

test('a worker waits for no lane that is at home with another one, and takes those that nobody has', async () => {
  await using here = await testDatabase();
  const [taken, free] = [await here.addConnection(), await here.addConnection()];
  await here.sendOne(taken);
  const first = turn(here, [], 'one');
  await using one = new BesideWriter(here.store, 'one');
  await using other = new BesideWriter(here.store, 'other');
  const commit = await one.begun(first);
  await here.db.writeBeside(accepting(here, [free]));
  here.clock.ms += 1000;
  const away: Partial<LeaseRequest> = { serveAt: (lane) => lane.ready_at + 1 };
  const leased = await other.write(turn(here, [], 'other', away));
  assert.deepEqual(
    leased.map((delivery) => delivery.connection_id),
    [free],
  );
  assert.equal((await commit()).length, 1);
});

for (const [name, guard] of [CASES[0], ['control: without the lock ', 'messages']] as const) {
  test(`${name}a message whose last deliveries end at once is ${guard ? 'pending for ever' : 'delivered'}`, async () => {
    await using here = await testDatabase();
    const lanes = [await here.addConnection(), await here.addConnection()];
    await here.db.write(accepting(here, lanes));
    const held = await leaseDue(here);
    assert.equal(held.length, 2);
    const [one, other] = [held.slice(0, 1), held.slice(1)];
    await oneBehindTheOther(here, guard, turn(here, one, 'one'), turn(here, other, 'other'));
    const { status } = await here.db.kysely.selectFrom('messages').select('status').executeTakeFirstOrThrow();
    assert.equal(status, guard ? 'pending' : 'delivered');
  });
}

for (const [name, guard] of [CASES[0], ['control: without turns ', 'turn']] as const) {
  test(`${name}who follows the log ${guard ? 'misses' : 'sees'} an event of a transaction that ends late`, async () => {
    await using here = await testDatabase();
    const append = (n: number): Work<void> => {
      const event = { userId: here.sender, type: 'friend_request', data: { n } } as const;
      return (trx) => appendEvents(trx, [event], here.clock.ms);
    };
    await using one = new BesideWriter(here.store, 'one', guard);
    await using other = new BesideWriter(here.store, 'other', guard);
    const seen: unknown[] = [];
    let position = 0;
    const look = async () => {
      for (const event of await eventsAfter(here.db.kysely, position, 10)) {
        seen.push(JSON.parse(event.data_json).n);
        position = event.id;
      }
    };
    const commit = await one.begun(append(1));
    const ended = other.write(append(2));
    await waiting(here.store, 2, ended);
    await look();
    await Promise.all([commit(), ended]);
    await look();
    assert.deepEqual(seen, guard ? [2] : [1, 2]);
  });
}

test('what a work wanted to do last is not done when it fails among others', async () => {
  await using here = await testDatabase();
  await using writer = new BesideWriter(here.store, 'one');
  const connectionId = await here.addConnection();
  const append = (n: number): Work<void> => {
    const event = { userId: here.sender, type: 'friend_request', data: { n } } as const;
    return async (trx) => {
      await appendEvents(trx, [event], here.clock.ms);
      if (n === 2) throw new Error('undone');
    };
  };
  const accepted = writer.write(accepting(here, [connectionId]));
  const outcomes = await Promise.allSettled(
    [append(1), append(2), append(3)].map((work) => writer.write(work)),
  );
  await accepted;
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  const events = await eventsAfter(here.db.kysely, 0, 10);
  assert.deepEqual(
    events.map(({ data_json }) => JSON.parse(data_json).n),
    [1, 3],
  );
  assert.equal((await leaseDue(here)).length, 1);
});

test('a lock that comes too late in their order is refused, before it can wait in a circle', async () => {
  await using here = await testDatabase();
  await using writer = new BesideWriter(here.store, 'one');
  const connectionId = await here.addConnection();
  const twice = writer.write(async (trx) => {
    await lockLanesOf(trx, [{ connection_id: connectionId }], undefined);
    await lockLanesOf(trx, [{ connection_id: connectionId }], undefined);
  });
  await assert.rejects(twice, /too late to lock lanes/);
});
