import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DecisionState } from '@mahilo/shared/db/schema';
import { type TestDatabase, testDatabase } from '@mahilo/shared/test/database';
import { pruneDecisions, pruneLapsed } from './prune-decisions.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 5, 1);
const never = new AbortController().signal;

/** A decision of `ageDays` ago; if it waits, it waits for some more days. */
async function decided(
  here: TestDatabase,
  state: DecisionState,
  ageDays: number,
  waitsDays?: number,
): Promise<string> {
  here.clock.ms = NOW - ageDays * DAY_MS;
  const message_id = here.newId('msg');
  const isAllowed = state === 'allowed' || state === 'sent';
  await here.db.kysely
    .insertInto('decisions')
    .values({
      message_id,
      sender_id: here.sender,
      sender_agent: 'test',
      recipient_type: 'user',
      recipient_id: here.recipient,
      recipient: 'ben',
      origin: 'agent',
      resolution_id: `res_${message_id}`,
      request_hash: Buffer.from('hash'),
      direction: 'outbound',
      resource: 'message.general',
      action: 'share',
      decision: isAllowed ? 'allow' : 'deny',
      delivery_mode: isAllowed ? 'full_send' : 'blocked',
      state,
      body: state === 'sent' ? null : 'hello',
      reason_code: 'test',
      stored_bytes: 5,
      created_at: here.clock.ms,
      expires_at: waitsDays === undefined ? null : NOW + waitsDays * DAY_MS,
    })
    .execute();
  here.clock.ms = NOW;
  return message_id;
}

async function left({ db }: TestDatabase): Promise<string[]> {
  const rows = await db.kysely.selectFrom('decisions').select('message_id').orderBy('message_id').execute();
  return rows.map(({ message_id }) => message_id);
}

test('what was allowed and not sent in time goes, and nothing else', async () => {
  await using here = await testDatabase();
  const stays = [
    await decided(here, 'review_required', 9, -1),
    await decided(here, 'denied', 8),
    await decided(here, 'sent', 7),
  ];
  for (let n = 0; n < 250; n += 1) await decided(here, 'allowed', 2, -1);
  const waits = await decided(here, 'allowed', 0.5, 0.5);
  assert.equal(await pruneLapsed(here, never), 250);
  assert.deepEqual(await left(here), [...stays, waits]);
});

test('what is older than the retention goes, whatever came of it, unless it waits for somebody', async () => {
  await using here = await testDatabase();
  await decided(here, 'sent', 40);
  const held = await decided(here, 'review_required', 35, 2);
  for (let n = 0; n < 250; n += 1) await decided(here, n % 2 ? 'denied' : 'rejected', 31);
  const young = await decided(here, 'denied', 29);
  assert.equal(await pruneDecisions(here, NOW - 30 * DAY_MS, never), 251);
  assert.deepEqual(await left(here), [held, young]);
});
