import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schema } from '@mahilo/shared/db/schema';
import { usersInCharge } from '@mahilo/shared/groups/tell';
import { type TestDatabase, testDatabase } from '@mahilo/shared/test/database';
import { onlyWithSqlite } from '@mahilo/shared/test/dialect';
import { dear, plansOf } from '@mahilo/shared/test/plans';
import type { Kysely } from 'kysely';
import { findOwnGroup, insertGroup, listGroups } from '../src/groups/groups.ts';
import { countMembers, insertMembership, listMembers } from '../src/groups/members.ts';
import { countDeliveriesOf } from '../src/messages/idempotency.ts';
import { routeToGroup } from '../src/messages/route-to-group.ts';

onlyWithSqlite('the plans of SQLite');

const GROUP = 'grp_1';
const PAGE = { limit: 50, after: 'mbr_9' };

/** A group of two, of whom the second has an agent. */
async function world(): Promise<TestDatabase> {
  const here = await testDatabase();
  const now = here.clock.ms;
  await here.addConnection();
  await here.db.write(async (trx) => {
    const group = {
      id: GROUP,
      name: 'g',
      description: null,
      invite_only: 0,
      created_at: now,
      deleted_at: null,
    };
    await insertGroup(trx, group);
    for (const [user_id, role] of [
      [here.sender, 'owner'],
      [here.recipient, 'member'],
    ] as const) {
      const membership = { group_id: GROUP, status: 'active', created_at: now, joined_at: now } as const;
      await insertMembership(trx, { ...membership, id: here.newId('mbr'), user_id, role });
    }
  });
  return here;
}

const QUERIES: Readonly<Record<string, (db: Kysely<Schema>, here: TestDatabase) => Promise<unknown>>> = {
  'where a message to a group goes': async (db, here) => {
    const send = { recipient: GROUP, recipient_type: 'group', message: 'hello' } as const;
    const { targets } = await routeToGroup(db, here.sender, send, () => undefined);
    assert.equal(targets.length, 1);
  },
  'how many it was owed to': (db) => countDeliveriesOf(db, 'msg_1'),
  'the groups of a user': (db, here) => listGroups(db, here.sender, undefined, PAGE),
  'those that they are in': (db, here) => listGroups(db, here.sender, 'active', PAGE),
  'one of them': (db, here) => findOwnGroup(db, here.sender, GROUP),
  'the members of a group': (db) => listMembers(db, GROUP, PAGE),
  'how many they are': (db) => countMembers(db, GROUP),
  'who is in charge': (db) => usersInCharge(db, GROUP),
};

for (const [name, query] of Object.entries(QUERIES)) {
  test(`${name}: everything is looked up by an index, however much there is`, async () => {
    await using here = await world();
    const plans = await plansOf(here.file, (trx) => query(trx, here));
    assert.ok(plans.length > 0);
    for (const plan of plans) assert.deepEqual(dear(plan), [], plan.statement);
  });
}

test('members are counted and put in charge in indexes of their own', async () => {
  await using here = await world();
  const [count, inCharge] = await plansOf(here.file, async (trx) => {
    await countMembers(trx, GROUP);
    await usersInCharge(trx, GROUP);
  });
  assert.match(String(count?.steps), /COVERING INDEX group_members_active/);
  assert.match(String(inCharge?.steps), /USING INDEX group_members_in_charge/);
});
