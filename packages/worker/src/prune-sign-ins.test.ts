import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '@mahilo/shared/test/database';
import { pruneSignIns } from './prune-sign-ins.ts';

const HOUR_MS = 3_600_000;
const never = new AbortController().signal;

test('attempts to sign in go an hour after their end, however many, and also where no new ones come', async () => {
  await using here = await testDatabase();
  const { db, clock } = here;
  const attempt = (id: string, expires_at: number) => ({
    id,
    token_hash: Buffer.alloc(32),
    username: 'ann',
    user_id: null,
    network: '203.0.113.1',
    code: 'K7Q2MX',
    browser: 'Firefox on Linux',
    created_at: expires_at - 600_000,
    expires_at,
    approved_at: null,
    approved_by_key: null,
    denied_at: null,
    redeemed_at: null,
  });
  const old = Array.from({ length: 450 }, (_, n) => attempt(`lgn_${n}`, clock.ms - HOUR_MS - n));
  const young = [attempt('lgn_over', clock.ms - HOUR_MS + 1), attempt('lgn_waits', clock.ms + 1)];
  await db.kysely
    .insertInto('browser_logins')
    .values([...old, ...young])
    .execute();
  assert.equal(await pruneSignIns({ db, clock }, never), 450);
  const left = await db.kysely.selectFrom('browser_logins').select('id').orderBy('id').execute();
  assert.deepEqual(
    left.map(({ id }) => id),
    ['lgn_over', 'lgn_waits'],
  );
});
