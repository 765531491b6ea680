import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../person.ts';
import { ALLOW, ASK, DENY } from './client.ts';
import { assertRefused, registry } from './scene.ts';

const DAY_MS = 86_400_000;

test('an allowed message is sent under the id that the commit gave out, once', async (t) => {
  const { ann, ben, plugin } = await registry(t);
  const key = { 'idempotency-key': 'one' };
  const { json: bundle } = await plugin.bundle('Ben');
  const { resolution_id } = bundle.bundle_metadata;
  const committed = await plugin.commit('ben', resolution_id, {
    idempotency_key: 'one',
    correlation_id: 'c',
  });
  assert.equal(committed.status, 200);
  const { message_id, ...rest } = committed.json;
  assert.deepEqual(rest, {
    recorded: true,
    committed: true,
    status: 'pending',
    resolution: {
      resolution_id,
      decision: 'allow',
      delivery_mode: 'full_send',
      summary: 'The message may be sent.',
      reason_code: 'policy.allow.resolved',
    },
    recipient_results: [
      { recipient: 'ben', decision: 'allow', delivery_mode: 'full_send', delivery_status: 'pending' },
    ],
  });
  assert.deepEqual(await ben.ok('GET', '/inbox'), [], 'nothing was sent yet');
  assert.deepEqual(await ben.ok('GET', '/messages'), []);

  const request = ['POST', '/messages/send'] as const;
  const send = {
    sender_connection_id: plugin.connectionId,
    recipient: 'ben',
    message: 'hello',
    resolution_id,
  };
  const answers = await Promise.all([ann.call(...request, send, key), ann.call(...request, send, key)]);
  assert.deepEqual(
    answers.map(({ status, json }) => [status, json.message_id, json.status]),
    answers.map(() => [200, message_id, 'pending']),
  );
  assert.deepEqual(answers.map(({ json }) => json.deduplicated).sort(), [true, undefined]);
  const fetched = await ben.ok('GET', '/inbox');
  assert.deepEqual(
    fetched.map((one: { message_id: string; correlation_id: string }) => [
      one.message_id,
      one.correlation_id,
    ]),
    [[message_id, 'c']],
  );
  assert.equal((await ann.call(...request, send)).json.deduplicated, true, 'without the key, too');
  const again = await plugin.commit('ben', resolution_id, { idempotency_key: 'one' });
  assert.deepEqual([again.json.deduplicated, again.json.message_id], [true, message_id]);
});

test('what was held or denied is not sent, and the recipient sees nothing of it', async (t) => {
  const { ann, ben, plugin } = await registry(t);
  for (const [resolution, local_decision, status] of [
    ['res_ask', ASK, 'review_required'],
    ['res_hold', { ...ASK, delivery_mode: 'hold_for_approval' }, 'approval_pending'],
    ['res_deny', DENY, 'rejected'],
  ] as const) {
    const { json } = await plugin.commit('ben', resolution, { local_decision });
    assert.equal(json.status, status);
    assertRefused(await plugin.send('ben', resolution), 409, 'LOCAL_DECISION_REQUIRED');
    assert.equal((await ben.call('GET', `/messages/${json.message_id}`)).status, 404);
    assert.equal((await ben.call('DELETE', `/messages/${json.message_id}`)).status, 404);
  }
  assertRefused(await plugin.send('ben', 'res_unknown'), 409, 'LOCAL_DECISION_REQUIRED');
  assert.deepEqual(await ben.ok('GET', '/inbox'), []);
  assert.deepEqual(await ben.ok('GET', '/messages'), []);
  assert.equal((await ann.ok('GET', '/auth/limits')).find(isOfDecisions).used, 3);
});

const isOfDecisions = ({ name }: { name: string }) => name === 'decisions_per_user';

test('a commit is repeated, and another one under the same names is a conflict', async (t) => {
  const { plugin } = await registry(t);
  const first = await plugin.commit('ben', 'res_1', { idempotency_key: 'k' });
  const repeated = await plugin.commit('ben', 'res_1', { idempotency_key: 'k' });
  assert.deepEqual({ ...first.json, deduplicated: true }, repeated.json);
  for (const different of [
    { message: 'other' },
    { context: 'other' },
    { payload_type: 'text/markdown' },
    { resource: 'location.current' },
    { local_decision: DENY },
  ]) {
    assertRefused(await plugin.commit('ben', 'res_1', different), 409, 'LOCAL_DECISION_CONFLICT');
  }
  assertRefused(
    await plugin.commit('ben', 'res_2', { idempotency_key: 'k' }),
    409,
    'LOCAL_DECISION_CONFLICT',
  );
  await plugin.commit('ben', 'res_2');
  assertRefused(
    await plugin.commit('ben', 'res_2', { idempotency_key: 'k' }),
    409,
    'LOCAL_DECISION_CONFLICT',
  );
  const both = await Promise.all([plugin.commit('ben', 'res_3'), plugin.commit('ben', 'res_3')]);
  assert.equal(both[0].json.message_id, both[1].json.message_id);
  for (const different of [{ message: 'other' }, { context: 'new' }, { resource: 'location.current' }]) {
    assertRefused(await plugin.send('ben', 'res_3', different), 409, 'LOCAL_DECISION_CONFLICT');
  }
});

test('what cannot be is refused, in the order of the contract', async (t) => {
  const { plugin, person } = await registry(t, { MAX_PAYLOAD_SIZE: '100' });
  await person('cid');
  const commit = (more: object, recipient = 'ben') => plugin.commit(recipient, 'res_x', more);
  const cases: readonly [Promise<Answer>, number, string][] = [
    [commit({ recipient_type: 'group' }), 400, 'UNSUPPORTED_RECIPIENT_TYPE'],
    [commit({ message: 'ä'.repeat(51), resource: 'nonsense' }), 413, 'PAYLOAD_TOO_LARGE'],
    [commit({ resource: 'nonsense', sender_connection_id: 'conn_x' }), 400, 'INVALID_SELECTOR'],
    [commit({ sender_connection_id: 'conn_x' }, 'nobody'), 404, 'SENDER_CONNECTION_NOT_FOUND'],
    [commit({}, 'nobody'), 404, 'USER_NOT_FOUND'],
    [commit({}, 'cid'), 403, 'NOT_FRIENDS'],
    [commit({ local_decision: { ...ALLOW, delivery_mode: 'blocked' } }), 400, 'INVALID_LOCAL_DECISION'],
    [commit({ local_decision: { ...ASK, delivery_mode: 'full_send' } }), 400, 'INVALID_LOCAL_DECISION'],
    [commit({ local_decision: { ...DENY, winning_policy_id: 'pol_gone' } }), 409, 'LOCAL_DECISION_STALE'],
    [
      commit({ local_decision: { ...DENY, diagnostics: { reason_code: 'other' } } }),
      400,
      'INVALID_LOCAL_DECISION',
    ],
    [commit({ resolution_id: 'x'.repeat(121) }), 400, 'INVALID_REQUEST'],
    [
      commit({ local_decision: { ...DENY, matched_policy_ids: Array(101).fill('p') } }),
      400,
      'INVALID_REQUEST',
    ],
  ];
  for (const [answer, status, code] of cases) assertRefused(await answer, status, code);
});

test('a decision to allow lapses after a day, and then it can be made anew', async (t) => {
  const { plugin, clock } = await registry(t);
  const first = await plugin.commit('ben', 'res_1', { idempotency_key: 'k' });
  clock.ms += DAY_MS;
  assertRefused(await plugin.send('ben', 'res_1'), 409, 'LOCAL_DECISION_REQUIRED');
  const second = await plugin.commit('ben', 'res_1', { idempotency_key: 'k' });
  assert.notEqual(second.json.message_id, first.json.message_id);
  assert.equal((await plugin.send('ben', 'res_1')).json.message_id, second.json.message_id);
});

test('what is sent long after its id was given out is new for who asks since when', async (t) => {
  const { ann, ben, plugin, clock } = await registry(t);
  const { json } = await plugin.commit('ben', 'res_1');
  await plugin.commit('ben', 'res_2');
  clock.ms += 3_600_000;
  const since = clock.ms;
  await ann.send(ben, 'soon');
  await plugin.send('ben', 'res_1');
  for (const [person, query] of [
    [ben, 'direction=received&'],
    [ann, 'direction=sent&'],
    [ben, ''],
    [ann, 'status=pending&'],
  ] as const) {
    const messages = await person.ok('GET', `/messages?${query}since=${since}`);
    const ids = messages.map(({ id }: { id: string }) => id);
    assert.deepEqual([ids.length, ids[1]], [2, json.message_id], query);
    const deliveries = await person.ok('GET', `/deliveries?${query}since=${since}`);
    const about = deliveries.map(({ message_id }: { message_id: string }) => message_id);
    assert.deepEqual(about, ids, query);
    const [first] = deliveries;
    assert.equal(
      (await person.call('GET', `/deliveries?${query}since=${since}&limit=1`)).json[0].id,
      first.id,
    );
  }
  clock.ms += 1;
  assert.deepEqual(await ben.ok('GET', `/messages?since=${clock.ms}`), []);
});

test('members of a group who are no friends reach each other through a decision for that group alone', async (t) => {
  const { ann, ben, plugin, person } = await registry(t);
  const cid = await person('cid');
  await cid.connectPolling();
  const { group_id } = await ann.ok('POST', '/groups', { name: 'all', invite_only: false });
  assertRefused(await plugin.commit('cid', 'res_0', { group_id }), 409, 'LOCAL_DECISION_STALE');
  await cid.ok('POST', `/groups/${group_id}/join`);
  assertRefused(await plugin.commit('cid', 'res_0', { group_id: 'grp_none' }), 404, 'GROUP_NOT_FOUND');
  assertRefused(await plugin.commit('cid', 'res_0'), 403, 'NOT_FRIENDS');
  assertRefused(await plugin.commit('ann', 'res_0', { group_id }), 400, 'INVALID_REQUEST');
  const other = (await ben.ok('POST', '/groups', { name: 'bens', invite_only: false })).group_id;
  assertRefused(await plugin.commit('ben', 'res_0', { group_id: other }), 403, 'NOT_MEMBER');

  const { json } = await plugin.commit('cid', 'res_1', { group_id });
  assertRefused(await ann.send(cid, 'hello'), 403, 'NOT_FRIENDS');
  const sent = await plugin.send('cid', 'res_1');
  assert.deepEqual([sent.status, sent.json.message_id], [200, json.message_id]);
  assert.equal((await cid.ok('GET', '/inbox'))[0].message_id, json.message_id);

  await plugin.commit('cid', 'res_2', { group_id });
  await cid.ok('POST', '/friends/block', { username: 'ann' });
  assertRefused(await plugin.send('cid', 'res_2'), 409, 'LOCAL_DECISION_STALE');
  assertRefused(await plugin.commit('cid', 'res_3', { group_id }), 409, 'LOCAL_DECISION_STALE');
});

test('in trusted mode the registry judges again, and the answer names no policy', async (t) => {
  const { ann, ben, plugin } = await registry(t, { TRUSTED_MODE: 'true' });
  const policy_content = '{"blockedPatterns":["secret"]}';
  await ann.ok('POST', '/policies', { scope: 'global', policy_type: 'heuristic', policy_content });
  const message = 'a secret';
  const { json } = await plugin.commit('ben', 'res_1', { message });
  const expected = {
    message_id: json.message_id,
    status: 'rejected',
    rejection_reason: 'Message blocked by policy.',
  };
  const refused = await plugin.send('ben', 'res_1', { message });
  assert.deepEqual([refused.status, refused.json], [200, expected]);
  const repeated = await plugin.send('ben', 'res_1', { message });
  assert.deepEqual([repeated.status, repeated.json], [200, { ...expected, deduplicated: true }]);
  const undecided = await plugin.send('ben', 'res_none', { message });
  assert.deepEqual(
    [undecided.status, undecided.json.status],
    [200, 'rejected'],
    'of what nobody has decided, too',
  );
  assert.equal((await plugin.send('ben', 'res_other')).json.status, 'pending');
  assert.equal((await ann.send(ben, message)).status, 403);
});

test('one use of the policy that decided is taken at the commit, and stands when the message is sent', async (t) => {
  const { ann, ben, plugin } = await registry(t, { TRUSTED_MODE: 'true' });
  await ann.ok('POST', '/policies', {
    scope: 'global',
    evaluator: 'structured',
    effect: 'deny',
    policy_content: {},
    resource: 'message.general',
  });
  assert.equal((await ann.send(ben, 'hello')).status, 403);
  const { policy_id } = await ann.ok('POST', '/plugin/overrides', {
    sender_connection_id: plugin.connectionId,
    kind: 'one_time',
    scope: 'user',
    target_id: ben.id,
    selectors: {},
    reason: 'once',
  });
  const bundle = await plugin.bundle('ben');
  const offered = bundle.json.applicable_policies.map(shortly);
  assert.deepEqual(offered, [
    ['user', 'allow', 1],
    ['global', 'deny', null],
  ]);
  const local_decision = { ...ALLOW, winning_policy_id: policy_id };
  assertRefused(
    await plugin.commit('ben', 'res_0', { local_decision: { ...DENY, winning_policy_id: policy_id } }),
    400,
    'INVALID_LOCAL_DECISION',
  );
  const commits = await Promise.all(
    ['res_1', 'res_2'].map(async (id) => ({ id, ...(await plugin.commit('ben', id, { local_decision })) })),
  );
  assert.deepEqual(commits.map(({ status }) => status).sort(), [200, 409]);
  const [taken] = commits.filter(({ status }) => status === 200);
  assert.equal((await plugin.send('ben', taken?.id ?? '')).json.status, 'pending');
  assert.equal((await ann.send(ben, 'hello')).status, 403, 'it was for one message');
});

const shortly = (policy: { scope: string; effect: string; remaining_uses: number }) => [
  policy.scope,
  policy.effect,
  policy.remaining_uses,
];

test('an idempotency key of another message is a conflict, as ever', async (t) => {
  const { ann, ben, plugin } = await registry(t);
  await ann.send(ben, 'first', { idempotency_key: 'k' });
  assert.equal((await plugin.commit('ben', 'res_1', { idempotency_key: 'k' })).status, 200);
  assertRefused(await plugin.send('ben', 'res_1', { idempotency_key: 'k' }), 422, 'IDEMPOTENCY_CONFLICT');
  assert.equal((await plugin.send('ben', 'res_1', { idempotency_key: 'l' })).status, 200);
});

test('what decisions take counts among what a user has stored, and erasing makes room', async (t) => {
  const { ann, plugin } = await registry(t, { STORED_BYTES_PER_USER: '4000' });
  const local_decision = { ...DENY, reason: 'r'.repeat(1500) };
  const { json } = await plugin.commit('ben', 'res_1', { message: 'x'.repeat(2000), local_decision });
  const over = await plugin.commit('ben', 'res_2', { message: 'x'.repeat(2000) });
  assertRefused(over, 429, 'QUOTA_EXCEEDED');
  const used = async (name: string) =>
    (await ann.ok('GET', '/auth/limits')).find((one: { name: string }) => one.name === name).used;
  assert.ok((await used('stored_bytes_per_user')) > 3500);
  assert.deepEqual(await ann.ok('DELETE', `/messages/${json.message_id}`), { success: true });
  assert.deepEqual([await used('stored_bytes_per_user'), await used('decisions_per_user')], [0, 0]);
  await plugin.commit('ben', 'res_2', { message: 'x'.repeat(2000) });
  await plugin.send('ben', 'res_2', { message: 'x'.repeat(2000) });
  assert.equal(await used('stored_bytes_per_user'), 2000, 'what is sent counts once');
});

test('an account that ends leaves no decision', async (t) => {
  const { ann, plugin, db } = await registry(t);
  await plugin.commit('ben', 'res_1', { local_decision: ASK });
  await plugin.commit('ben', 'res_2');
  await plugin.send('ben', 'res_2');
  await ann.ok('DELETE', '/auth/me');
  assert.deepEqual(await db.kysely.selectFrom('decisions').select('message_id').execute(), []);
});
