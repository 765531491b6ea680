import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ASK, DENY } from './client.ts';
import { assertRefused, registry } from './scene.ts';

test('held and refused messages are listed for their sender alone', async (t) => {
  const { ann, ben, plugin, clock } = await registry(t, { TRUSTED_MODE: 'true' });
  const long = 'ä'.repeat(300);
  await plugin.commit('ben', 'res_1', {
    local_decision: ASK,
    message: long,
    context: 'why',
    correlation_id: 'c',
  });
  clock.ms += 1;
  const hold = { ...ASK, delivery_mode: 'hold_for_approval', summary: 'Is this all right?' };
  const { json: second } = await plugin.commit('ben', 'res_2', { local_decision: hold });
  clock.ms += 1;
  const { json: denied } = await plugin.commit('ben', 'res_3', { local_decision: DENY, message: long });
  clock.ms += 1;
  await ann.ok('POST', '/policies', {
    scope: 'global',
    policy_type: 'heuristic',
    policy_content: '{"blockedPatterns":["secret"]}',
  });
  const refused = await ann.send(ben, 'a secret');

  const all = await ann.ok('GET', '/plugin/reviews?status=open');
  assert.deepEqual(all.review_queue, {
    count: 2,
    direction: 'all',
    statuses: ['review_required', 'approval_pending'],
  });
  const [newest, oldest] = all.reviews;
  assert.deepEqual(
    [newest.review_id, newest.status, newest.summary, newest.message_preview],
    [`rev_${second.message_id}`, 'approval_pending', 'Is this all right?', 'hello'],
  );
  assert.deepEqual(
    [oldest.message_preview, oldest.context_preview, oldest.correlation_id, oldest.recipient.username],
    ['ä'.repeat(240), 'why', 'c', 'ben'],
  );
  const approvals = await ann.ok('GET', '/plugin/reviews?status=approval_pending&direction=outbound');
  assert.deepEqual([approvals.review_queue.count, approvals.reviews[0].message_id], [1, second.message_id]);

  const blocked = await ann.ok('GET', '/plugin/events/blocked');
  assert.deepEqual(
    blocked.blocked_events.map((event: { id: string; reason: string; stored_payload_excerpt: null }) => [
      event.id,
      event.reason.replace(/pol_\w+/, 'pol_…'),
      event.stored_payload_excerpt,
    ]),
    [
      [`blocked_${refused.json.message_id}`, 'The message matches blockedPatterns[0] of policy pol_….', null],
      [`blocked_${denied.message_id}`, 'It is a secret.', null],
    ],
  );
  const [, event] = (await ann.ok('GET', '/plugin/events/blocked?include_payload_excerpt=1')).blocked_events;
  assert.equal(event.stored_payload_excerpt, 'ä'.repeat(120));
  assert.equal(event.payload_hash, `sha256:${createHash('sha256').update(long).digest('hex')}`);

  for (const path of ['/plugin/reviews', '/plugin/events/blocked', '/plugin/reviews?direction=inbound']) {
    const json = JSON.stringify(await ben.ok('GET', path));
    assert.doesNotMatch(json, /msg_/, 'whom it was for sees nothing');
  }
});

test('what the registry refuses after its agent has allowed it is told with what the agent said it is', async (t) => {
  const { ann, plugin } = await registry(t, { TRUSTED_MODE: 'true' });
  await ann.ok('POST', '/policies', {
    scope: 'global',
    evaluator: 'structured',
    effect: 'deny',
    policy_content: {},
  });
  const selectors = { direction: 'response', resource: 'location.current', action: 'ask' };
  await plugin.commit('ben', 'res_1', selectors);
  assert.equal((await plugin.send('ben', 'res_1', selectors)).json.status, 'rejected');
  const [event] = (await ann.ok('GET', '/plugin/events/blocked')).blocked_events;
  const { resolution_id, direction, resource, action } = event;
  assert.deepEqual([resolution_id, { direction, resource, action }], ['res_1', selectors]);
});

test('lists have pages, and refuse what they do not know', async (t) => {
  const { ann, plugin } = await registry(t);
  for (let n = 0; n < 5; n += 1) {
    await plugin.commit('ben', `res_ask_${n}`, { local_decision: ASK });
    await plugin.commit('ben', `res_deny_${n}`, { local_decision: DENY });
  }
  for (const [path, list] of [
    ['/plugin/reviews?limit=2', 'reviews'],
    ['/plugin/events/blocked?limit=2', 'blocked_events'],
  ] as const) {
    const seen: string[] = [];
    for (let next: string | undefined = path; next !== undefined; ) {
      const { json, headers } = await ann.call('GET', next);
      seen.push(...json[list].map(({ message_id }: { message_id: string }) => message_id));
      next = /^<\/api\/v1([^>]+)>/.exec(String(headers['link'] ?? ''))?.[1];
    }
    assert.deepEqual([seen.length, seen], [5, [...new Set(seen)].sort().reverse()]);
  }
  assert.equal((await ann.ok('GET', '/plugin/reviews?limit=1000')).reviews.length, 5);
  for (const query of ['status=closed', 'direction=up', 'limit=0', 'limit=-1', 'limit=x', 'status=']) {
    assertRefused(await ann.call('GET', `/plugin/reviews?${query}`), 400, 'INVALID_QUERY');
  }
  const bad = await ann.call('GET', '/plugin/events/blocked?include_payload_excerpt=yes');
  assertRefused(bad, 400, 'INVALID_QUERY');
});

test('the context of a prompt tells of the friend, the policies and the last messages', async (t) => {
  const { ann, ben, plugin, clock, person } = await registry(t);
  const cid = await person('cid');
  await ben.ok('PATCH', '/auth/me', { display_name: 'Ben' });
  const [{ id: friendship }] = await ann.ok('GET', '/friends');
  await ann.ok('POST', `/friends/${friendship}/roles`, { role: 'family' });
  const context = (more: object = {}) =>
    ann.call('POST', '/plugin/context', {
      sender_connection_id: plugin.connectionId,
      recipient: 'Ben',
      ...more,
    });
  const { json: empty } = await context();
  assert.equal(empty.policy_guidance.reason_code, 'context.allow.no_applicable');
  await ann.ok('POST', '/policies', {
    scope: 'global',
    evaluator: 'heuristic',
    effect: 'deny',
    policy_content: { maxLength: 100, blockedPatterns: ['the hidden word'] },
  });
  const override = {
    sender_connection_id: plugin.connectionId,
    kind: 'persistent',
    reason: 'r',
    selectors: {},
  };
  await ann.ok('POST', '/plugin/overrides', { ...override, scope: 'user', target_id: ben.id, effect: 'ask' });
  for (const text of ['one', 'two\n\n  lines', 'x'.repeat(200)]) {
    await ann.send(ben, text);
    clock.ms += 1;
    await ben.send(ann, `re: ${text}`);
    clock.ms += 1;
  }
  const held = await plugin.commit('ben', 'res_1', { local_decision: ASK });
  const { status, json } = await context({ draft_selectors: { resource: 'message.general' } });
  assert.equal(status, 200, JSON.stringify(json));
  const { policy_guidance: guidance, recipient } = json;
  assert.deepEqual(
    [guidance.default_decision, guidance.reason_code, guidance.policy_signal.scope_counts],
    ['ask', 'context.ask.user.structured', { global: 1, role: 0, user: 1 }],
  );
  assert.match(guidance.summary, /2 policies apply; you call them family;.*longer than 100 characters/);
  assert.doesNotMatch(guidance.summary, /hidden word/, 'a pattern may be a secret');
  assert.deepEqual(guidance.relevant_decisions[0].message_id, held.json.message_id);
  assert.deepEqual(
    [recipient.id, recipient.username, recipient.display_name, recipient.roles, recipient.relationship],
    [ben.id, 'ben', 'Ben', ['family'], 'friend'],
  );
  assert.deepEqual(
    json.recent_interactions.map((one: { direction: string; summary: string }) => [
      one.direction,
      one.summary,
    ]),
    [
      ['inbound', `re: ${'x'.repeat(136)}`],
      ['outbound', 'x'.repeat(140)],
      ['inbound', 're: two lines'],
      ['outbound', 'two lines'],
      ['inbound', 're: one'],
    ],
  );
  assert.deepEqual((await context({ interaction_limit: 0 })).json.recent_interactions, []);
  assert.deepEqual((await context({ include_recent_interactions: false })).json.recent_interactions, []);
  assertRefused(await context({ interaction_limit: 21 }), 400, 'INVALID_REQUEST');
  assertRefused(await context({ recipient: cid.username }), 403, 'NOT_FRIENDS');
  assertRefused(await context({ recipient_type: 'group' }), 400, 'UNSUPPORTED_RECIPIENT_TYPE');
});

test('a preview tells what would become of a message, and writes nothing', async (t) => {
  for (const TRUSTED_MODE of ['false', 'true']) {
    const { ann, ben, plugin, db } = await registry(t, { TRUSTED_MODE });
    await ann.ok('POST', '/policies', {
      scope: 'global',
      policy_type: 'heuristic',
      policy_content: '{"blockedPatterns":["secret"]}',
    });
    const preview = (message: string, more: object = {}) =>
      ann.call('POST', '/plugin/resolve', { recipient: 'ben', message, ...more });
    const { json: secret } = await preview('a secret');
    const { json: harmless } = await preview('hello', { resolution_id: 'res_mine' });
    if (TRUSTED_MODE === 'true') {
      assert.deepEqual([secret.decision, secret.delivery_mode], ['deny', 'blocked']);
      assert.doesNotMatch(JSON.stringify(secret), /pol_/);
      assert.deepEqual([harmless.decision, harmless.reason_code], ['allow', 'policy.allow.no_match']);
    } else {
      assert.deepEqual([secret.decision, secret.reason_code], ['allow', 'plugin.resolve.preview_only']);
      assert.match(secret.resolution_summary, /^Preview only\./);
      assert.match(secret.agent_guidance, /Do not treat this as send authorization\./);
    }
    assert.equal(harmless.resolution_id, 'res_mine');
    const [{ id }] = await ann.ok('GET', '/contacts/ben/connections');
    assert.deepEqual(harmless.resolved_recipient, {
      recipient: 'ben',
      recipient_connection_id: id,
      recipient_type: 'user',
    });
    const { group_id } = await ben.ok('POST', '/groups', { name: 'all', invite_only: false });
    await ann.ok('POST', `/groups/${group_id}/join`);
    const { json: group } = await preview('hello', { recipient: group_id, recipient_type: 'group' });
    assert.deepEqual(
      group.recipient_results.map(({ recipient }: { recipient: string }) => recipient),
      ['ben'],
    );
    assertRefused(
      await preview('hello', { recipient_connection_id: plugin.connectionId }),
      404,
      'CONNECTION_NOT_FOUND',
    );
    assertRefused(await preview('hello', { recipient: 'nobody' }), 404, 'USER_NOT_FOUND');
    assert.deepEqual(await db.kysely.selectFrom('decisions').select('message_id').execute(), []);
    assert.deepEqual(await ben.ok('GET', '/messages'), []);
  }
});
