import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendEvents } from '@mahilo/shared/events/append';
import { newestEventId } from '@mahilo/shared/events/tail';
import { MAX_OWED } from '@mahilo/shared/subscriptions/owe';
import { type TestDatabase, testDatabase } from '@mahilo/shared/test/database';
import { expireSubscriptions } from './expire-subscriptions.ts';
import { FanOut } from './fan-out.ts';
import { pruneEventDeliveries } from './prune.ts';

const DAY_MS = 86_400_000;
const NEVER = new AbortController().signal;

/** The recipient subscribes to messages. @returns the id of the connection. */
async function subscribe(here: TestDatabase, differences: { after?: number; expiresAt?: number } = {}) {
  const connectionId = await here.addConnection({ event_name: 'message.received' });
  await here.db.kysely
    .insertInto('event_subscriptions')
    .values({
      connection_id: connectionId,
      user_id: here.recipient,
      arguments_json: '{}',
      agent_id: null,
      events_after: differences.after ?? 0,
      expires_at: differences.expiresAt ?? here.clock.ms + DAY_MS,
    })
    .execute();
  return connectionId;
}

/** This many messages arrive, each next to an event that no subscriber wants. */
async function happen(here: TestDatabase, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, n) => [
    { userId: here.sender, type: 'delivery_status' as const, data: { status: 'delivered' } },
    { userId: here.recipient, type: 'message_received' as const, data: { message_id: `msg_${n}` } },
  ]);
  await here.db.write((trx) => appendEvents(trx, events.flat(), here.clock.ms));
}

async function goThrough(fanOut: FanOut): Promise<void> {
  while (await fanOut.step()) {}
}

async function owed(here: TestDatabase, connectionId: string): Promise<(number | null)[]> {
  const rows = await here.db.kysely
    .selectFrom('outbox')
    .select('event_id')
    .where('connection_id', '=', connectionId)
    .orderBy('event_id')
    .execute();
  return rows.map((row) => row.event_id);
}

test('each event that is wanted is owed once to each who wants it, whichever workers go through the log', async () => {
  await using here = await testDatabase();
  await happen(here, 3);
  const [all, later] = [await subscribe(here), await subscribe(here, { after: 4 })];
  const [one, other] = [new FanOut(here), new FanOut(here)];
  await Promise.all([goThrough(one), goThrough(other)]);
  await happen(here, 2);
  await Promise.all([goThrough(other), goThrough(one)]);
  await goThrough(new FanOut(here));
  assert.deepEqual(await owed(here, all), [2, 4, 6, 8, 10]);
  assert.deepEqual(await owed(here, later), [6, 8, 10]);
});

test('a long log is gone through in pieces, however far its ids are apart', async () => {
  await using here = await testDatabase();
  await happen(here, 300);
  const insert = {
    user_id: here.recipient,
    type: 'message_received',
    data_json: '{}',
    created_at: 1,
  } as const;
  await here.db.kysely
    .insertInto('events')
    .values({ ...insert, id: 1e12 })
    .execute();
  const connectionId = await subscribe(here);
  const fanOut = new FanOut(here);
  let steps = 1;
  while (await fanOut.step()) steps += 1;
  assert.ok(steps >= 3);
  assert.equal((await owed(here, connectionId)).length, 301);
});

test('while nobody subscribes nothing is read of the log, and nothing written', async () => {
  await using here = await testDatabase();
  const fanOut = new FanOut(here);
  await happen(here, 10);
  let commits = 0;
  using _commits = here.db.onCommit(() => {
    commits += 1;
  });
  assert.equal(await fanOut.step(), false);
  const position = await here.db.kysely.selectFrom('event_fan_out').select('position').executeTakeFirst();
  assert.deepEqual([commits, position], [0, { position: 0 }]);
});

test('what concerns nobody is passed over without a write', async () => {
  await using here = await testDatabase();
  await subscribe(here);
  const fanOut = new FanOut(here);
  await goThrough(fanOut);
  let commits = 0;
  using _commits = here.db.onCommit(() => {
    commits += 1;
  });
  const event = { userId: here.sender, type: 'message_received' as const, data: {} };
  await here.db.write((trx) => appendEvents(trx, [event], here.clock.ms));
  await goThrough(fanOut);
  assert.equal(commits, 1, 'that of the event itself');
});

test('a subscription that is owed too much misses the rest, and is told so', async () => {
  await using here = await testDatabase();
  const connectionId = await subscribe(here);
  await happen(here, MAX_OWED + 5);
  await goThrough(new FanOut(here));
  assert.equal((await owed(here, connectionId)).length, MAX_OWED);
  const rows = await here.db.kysely.selectFrom('event_subscriptions').select('has_gap').execute();
  assert.deepEqual(rows, [{ has_gap: 1 }]);
});

test('one that was not refreshed in time gets nothing more, and what it is owed is cancelled', async () => {
  await using here = await testDatabase();
  const [short, long] = [await subscribe(here, { expiresAt: here.clock.ms + 3000 }), await subscribe(here)];
  await happen(here, 1);
  await goThrough(new FanOut(here));
  here.clock.ms += 3000;
  assert.equal(await expireSubscriptions(here, NEVER), 1);
  await happen(here, 1);
  await goThrough(new FanOut(here));
  assert.deepEqual([await owed(here, short), await owed(here, long)], [[2], [2, 4]]);
  assert.equal(await expireSubscriptions(here, NEVER), 0);
  const states = await here.db.kysely
    .selectFrom('outbox')
    .select(['connection_id', 'state'])
    .orderBy('event_id')
    .execute();
  assert.deepEqual(
    states.filter((row) => row.connection_id === short).map((row) => row.state),
    ['cancelled'],
  );
  assert.deepEqual(
    states.filter((row) => row.connection_id === long).map((row) => row.state),
    ['pending', 'pending'],
  );
  const { status, callback_secret } = await here.db.kysely
    .selectFrom('connections')
    .selectAll()
    .where('id', '=', short)
    .executeTakeFirstOrThrow();
  assert.deepEqual([status, callback_secret], ['deleted', null]);
});

test('a clock that is ahead for a moment costs a subscription no event', async () => {
  await using here = await testDatabase();
  const connectionId = await subscribe(here);
  here.clock.ms += 2 * DAY_MS;
  await happen(here, 1);
  await goThrough(new FanOut(here));
  here.clock.ms -= 2 * DAY_MS;
  assert.deepEqual(await owed(here, connectionId), [2]);
});

test('deliveries of events are deleted an hour after their end, dead letters a day after it, those of messages are not', async () => {
  await using here = await testDatabase();
  const [connectionId, agent] = [await subscribe(here), await here.addConnection()];
  await here.sendOne(agent);
  await happen(here, 4);
  await goThrough(new FanOut(here));
  const end = async (state: 'delivered' | 'cancelled' | 'failed', eventId: number | null) => {
    await here.db.kysely
      .updateTable('outbox')
      .set({ state, settled_at: here.clock.ms })
      .where('event_id', eventId === null ? 'is' : '=', eventId)
      .execute();
  };
  await end('delivered', null);
  await end('delivered', 2);
  await end('cancelled', 4);
  await end('failed', 6);
  const left: (number | null)[][] = [];
  for (const passed of [3_600_000, 1, 23 * 3_600_000 - 1, 1]) {
    here.clock.ms += passed;
    await pruneEventDeliveries(here, NEVER);
    left.push(await owed(here, connectionId));
  }
  assert.deepEqual(left, [[2, 4, 6, 8], [6, 8], [6, 8], [8]]);
  assert.deepEqual(await owed(here, agent), [null]);
  assert.equal(await newestEventId(here.db.kysely), 8);
});
