import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DecisionState, Schema } from '@mahilo/shared/db/schema';
import { type TestDatabase, testDatabase } from '@mahilo/shared/test/database';
import { sqliteOnly } from '@mahilo/shared/test/dialect';
import { dear, plansOf } from '@mahilo/shared/test/plans';
import type { Insertable } from 'kysely';
import { expireReviews } from './expire-reviews.ts';
import { prunePolicies } from './prune-policies.ts';

const DAY_MS = 86_400_000;
const forever = new AbortController().signal;

async function decision(here: TestDatabase, state: DecisionState, expires_at: number | null) {
  const message_id = here.newId('msg');
  await here.db.kysely
    .insertInto('decisions')
    .values({
      message_id,
      sender_id: here.sender,
      sender_connection_id: null,
      sender_agent: 'test',
      recipient_type: 'user',
      recipient_id: here.recipient,
      recipient: 'ben',
      group_id: null,
      origin: 'registry',
      resolution_id: message_id,
      idempotency_key: null,
      request_hash: Buffer.of(1),
      direction: 'outbound',
      resource: 'message.general',
      action: 'share',
      decision: 'ask',
      delivery_mode: 'review_required',
      state,
      body: 'hello',
      context: null,
      send_json: '{"correlation_id":"c"}',
      winning_policy_id: null,
      reason_code: 'x',
      summary: null,
      audit_json: null,
      stored_bytes: 5,
      created_at: here.clock.ms,
      expires_at,
      settled_at: null,
    })
    .execute();
  return message_id;
}

test('what nobody decided about in time is closed, and its sender is told, once', async () => {
  await using here = await testDatabase();
  const now = here.clock.ms;
  const over = [
    await decision(here, 'review_required', now),
    await decision(here, 'approval_pending', now - 1),
  ];
  await decision(here, 'review_required', now + 1);
  await decision(here, 'allowed', now - 1);
  await decision(here, 'denied', null);
  assert.equal(await expireReviews(here, forever), 2);
  assert.equal(await expireReviews(here, forever), 0);
  const closed = await here.db.kysely
    .selectFrom('decisions')
    .select(['message_id', 'state', 'expires_at', 'settled_at'])
    .where('state', '=', 'expired')
    .orderBy('message_id')
    .execute();
  assert.deepEqual(
    closed,
    over.map((message_id) => ({ message_id, state: 'expired', expires_at: null, settled_at: now })),
  );
  const events = await here.db.kysely.selectFrom('events').select(['user_id', 'type', 'data_json']).execute();
  assert.deepEqual(
    events.map(({ user_id, type, data_json }) => [user_id, type, JSON.parse(data_json)]).toSorted(),
    over
      .map((message_id) => [
        here.sender,
        'review_closed',
        {
          review_id: `rev_${message_id}`,
          message_id,
          recipient: 'ben',
          correlation_id: 'c',
          status: 'expired',
        },
      ])
      .toSorted(),
  );
});

function policy(here: TestDatabase, terms: Partial<Insertable<Schema['policies']>>) {
  return {
    id: here.newId('pol'),
    user_id: here.sender,
    scope: 'global' as const,
    target_id: null,
    evaluator: 'structured' as const,
    effect: 'allow' as const,
    direction: null,
    resource: null,
    action: null,
    content: '{}',
    priority: 0,
    enabled: 1,
    source: 'override',
    effective_from: null,
    expires_at: null,
    max_uses: null,
    remaining_uses: null,
    derived_from_message_id: null,
    learning_provenance_json: null,
    created_at: 1,
    updated_at: null,
    ...terms,
  };
}

test('policies that have been over for long are deleted, and no others', async () => {
  await using here = await testDatabase();
  const before = here.clock.ms - 30 * DAY_MS;
  const used = { max_uses: 1, remaining_uses: 0 };
  const gone = [policy(here, { expires_at: before - 1 }), policy(here, { ...used, updated_at: before - 1 })];
  const kept = [
    policy(here, {}),
    policy(here, { expires_at: before }),
    policy(here, { ...used, updated_at: before }),
    policy(here, { max_uses: 1, remaining_uses: 1, updated_at: 1 }),
  ];
  const many = Array.from({ length: 450 }, () => policy(here, { expires_at: 1 }));
  for (const row of [...gone, ...kept, ...many])
    await here.db.kysely.insertInto('policies').values(row).execute();
  await prunePolicies(here, before, forever);
  const left = await here.db.kysely.selectFrom('policies').select('id').orderBy('id').execute();
  assert.deepEqual(
    left.map(({ id }) => id),
    kept.map(({ id }) => id),
  );
});

test('neither looks at more than what is over', sqliteOnly('the plans of SQLite'), async () => {
  await using here = await testDatabase();
  const plans = await plansOf(here.file, async (trx) => {
    const db = { ...here.db, write: async <T>(work: (t: typeof trx) => Promise<T>) => work(trx) };
    await expireReviews({ db, clock: here.clock }, forever);
    await prunePolicies({ db }, here.clock.ms, forever);
  });
  assert.equal(plans.length, 2);
  for (const plan of plans) assert.deepEqual(dear(plan), [], plan.statement);
});
