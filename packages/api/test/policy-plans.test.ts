import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schema } from '@mahilo/shared/db/schema';
import { deletePoliciesOfGroup } from '@mahilo/shared/groups/end-group';
import { type TestDatabase, testDatabase } from '@mahilo/shared/test/database';
import { onlyWithSqlite } from '@mahilo/shared/test/dialect';
import { dear, plansOf } from '@mahilo/shared/test/plans';
import type { Transaction } from 'kysely';
import {
  anyPolicyOf,
  listPolicies,
  policiesToGroup,
  policiesToUser,
  weightOfGroup,
} from '../src/policies/policies.ts';

onlyWithSqlite('the plans of SQLite');

const PAGE = { limit: 50, after: 'pol_9' };
const ALL = { scope: undefined, targetIds: undefined };

const QUERIES: Readonly<Record<string, (trx: Transaction<Schema>, here: TestDatabase) => Promise<unknown>>> =
  {
    'what applies to a message to a user': (trx, { sender, recipient }) =>
      policiesToUser(trx, sender, { id: recipient, roles: ['family'] }),
    'whether somebody has any': (trx, { sender }) => anyPolicyOf(trx, sender),
    'what applies to a message to a group': (trx, { sender }) => policiesToGroup(trx, sender, 'grp_1'),
    'how many there are of a group': (trx) => weightOfGroup(trx, 'grp_1'),
    'those of a group that is deleted': (trx) => deletePoliciesOfGroup(trx, 'grp_1'),
  };

for (const [name, query] of Object.entries(QUERIES)) {
  test(`${name}: everything is looked up by an index, however much there is`, async () => {
    await using here = await testDatabase();
    const plans = await plansOf(here.file, (trx) => query(trx, here));
    assert.ok(plans.length > 0);
    for (const plan of plans) assert.deepEqual(dear(plan), [], plan.statement);
  });
}

test('a list looks at a user’s own policies and those of their groups, and reads whole only what stands on the page', async () => {
  await using here = await testDatabase();
  const [own, ofGroups] = await plansOf(here.file, (trx) => listPolicies(trx, here.sender, ALL, PAGE));
  assert.ok(own && ofGroups);
  assert.doesNotMatch(String(own.steps), /SCAN/);
  assert.match(String(own.steps), /policies_by_user/);
  assert.match(String(ofGroups.steps), /COVERING INDEX policies_by_group/);
  assert.match(String(ofGroups.steps), /group_members_by_user/);
  assert.doesNotMatch(String(ofGroups.steps), /SCAN/);
});
