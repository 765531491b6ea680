import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertRefused, registry } from './scene.ts';

const FANOUT = ['POST', '/plugin/bundles/group-fanout'] as const;

interface Offered {
  scope: string;
  effect: string;
  policy_content: object;
}

const offered = (policies: Offered[]) =>
  policies.map(({ scope, effect, policy_content }) => [scope, effect, policy_content]);

test('a bundle has the policies that apply, in the form in which agents evaluate them', async (t) => {
  const { ann, ben, plugin, clock } = await registry(t);
  const policy = (more: object) =>
    ann.ok('POST', '/policies', { scope: 'global', evaluator: 'heuristic', effect: 'deny', ...more });
  await policy({ policy_content: { blockedPatterns: ['(?i)\\Qa.b\\E'] }, priority: 90 });
  await policy({ policy_content: { blockedRecipients: ['Cid'], blockedPatterns: [] }, priority: 80 });
  await policy({ policy_content: { trustedRecipients: [] }, priority: 70 });
  await policy({ policy_content: { requireContext: false, minLength: 0 }, priority: 60 });
  await policy({ policy_content: { blockedPatterns: ['\\p{Greek}'] }, priority: 50 });
  await policy({ policy_content: { blockedPatterns: ['\\p{Greek}'] }, effect: 'allow', priority: 45 });
  await policy({ policy_content: {}, resource: 'location.current', priority: 40 });
  await policy({ policy_content: {}, enabled: false, priority: 30 });
  await policy({ policy_content: {}, expires_at: new Date(clock.ms + 1000).toISOString(), priority: 20 });
  await policy({ evaluator: 'llm', policy_content: 'Is it kind?', scope: 'user', target_id: ben.id });
  const { json } = await plugin.bundle('ben');
  assert.deepEqual(offered(json.applicable_policies), [
    ['global', 'deny', { blockedPatterns: ['a\\.b'] }],
    ['global', 'deny', { blockedRecipients: ['cid'] }],
    ['global', 'deny', {}],
    ['global', 'ask', {}],
    ['global', 'deny', {}],
    ['user', 'deny', 'Is it kind?'],
  ]);
  clock.ms += 1000;
  const later = await plugin.bundle('ben', { declared_selectors: { resource: 'Location..Current' } });
  assert.deepEqual(later.json.selector_context, {
    direction: 'outbound',
    resource: 'location.current',
    action: 'share',
  });
  const [none] = await Promise.all([plugin.bundle('ben', { direction: 'request' })]);
  assert.equal(none.json.applicable_policies.length, 5, 'what is for any direction is for this one');
  assert.ok(none.json.applicable_policies.every((one: { direction: string }) => one.direction === 'request'));
});

test('a policy that its owner alone sees binds nobody else, and of strangers nothing is told', async (t) => {
  const { plugin, person } = await registry(t);
  const cid = await person('cid');
  assertRefused(await plugin.bundle('cid'), 403, 'NOT_FRIENDS');
  assertRefused(await plugin.bundle('nobody'), 404, 'USER_NOT_FOUND');
  assertRefused(await plugin.bundle('ben', { recipient_type: 'group' }), 400, 'UNSUPPORTED_RECIPIENT_TYPE');
  assertRefused(await plugin.bundle('ben', { resource: 'nonsense' }), 400, 'INVALID_SELECTOR');
  const noAgent = await cid.call('POST', '/plugin/bundles/direct-send', { recipient: 'ann' });
  assertRefused(noAgent, 404, 'SENDER_CONNECTION_NOT_FOUND');
  const others = await cid.connectPolling();
  assertRefused(
    await plugin.bundle('ben', { sender_connection_id: others }),
    404,
    'SENDER_CONNECTION_NOT_FOUND',
  );
});

test('a bundle for a group has each member that can be reached, with the policies for that one', async (t) => {
  const { ann, ben, person, db } = await registry(t);
  const [cid, dora, eve] = [await person('cid'), await person('dora'), await person('eve')];
  const { group_id } = await ann.ok('POST', '/groups', { name: 'Climbers', invite_only: false });
  for (const member of [ben, cid, dora]) await member.ok('POST', `/groups/${group_id}/join`);
  await dora.ok('POST', '/friends/block', { username: 'ann' });
  const [{ id: friendship }] = await ann.ok('GET', '/friends');
  await ann.ok('POST', `/friends/${friendship}/roles`, { role: 'family' });
  const policy = (more: object) =>
    ann.ok('POST', '/policies', { evaluator: 'structured', effect: 'deny', policy_content: {}, ...more });
  await policy({
    scope: 'global',
    policy_content: { trustedRecipients: ['climbers'], maxLength: 9 },
    priority: 9,
  });
  await policy({ scope: 'global', policy_content: { trustedRecipients: ['climbers'] } });
  await policy({ scope: 'user', target_id: ben.id, effect: 'allow' });
  for (const role of ['family', 'work_contacts']) {
    const { policy_id } = await policy({ scope: 'global', effect: 'ask' });
    const forRole = { scope: 'role', target_id: role } as const;
    await db.write((trx) => trx.updateTable('policies').set(forRole).where('id', '=', policy_id).execute());
  }
  await policy({ scope: 'group', target_id: group_id, policy_content: { blockedRecipients: ['CLIMBERS'] } });

  const bundle = await ann.ok(...FANOUT, { recipient: group_id, recipient_type: 'group' });
  assert.deepEqual(bundle.group, { id: group_id, type: 'group', name: 'Climbers', member_count: 2 });
  assert.deepEqual(offered(bundle.group_overlay_policies), [['group', 'deny', {}]]);
  const [first, second] = [...bundle.members].sort((one, other) =>
    one.recipient.username < other.recipient.username ? -1 : 1,
  );
  const short = ['global', 'deny', { maxLength: 9 }];
  assert.deepEqual([first.recipient.username, first.roles], ['ben', ['family']]);
  assert.deepEqual(offered(first.member_applicable_policies), [
    short,
    ['user', 'allow', {}],
    ['role', 'ask', {}],
  ]);
  assert.deepEqual([second.recipient.username, second.roles], ['cid', []]);
  assert.deepEqual(offered(second.member_applicable_policies), [short]);
  assert.equal(second.resolution_id, `${bundle.bundle_metadata.resolution_id}_${second.recipient.id}`);
  assert.equal(bundle.aggregate_metadata.fanout_mode, 'per_recipient');

  const binding = await ben.ok(...FANOUT, { recipient: group_id });
  assert.equal(binding.group_overlay_policies.length, 1, 'a group’s policies bind every member');
  assert.deepEqual(binding.members[0].member_applicable_policies, []);
  assertRefused(await eve.call(...FANOUT, { recipient: group_id }), 404, 'SENDER_CONNECTION_NOT_FOUND');
  await eve.connectPolling();
  assertRefused(await eve.call(...FANOUT, { recipient: group_id }), 403, 'NOT_MEMBER');
  assertRefused(await eve.call(...FANOUT, { recipient: 'grp_none' }), 404, 'GROUP_NOT_FOUND');
});

test('a bundle for a group that would be too large is refused', async (t) => {
  const { ann, db, clock } = await registry(t);
  const { group_id } = await ann.ok('POST', '/groups', { name: 'all', invite_only: false });
  const content = JSON.stringify({
    blockedRecipients: Array.from({ length: 900 }, (_, n) => `somebody-${n}`),
  });
  for (let n = 0; n < 5; n += 1) {
    const policy = { scope: 'global', policy_type: 'heuristic', policy_content: content };
    await ann.ok('POST', '/policies', policy);
  }
  const people = Array.from({ length: 100 }, (_, n) => `p${n}`);
  await db.write(async (trx) => {
    for (const name of people) {
      const id = `usr_${name}`;
      const user = { id, username: name, display_name: null, created_at: clock.ms };
      await trx.insertInto('users').values(user).execute();
      const member = { group_id, user_id: id, role: 'member', status: 'active' } as const;
      const joined = { id: `mbr_${name}`, created_at: clock.ms, joined_at: clock.ms };
      await trx
        .insertInto('group_members')
        .values({ ...member, ...joined })
        .execute();
    }
  });
  const refused = await ann.call(...FANOUT, { recipient: group_id });
  assertRefused(refused, 429, 'QUOTA_EXCEEDED');
  assert.equal(refused.json.details[0].path, 'bundle_bytes');
});
