import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schema } from '@mahilo/shared/db/schema';
import { type TestDatabase, testDatabase } from '@mahilo/shared/test/database';
import type { Insertable } from 'kysely';
import { insertMembership } from '../src/groups/members.ts';
import { chooseConnection, type RoutingHints } from '../src/messages/choose-connection.ts';
import { routeToGroup } from '../src/messages/route-to-group.ts';

const GROUP = 'grp_1';

/** A group of both users. */
async function world(): Promise<TestDatabase> {
  const here = await testDatabase();
  const now = here.clock.ms;
  const group = {
    id: GROUP,
    name: 'team',
    description: null,
    invite_only: 1,
    created_at: now,
    deleted_at: null,
  };
  await here.db.write(async (trx) => {
    await trx.insertInto('groups').values(group).execute();
    for (const user_id of [here.sender, here.recipient]) {
      const role = user_id === here.sender ? 'owner' : 'member';
      const membership = { group_id: GROUP, status: 'active', created_at: now, joined_at: now } as const;
      await insertMembership(trx, { ...membership, id: here.newId('mbr'), user_id, role });
    }
  });
  return here;
}

/** Which connection of the other member takes a message to the group. */
async function target(here: TestDatabase, routing_hints?: RoutingHints): Promise<string | undefined> {
  const send = { recipient: GROUP, recipient_type: 'group', message: 'hello' } as const;
  const hints = routing_hints && {
    routing_hints: { labels: [...(routing_hints.labels ?? [])], tags: [...(routing_hints.tags ?? [])] },
  };
  const { targets } = await routeToGroup(here.db.kysely, here.sender, { ...send, ...hints }, () => undefined);
  return targets[0]?.connectionId;
}

test('a member’s connection is chosen for a group as it is for a message to them alone', async () => {
  await using here = await world();
  const statuses = ['active', 'suspended', 'inactive', 'deleted'] as const;
  for (let n = 0; n < 40; n++) {
    here.clock.ms += n % 3;
    const connection: Partial<Insertable<Schema['connections']>> = {
      label: `label ${n}`,
      status: statuses[(n * 7) % 4] ?? 'active',
      routing_priority: (n * 5) % 4,
      capabilities_json: JSON.stringify([`tag ${n % 6}`]),
    };
    await here.addConnection(connection);
  }
  const rows = await here.db.kysely.selectFrom('connections').selectAll().execute();
  const choices = rows.flatMap(({ status, capabilities_json, ...row }) =>
    status === 'active' || status === 'suspended'
      ? [{ ...row, status, capabilities: JSON.parse(capabilities_json) }]
      : [],
  );
  const labels = choices.map(({ label }) => label);
  for (const hints of [
    undefined,
    ...labels.map((label) => ({ labels: [label] })),
    ...[0, 1, 2, 3, 4, 5].map((n) => ({ tags: [`tag ${n}`] })),
    { labels: ['none'], tags: ['none'] },
  ]) {
    assert.equal(await target(here, hints), chooseConnection(choices, hints)?.id, JSON.stringify(hints));
  }
});

test('a member with very many agents costs a group send no more: only the best are compared with the hints', async () => {
  await using here = await world();
  for (let n = 0; n < 150; n++) {
    await here.addConnection({ label: `label ${n}`, routing_priority: n < 100 ? 9 : 1 });
  }
  const best = await target(here);
  assert.notEqual(await target(here, { labels: ['label 99'] }), best);
  assert.equal(await target(here, { labels: ['label 149'] }), best);
});
