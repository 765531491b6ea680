import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SettableClock } from '@mahilo/shared/test/settable-clock';
import { type Answer, Person } from './person.ts';
import { type TestApp, testApp } from './test-app.ts';

const DAY_MS = 86_400_000;

let here: TestApp;
const clock = new SettableClock();

before(async () => {
  here = await testApp(() => ({}), { TRUSTED_MODE: 'true', RATE_LIMIT: '10000' }, clock);
});
after(() => here[Symbol.asyncDispose]());

let made = 0;

interface Two {
  ann: Person;
  ben: Person;
  /** Ann's agent. */
  agent: string;
}

async function friends(): Promise<Two> {
  made += 1;
  const ann = await Person.register(here.app, `ann-${made}`);
  const ben = await Person.register(here.app, `ben-${made}`);
  await ann.befriend(ben);
  await ben.connectPolling();
  return { ann, ben, agent: await ann.connectPolling() };
}

const policy = (who: Person, body: object): Promise<Answer> =>
  who.call('POST', '/policies', { scope: 'global', policy_type: 'heuristic', policy_content: {}, ...body });

const override = ({ ann, agent }: Two, body: object): Promise<Answer> =>
  ann.call('POST', '/plugin/overrides', {
    sender_connection_id: agent,
    kind: 'persistent',
    scope: 'global',
    selectors: {},
    reason: 'I said so',
    ...body,
  });

const DENY = { effect: 'deny', evaluator: 'structured', policy_type: undefined };

function assertRefused({ status, json }: Answer, code: string, path?: string, wanted = 400): void {
  assert.deepEqual([status, json.code], [wanted, code], JSON.stringify(json));
  if (path !== undefined) assert.ok(json.details.some((detail: { path: string }) => detail.path === path));
}

const statusOf = (answers: readonly Answer[]) => answers.map(({ json }) => json.status).toSorted();

test('a policy can be written in each form that clients send, and comes back in one', async () => {
  const { ann, ben } = await friends();
  const rules = { maxLength: 5 };
  const forms: object[] = [
    { policy_content: rules },
    { policy_content: JSON.stringify(rules) },
    { policy_type: undefined, evaluator: 'heuristic', policy_content: rules, effect: 'deny' },
    { evaluator: 'heuristic', policy_content: rules, target_id: null, direction: null, selectors: {} },
  ];
  for (const form of forms) assert.equal((await policy(ann, form)).status, 201, JSON.stringify(form));
  const listed = await ann.ok('GET', '/policies');
  for (const { id, created_at, ...rest } of listed) {
    assert.deepEqual(rest, {
      scope: 'global',
      evaluator: 'heuristic',
      policy_type: 'heuristic',
      effect: 'deny',
      direction: null,
      resource: null,
      action: null,
      policy_content: '{"maxLength":5}',
      priority: 0,
      enabled: true,
      source: 'user_created',
    });
  }
  const { json: sent } = await ben.send(ann, 'hello');
  const whole = {
    scope: 'user',
    target_id: ben.id,
    ...DENY,
    effect: 'ask',
    direction: 'Outbound ',
    resource: '.location..current',
    selectors: { action: 'share', resource: 'health.metric' },
    effective_from: '2026-01-01T00:00:00Z',
    expires_at: '2036-01-01T00:00:00Z',
    max_uses: 3,
    remaining_uses: 2,
    source: 'learned',
    derived_from_message_id: sent.message_id,
    learning_provenance: { promoted_from_policy_ids: [listed[0].id] },
  };
  const { policy_id } = (await policy(ann, whole)).json;
  const [stored] = await ann.ok('GET', '/policies?scope=user');
  const { created_at, ...rest } = stored;
  assert.deepEqual(rest, {
    id: policy_id,
    scope: 'user',
    target_id: ben.id,
    target_name: ben.username,
    evaluator: 'structured',
    policy_type: 'structured',
    effect: 'ask',
    direction: 'outbound',
    resource: 'health.metric',
    action: 'share',
    policy_content: '{}',
    priority: 0,
    enabled: true,
    source: 'learned',
    effective_from: '2026-01-01T00:00:00.000Z',
    expires_at: '2036-01-01T00:00:00.000Z',
    max_uses: 3,
    remaining_uses: 2,
    derived_from_message_id: sent.message_id,
    learning_provenance: { source_interaction_id: null, promoted_from_policy_ids: [listed[0].id] },
  });
  const changes = { effect: 'allow', resource: null, expires_at: null, max_uses: 9, policy_content: rules };
  await ann.ok('PATCH', `/policies/${policy_id}`, changes);
  const [changed] = await ann.ok('GET', '/policies?scope=user');
  assert.deepEqual(
    [changed.effect, changed.resource, changed.action, changed.expires_at, changed.remaining_uses],
    ['allow', null, 'share', undefined, 9],
  );
  assert.equal(changed.policy_content, '{"maxLength":5}');
  await ann.ok('PATCH', `/policies/${policy_id}`, { max_uses: null });
  assert.equal((await ann.ok('GET', '/policies?scope=user'))[0].remaining_uses, undefined);
});

test('a policy that contradicts itself is refused, and the field is named', async () => {
  const { ann, ben } = await friends();
  const { message_id: others } = (await friends().then(({ ann: eve, ben: fay }) => eve.send(fay, 'x'))).json;
  const bad: [body: object, code: string, path: string, status?: number][] = [
    [{ policy_type: undefined }, 'INVALID_REQUEST', 'policy_type'],
    [{ evaluator: 'llm' }, 'INVALID_REQUEST', 'evaluator'],
    [{}, 'INVALID_POLICY_CONTENT', 'policy_content'],
    [{ policy_content: 7 }, 'INVALID_REQUEST', 'policy_content'],
    [{ policy_type: 'llm', effect: 'ask' }, 'INVALID_POLICY_CONTENT', 'policy_content'],
    [{ ...DENY, policy_content: { maxlength: 1 } }, 'INVALID_POLICY_CONTENT', 'policy_content.maxlength'],
    [{ ...DENY, direction: 'sideways' }, 'INVALID_SELECTOR', 'direction'],
    [{ ...DENY, selectors: { resource: 'secrets' } }, 'INVALID_SELECTOR', 'selectors.resource'],
    [{ ...DENY, action: 'a b' }, 'INVALID_SELECTOR', 'action'],
    [{ ...DENY, resource: '...' }, 'INVALID_SELECTOR', 'resource'],
    [{ ...DENY, remaining_uses: 1 }, 'INVALID_POLICY', 'remaining_uses'],
    [{ ...DENY, max_uses: 1, remaining_uses: 2 }, 'INVALID_POLICY', 'remaining_uses'],
    [{ ...DENY, max_uses: 0 }, 'INVALID_REQUEST', 'max_uses'],
    [{ ...DENY, expires_at: 'soon' }, 'INVALID_REQUEST', 'expires_at'],
    [{ ...DENY, effective_from: '2027-01-01', expires_at: '2027-01-01' }, 'INVALID_POLICY', 'expires_at'],
    [{ ...DENY, source: 'legacy_migrated' }, 'INVALID_REQUEST', 'source'],
    [
      { ...DENY, learning_provenance: { promoted_from_policy_ids: ['pol_none'] } },
      'INVALID_POLICY',
      'learning_provenance.promoted_from_policy_ids.0',
    ],
  ];
  for (const [body, code, path] of bad) assertRefused(await policy(ann, body), code, path);
  for (const derived_from_message_id of [others, 'msg_none']) {
    const answer = await policy(ann, { ...DENY, derived_from_message_id });
    assertRefused(answer, 'SOURCE_MESSAGE_NOT_FOUND', undefined, 404);
  }
  assert.deepEqual(await ann.ok('GET', '/policies'), []);
  const { policy_id } = (await policy(ann, { policy_content: { maxLength: 5 } })).json;
  const path = `/policies/${policy_id}`;
  assertRefused(await ann.call('PATCH', path, { policy_content: {} }), 'INVALID_POLICY_CONTENT');
  assert.equal((await ann.send(ben, 'short')).status, 200);
  await ann.ok('PATCH', path, { policy_content: {}, effect: 'deny' });
  assert.equal((await ann.send(ben, 'short')).status, 403);
  await ann.ok('PATCH', path, { policy_content: '{}' });
});

test('an allow for one person lifts what is denied to all, and a deny for them stays', async () => {
  const { ann, ben } = await friends();
  await policy(ann, { ...DENY, policy_content: { blockedPatterns: ['secret'] } });
  assert.equal((await ann.send(ben, 'a secret')).status, 403);
  const forBen = { scope: 'user', target_id: ben.id };
  await policy(ann, { ...DENY, effect: 'allow', ...forBen });
  assert.equal((await ann.send(ben, 'a secret')).status, 200);
  await policy(ann, { ...DENY, ...forBen, policy_content: { maxLength: 3 } });
  const { json } = await ann.send(ben, 'a secret');
  assert.match(json.rejection_reason, /^The message is longer than maxLength \(3\) of policy pol_\w+\.$/);
});

test('a policy is for what its selectors name, and from its beginning to its end', async () => {
  const { ann, ben } = await friends();
  await policy(ann, { ...DENY, resource: 'location.current' });
  assert.equal((await ann.send(ben, 'hello')).status, 200);
  const later = new Date(clock.ms + DAY_MS).toISOString();
  const end = new Date(clock.ms + 2 * DAY_MS).toISOString();
  await policy(ann, { ...DENY, resource: 'message.general', effective_from: later, expires_at: end });
  assert.equal((await ann.send(ben, 'hello')).status, 200);
  clock.ms += DAY_MS;
  assert.equal((await ann.send(ben, 'hello')).status, 403);
  clock.ms += DAY_MS;
  assert.equal((await ann.send(ben, 'hello')).status, 200);
});

test('an override is a policy that says how it came about', async () => {
  const two = await friends();
  const { ann, ben, agent } = two;
  const rules = { blockedPatterns: ['lunch'] };
  const forBen = { scope: 'user', target_id: ben.id };
  const answer = await override(two, {
    ...forBen,
    kind: 'temporary',
    ttl_seconds: 60,
    max_uses: 2,
    selectors: { resource: 'calendar.event' },
    source_resolution_id: 'res_1',
    policy_content: rules,
  });
  assert.deepEqual(answer, { ...answer, status: 201 });
  const { policy_id } = answer.json;
  assert.deepEqual(answer.json, { policy_id, kind: 'temporary', created: true });
  const [{ policy_content, ...stored }] = await ann.ok('GET', '/policies');
  assert.deepEqual(JSON.parse(policy_content), {
    ...rules,
    _mahilo_override: {
      kind: 'temporary',
      reason: 'I said so',
      sender_connection_id: agent,
      created_via: 'plugin.overrides',
      created_at: new Date(clock.ms).toISOString(),
      source_resolution_id: 'res_1',
    },
  });
  assert.deepEqual(
    [stored.id, stored.evaluator, stored.effect, stored.source, stored.priority, stored.max_uses],
    [policy_id, 'structured', 'allow', 'override', 90, 2],
  );
  assert.deepEqual(
    [stored.direction, stored.resource, stored.action],
    ['outbound', 'calendar.event', 'share'],
  );
  assert.equal(stored.expires_at, new Date(clock.ms + 60_000).toISOString());
  // What is listed can be written back.
  await ann.ok('PATCH', `/policies/${policy_id}`, { policy_content });
});

test('an override whose kind and life do not fit is refused', async () => {
  const two = await friends();
  const past = new Date(clock.ms).toISOString();
  const bad: [body: object, path: string][] = [
    [{ kind: 'one_time', max_uses: 2 }, 'max_uses'],
    [{ kind: 'temporary' }, 'expires_at'],
    [{ kind: 'temporary', max_uses: 2 }, 'expires_at'],
    [{ ttl_seconds: 1 }, 'expires_at'],
    [{ max_uses: 1 }, 'max_uses'],
    [{ kind: 'temporary', ttl_seconds: 1, expires_at: '2036-01-01' }, 'ttl_seconds'],
    [{ kind: 'temporary', expires_at: past }, 'expires_at'],
    [{ kind: 'temporary', expires_at: 'later' }, 'expires_at'],
  ];
  for (const [body, path] of bad) assertRefused(await override(two, body), 'INVALID_OVERRIDE', path);
  for (const [body, code, path, status] of [
    [{ kind: 'temporary', ttl_seconds: 2_592_001 }, 'INVALID_REQUEST', 'ttl_seconds', 400],
    [{ reason: '' }, 'INVALID_REQUEST', 'reason', 400],
    [{ selectors: undefined }, 'INVALID_REQUEST', 'selectors', 400],
    [{ selectors: { resource: 'x' } }, 'INVALID_SELECTOR', 'selectors.resource', 400],
    [{ policy_content: { x: 1 } }, 'INVALID_POLICY_CONTENT', 'policy_content.x', 400],
    [{ scope: 'user' }, 'INVALID_POLICY', 'target_id', 400],
    [{ target_id: 'usr_1' }, 'INVALID_POLICY', 'target_id', 400],
    [{ scope: 'user', target_id: 'usr_none' }, 'USER_NOT_FOUND', undefined, 404],
    [{ scope: 'group', target_id: 'grp_none' }, 'GROUP_NOT_FOUND', undefined, 404],
    [{ sender_connection_id: 'conn_none' }, 'SENDER_CONNECTION_NOT_FOUND', undefined, 404],
    [{ derived_from_message_id: 'msg_none' }, 'SOURCE_MESSAGE_NOT_FOUND', undefined, 404],
  ] as const) {
    assertRefused(await override(two, body), code, path, status);
  }
  const other = await friends();
  assertRefused(
    await override({ ...two, agent: other.agent }, {}),
    'SENDER_CONNECTION_NOT_FOUND',
    undefined,
    404,
  );
  assert.deepEqual(await two.ann.ok('GET', '/policies'), []);
});

test('a one-time override decides about one message, also when two are sent at once', async () => {
  const two = await friends();
  const { ann, ben } = two;
  await policy(ann, DENY);
  await override(two, { kind: 'one_time', scope: 'user', target_id: ben.id });
  const answers = await Promise.all(['one', 'two', 'three'].map((text) => ann.send(ben, text)));
  assert.deepEqual(statusOf(answers), ['pending', 'rejected', 'rejected']);
  assert.equal((await ann.send(ben, 'four')).json.status, 'rejected');
  assert.equal((await ann.ok('GET', '/policies?scope=user'))[0].remaining_uses, 0);
  await override(two, { kind: 'temporary', max_uses: 3, ttl_seconds: 60, scope: 'user', target_id: ben.id });
  const more = await Promise.all(Array.from({ length: 9 }, (_, n) => ann.send(ben, String(n))));
  assert.deepEqual(statusOf(more).slice(0, 4), ['pending', 'pending', 'pending', 'rejected']);
});

test('a one-time override decides about one of two messages that are committed at once', async () => {
  const two = await friends();
  const { ann, ben, agent } = two;
  const once = { kind: 'one_time', scope: 'user', target_id: ben.id };
  const { policy_id } = (await override(two, once)).json;
  const answers = await Promise.all(
    ['res_1', 'res_2', 'res_3'].map((resolution_id) =>
      ann.call('POST', '/plugin/local-decisions/commit', {
        sender_connection_id: agent,
        recipient: ben.username,
        message: 'hello',
        resolution_id,
        local_decision: { decision: 'allow', delivery_mode: 'full_send', winning_policy_id: policy_id },
      }),
    ),
  );
  const ends = answers.map(({ status, json }) => json.code ?? status);
  assert.deepEqual(ends.toSorted(), [200, 'LOCAL_DECISION_STALE', 'LOCAL_DECISION_STALE']);
});

test('what is refused for another reason, or repeated, uses up nothing', async () => {
  const two = await friends();
  const { ann, ben } = two;
  await policy(ann, DENY);
  await override(two, { kind: 'one_time', scope: 'user', target_id: ben.id });
  const misdirected = await ann.send(ben, 'x', { recipient_connection_id: 'conn_none' });
  assert.equal(misdirected.json.code, 'CONNECTION_NOT_FOUND');
  const key = { idempotency_key: 'k' };
  const [first, again] = await Promise.all([ann.send(ben, 'x', key), ann.send(ben, 'x', key)]);
  assert.deepEqual([first?.status, again?.status], [200, 200]);
  assert.equal(first?.json.message_id, again?.json.message_id);
  assert.equal((await ann.send(ben, 'x', key)).json.deduplicated, true);
  assert.equal((await ann.send(ben, 'x')).status, 403);
});

test('a one-time policy of a group decides about one message of whoever is first', async () => {
  const two = await friends();
  const { ann, ben } = two;
  const { group_id } = await ann.ok('POST', '/groups', { name: `group-${made}`, invite_only: false });
  await ben.ok('POST', `/groups/${group_id}/join`);
  await policy(ann, { ...DENY, scope: 'group', target_id: group_id, max_uses: 1 });
  const toGroup = { recipient: group_id, recipient_type: 'group' };
  const answers = await Promise.all([ann, ben, ann].map((who) => who.send(ben, 'x', toGroup)));
  assert.deepEqual(statusOf(answers), ['pending', 'pending', 'rejected']);
});
