import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SettableClock } from '@mahilo/shared/test/settable-clock';
import { type Answer, Person } from '../person.ts';
import { testApp } from '../test-app.ts';
import { ALLOW, ASK, PluginDouble } from './client.ts';

const DAY_MS = 86_400_000;
const TRUSTED = { TRUSTED_MODE: 'true' };

/** Ann, who wants to be asked before anything is sent to her friend ben, whose agent polls. */
async function registry(
  t: TestContext,
  environment: Readonly<Record<string, string>> = TRUSTED,
  replaced: Parameters<typeof testApp>[0] = () => ({}),
) {
  const clock = new SettableClock();
  const here = await testApp(replaced, { RATE_LIMIT: '1000000', ...environment }, clock);
  t.after(() => here[Symbol.asyncDispose]());
  const person = (name: string) => Person.register(here.app, name);
  const [ann, ben] = [await person('ann'), await person('ben')];
  await ann.befriend(ben);
  await ben.connectPolling();
  const policy = async (effect: string, more: object = {}): Promise<string> => {
    const body = { scope: 'global', evaluator: 'structured', effect, policy_content: {}, ...more };
    return (await ann.ok('POST', '/policies', body)).policy_id;
  };
  const events = async () =>
    (
      await here.db.kysely
        .selectFrom('events')
        .select(['user_id', 'type', 'data_json'])
        .where('type', 'in', ['review_required', 'review_closed'])
        .orderBy('id')
        .execute()
    ).map(({ user_id, type, data_json }) => ({ user_id, type, ...JSON.parse(data_json) }));
  return { ...here, clock, person, ann, ben, policy, events, plugin: await PluginDouble.connect(ann) };
}

const decide = (who: Person, messageId: string, decision: string): Promise<Answer> =>
  who.call('POST', `/plugin/reviews/rev_${messageId}/decision`, { decision });

function assertRefused({ status, json }: Answer, expected: number, code: string): void {
  assert.deepEqual([status, json.code], [expected, code], JSON.stringify(json));
}

const inboxOf = async (who: Person) =>
  (await who.ok('GET', '/inbox')).map(({ message_id, message }: { message_id: string; message: string }) => [
    message_id,
    message,
  ]);

test('what a policy asks about is held, seen by nobody, and sent under its id once it is approved', async (t) => {
  const { ann, ben, policy, events, plugin } = await registry(t);
  await policy('ask');
  const sender_connection_id = plugin.connectionId;
  const { status, json } = await ann.send(ben, 'hello', { correlation_id: 'c', sender_connection_id });
  const { message_id, resolution } = json;
  const { resolution_id } = resolution;
  assert.match(resolution_id, /^res_[\w-]{18}$/);
  const decision = { decision: 'ask', delivery_mode: 'review_required' };
  assert.deepEqual(
    [status, json],
    [
      200,
      {
        message_id,
        status: 'review_required',
        resolution: {
          resolution_id,
          ...decision,
          summary: 'Review required: The message is of the kind that is named by the selectors of a policy.',
          reason_code: 'policy.ask.global.structured',
        },
        recipient_results: [{ recipient: 'ben', ...decision, delivery_status: 'review_required' }],
      },
    ],
  );
  assert.deepEqual(await inboxOf(ben), []);
  assert.deepEqual(await ben.ok('GET', '/messages'), []);
  assertRefused(await ben.call('GET', `/messages/${message_id}`), 404, 'NOT_FOUND');
  assertRefused(await decide(ben, message_id, 'approve'), 404, 'NOT_FOUND');

  const approved = await decide(ann, message_id, 'approve');
  const delivery_id = message_id.replace('msg', 'dlv');
  const answer = {
    contract_version: '1.0.0',
    review_id: `rev_${message_id}`,
    message_id,
    decision: 'approve',
    status: 'approved',
  };
  assert.deepEqual([approved.status, approved.json], [200, { ...answer, delivery_id }]);
  assert.deepEqual(await inboxOf(ben), [[message_id, 'hello']]);
  assert.deepEqual((await decide(ann, message_id, 'approve')).json, { ...answer, deduplicated: true });
  assertRefused(await decide(ann, message_id, 'reject'), 409, 'REVIEW_CLOSED');
  const [sent] = await ann.ok('GET', '/messages');
  assert.deepEqual([sent.id, sent.status, sent.correlation_id], [message_id, 'pending', 'c']);
  const about = {
    user_id: ann.id,
    review_id: `rev_${message_id}`,
    message_id,
    recipient: 'ben',
    correlation_id: 'c',
    sender_connection_id,
  };
  assert.deepEqual(await events(), [
    { ...about, type: 'review_required' },
    { ...about, type: 'review_closed', status: 'approved' },
  ]);
});

test('who decides reads all of it, and nobody else does, until it is decided', async (t) => {
  const { ann, ben, policy } = await registry(t);
  await policy('ask');
  const message = `${'a'.repeat(239)}👋 and the rest`;
  const { message_id } = (await ann.send(ben, message, { context: 'c'.repeat(300) })).json;
  const [listed] = (await ann.ok('GET', '/plugin/reviews')).reviews;
  assert.equal(listed.message_preview, `${'a'.repeat(239)}👋`);
  const {
    contract_version,
    message: all,
    context,
    ...rest
  } = await ann.ok('GET', `/plugin/reviews/rev_${message_id}`);
  assert.deepEqual([contract_version, all, context], ['1.0.0', message, 'c'.repeat(300)]);
  assert.deepEqual(rest, listed);
  assertRefused(await ben.call('GET', `/plugin/reviews/${message_id}`), 404, 'NOT_FOUND');
  await decide(ann, message_id, 'reject');
  assertRefused(await ann.call('GET', `/plugin/reviews/${message_id}`), 404, 'NOT_FOUND');
});

test('what is rejected is never sent, and rejecting it again changes nothing', async (t) => {
  const { ann, ben, policy, events } = await registry(t);
  await policy('ask');
  const { message_id } = (await ann.send(ben, 'hello')).json;
  assert.equal((await decide(ann, message_id, 'reject')).json.status, 'rejected');
  assert.deepEqual((await decide(ann, message_id, 'reject')).json.deduplicated, true);
  assertRefused(await decide(ann, message_id, 'approve'), 409, 'REVIEW_CLOSED');
  assert.deepEqual(await ben.ok('GET', '/messages'), []);
  assert.deepEqual(
    (await events()).map(({ type, status }) => [type, status]),
    [
      ['review_required', undefined],
      ['review_closed', 'rejected'],
    ],
  );
});

test('of those who decide at the same moment one is first, and all see the same end', async (t) => {
  const { ann, ben, policy, events } = await registry(t);
  await policy('ask');
  for (let n = 0; n < 6; n++) {
    const { message_id } = (await ann.send(ben, String(n))).json;
    const decisions = ['approve', 'reject', 'approve', 'reject'];
    if (n % 2) decisions.reverse();
    const answers = await Promise.all(decisions.map((decision) => decide(ann, message_id, decision)));
    const codes = answers.map(({ status, json }) => [status, json.deduplicated, json.code]);
    const first = codes.findIndex(([status, repeated]) => status === 200 && !repeated);
    for (const [i, code] of codes.entries()) {
      if (i === first) continue;
      const isSame = decisions[i] === decisions[first];
      assert.deepEqual(code, isSame ? [200, true, undefined] : [409, undefined, 'REVIEW_CLOSED']);
    }
    const received: { id: string }[] = await ben.ok('GET', '/messages');
    assert.equal(
      received.some(({ id }) => id === message_id),
      decisions[first] === 'approve',
    );
  }
  assert.equal((await events()).length, 12, 'one when it is held, one when it is no longer');
});

test('a send that is repeated with its key is the same held message, and later the same sent one', async (t) => {
  const { ann, ben, policy } = await registry(t);
  const id = await policy('ask');
  const key = { idempotency_key: 'k' };
  const answers = await Promise.all([ann.send(ben, 'hello', key), ann.send(ben, 'hello', key)]);
  const [{ message_id }] = answers.map(({ json }) => json);
  assert.deepEqual(
    answers.map(({ json }) => json.message_id),
    [message_id, message_id],
  );
  assert.deepEqual(answers.map(({ json }) => json.deduplicated).toSorted(), [true, undefined]);
  assertRefused(await ann.send(ben, 'other', key), 422, 'IDEMPOTENCY_CONFLICT');
  await ann.ok('DELETE', `/policies/${id}`);
  assert.equal(
    (await ann.send(ben, 'hello', key)).json.status,
    'review_required',
    'whatever policies say now',
  );
  await decide(ann, message_id, 'approve');
  const { json } = await ann.send(ben, 'hello', key);
  assert.deepEqual([json.message_id, json.status, json.deduplicated], [message_id, 'pending', true]);
  assertRefused(await ann.send(ben, 'other', key), 422, 'IDEMPOTENCY_CONFLICT');
  await policy('ask');
  assert.equal((await ann.send(ben, 'hello', key)).json.status, 'pending', 'whatever policies say now');

  const rejected = (await ann.send(ben, 'no', { idempotency_key: 'r' })).json.message_id;
  await decide(ann, rejected, 'reject');
  const again = await ann.send(ben, 'no', { idempotency_key: 'r' });
  assert.deepEqual([again.status, again.json.message_id, again.json.status], [200, rejected, 'rejected']);
});

test('who erases what is held has rejected it, and whoever waits for the end is told', async (t) => {
  const { ann, ben, policy, events } = await registry(t);
  await policy('ask');
  const { message_id } = (await ann.send(ben, 'hello')).json;
  await ann.ok('DELETE', `/messages/${message_id}`);
  const { type, status, ...closed } = (await events()).at(-1);
  assert.deepEqual([type, status, closed.message_id], ['review_closed', 'rejected', message_id]);
  assertRefused(await decide(ann, message_id, 'approve'), 404, 'NOT_FOUND');
});

test('what nobody decides about in time is over', async (t) => {
  const { ann, ben, policy, clock } = await registry(t, { ...TRUSTED, REVIEW_DAYS: '2' });
  await policy('ask');
  const { message_id } = (await ann.send(ben, 'hello', { idempotency_key: 'k' })).json;
  clock.ms += 2 * DAY_MS;
  for (const decision of ['approve', 'reject']) {
    assertRefused(await decide(ann, message_id, decision), 409, 'REVIEW_CLOSED');
  }
  const { json } = await ann.send(ben, 'hello', { idempotency_key: 'k' });
  assert.deepEqual([json.status, json.deduplicated], ['rejected', true]);
  assert.deepEqual(await ben.ok('GET', '/messages'), []);
});

test('what cannot be sent is not held; what cannot be sent any more stays held', async (t) => {
  const { ann, ben, policy, person, plugin } = await registry(t);
  await policy('ask');
  const eve = await person('eve');
  assertRefused(await ann.send(eve, 'hello'), 403, 'NOT_FRIENDS');
  const nowhere = { recipient_connection_id: plugin.connectionId };
  assertRefused(await ann.send(ben, 'hello', nowhere), 404, 'CONNECTION_NOT_FOUND');
  const { message_id } = (await ann.send(ben, 'hello')).json;
  const denied = await policy('deny');
  const refused = await decide(ann, message_id, 'approve');
  assertRefused(refused, 409, 'REVIEW_DENIED');
  assert.ok(refused.json.error.includes(denied));
  await ann.ok('DELETE', `/policies/${denied}`);
  const [{ id: friendship }] = await ben.ok('GET', '/friends');
  await ben.ok('DELETE', `/friends/${friendship}`);
  assertRefused(await decide(ann, message_id, 'approve'), 403, 'NOT_FRIENDS');
  await ann.befriend(ben);
  assert.equal((await decide(ann, message_id, 'approve')).status, 200);
  assert.deepEqual(await inboxOf(ben), [[message_id, 'hello']]);
});

test('an agent that decides for itself has what it asks about held in the same way', async (t) => {
  const { ann, ben, plugin, events } = await registry(t, {});
  const asked = { local_decision: ASK, correlation_id: 'c' };
  const { json } = await plugin.commit('ben', 'res_1', asked);
  assert.equal(json.status, 'review_required');
  assert.equal((await decide(ann, json.message_id, 'approve')).status, 200);
  assert.deepEqual(await inboxOf(ben), [[json.message_id, 'hello']]);
  assert.equal((await plugin.commit('ben', 'res_1', asked)).json.deduplicated, true);
  assert.equal((await plugin.send('ben', 'res_1')).json.message_id, json.message_id);
  const { json: allowed } = await plugin.commit('ben', 'res_2');
  assertRefused(await decide(ann, allowed.message_id, 'approve'), 404, 'NOT_FOUND');
  assert.deepEqual(
    (await events()).map(({ type, correlation_id }) => [type, correlation_id]),
    [
      ['review_required', 'c'],
      ['review_closed', 'c'],
    ],
  );
});

test('what an agent allows and the registry asks about is held under the id that the commit gave out', async (t) => {
  const { ann, ben, plugin, policy } = await registry(t);
  await policy('ask');
  const { json: committed } = await plugin.commit('ben', 'res_1', { local_decision: ALLOW });
  const more = { correlation_id: 'c' };
  const answers = await Promise.all([plugin.send('ben', 'res_1', more), plugin.send('ben', 'res_1', more)]);
  for (const { status, json } of answers) {
    assert.deepEqual([status, json.message_id, json.status], [200, committed.message_id, 'review_required']);
    assert.equal(json.resolution.resolution_id, 'res_1');
  }
  assert.deepEqual(answers.map(({ json }) => json.deduplicated).toSorted(), [true, undefined]);
  assertRefused(await plugin.send('ben', 'res_1', { message: 'x' }), 409, 'LOCAL_DECISION_CONFLICT');
  assert.deepEqual(await inboxOf(ben), []);
  await decide(ann, committed.message_id, 'approve');
  assert.deepEqual(await inboxOf(ben), [[committed.message_id, 'hello']]);
  assert.equal((await ben.ok('GET', '/messages'))[0].correlation_id, 'c');
  assert.equal((await plugin.send('ben', 'res_1', more)).json.status, 'pending');
});

test('a message to a group is held whole, with a result for each member, and goes to who is one when it is approved', async (t) => {
  const { ann, ben, policy, person } = await registry(t);
  const [cid, dan] = [await person('cid'), await person('dan')];
  const { group_id } = await ann.ok('POST', '/groups', { name: 'all', invite_only: false });
  for (const member of [ben, cid]) await member.ok('POST', `/groups/${group_id}/join`);
  await policy('ask', { scope: 'group', target_id: group_id });
  const send = { recipient: group_id, recipient_type: 'group' };
  const { json } = await ann.send(ben, 'hello', send);
  assert.equal(json.status, 'review_required');
  assert.deepEqual(
    json.recipient_results.map(({ recipient, decision }: Record<string, string>) => [recipient, decision]),
    [
      ['ben', 'ask'],
      ['cid', 'ask'],
    ],
  );
  await dan.ok('POST', `/groups/${group_id}/join`);
  await dan.connectPolling();
  const { json: approved } = await decide(ann, json.message_id, 'approve');
  assert.deepEqual([approved.status, approved.delivery_id], ['approved', undefined]);
  for (const member of [ben, dan]) assert.deepEqual(await inboxOf(member), [[json.message_id, 'hello']]);
});

test('a message to a group that is repeated by its resolution is the held one, and later the sent one', async (t) => {
  const { ann, ben, policy } = await registry(t);
  const { group_id } = await ann.ok('POST', '/groups', { name: 'all', invite_only: false });
  await ben.ok('POST', `/groups/${group_id}/join`);
  await policy('ask', { scope: 'group', target_id: group_id });
  const send = (text: string) =>
    ann.send(ben, text, { recipient: group_id, recipient_type: 'group', resolution_id: 'res_1' });
  const { message_id } = (await send('hello')).json;
  assert.equal((await send('hello')).json.status, 'review_required');
  await decide(ann, message_id, 'approve');
  const { status, json } = await send('hello');
  assert.deepEqual([status, json.message_id, json.status, json.recipients], [200, message_id, 'pending', 1]);
  assert.equal(json.deduplicated, true);
  assertRefused(await send('other'), 409, 'LOCAL_DECISION_CONFLICT');
  assert.deepEqual(await inboxOf(ben), [[message_id, 'hello']]);
});

test('what another request sends while a message is judged is not held, and has one answer', async (t) => {
  let first: (() => Promise<void>) | undefined;
  const { ann, ben, policy, plugin } = await registry(t, TRUSTED, (db) => ({
    write: async (work) => {
      const meanwhile = first;
      first = undefined;
      await meanwhile?.();
      return db.write(work);
    },
  }));
  const id = await policy('ask');
  const { message_id } = (await plugin.commit('ben', 'res_1')).json;
  first = async () => {
    await ann.ok('DELETE', `/policies/${id}`);
    assert.equal((await plugin.send('ben', 'res_1')).json.status, 'pending');
    await policy('ask');
  };
  const { status, json } = await plugin.send('ben', 'res_1');
  assert.deepEqual([status, json.message_id, json.deduplicated], [200, message_id, true]);
  assert.deepEqual(await inboxOf(ben), [[message_id, 'hello']]);
});

test('what an agent asked to send that is gone by now is sent in the name of another one', async (t) => {
  const { ann, ben, policy, plugin } = await registry(t);
  await policy('ask');
  const { json } = await ann.send(ben, 'hello', { sender_connection_id: plugin.connectionId });
  const other = await ann.connectPolling('other');
  await ann.ok('DELETE', `/agents/${plugin.connectionId}`);
  assert.equal((await decide(ann, json.message_id, 'approve')).status, 200);
  const [{ sender_connection_id }] = await ben.ok('GET', '/inbox');
  assert.equal(sender_connection_id, other);
});

test('a decision that lapsed stands in nobody’s way', async (t) => {
  const { ann, ben, policy, plugin, clock } = await registry(t);
  await policy('ask');
  await plugin.commit('ben', 'res_1');
  clock.ms += DAY_MS;
  const { json } = await plugin.send('ben', 'res_1');
  assert.deepEqual([json.status, json.resolution.resolution_id], ['review_required', 'res_1']);
  await decide(ann, json.message_id, 'approve');
  assert.deepEqual(await inboxOf(ben), [[json.message_id, 'hello']]);
});

test('what was used when the agent decided still counts when its message is approved', async (t) => {
  const { ann, ben, policy, plugin } = await registry(t);
  const { group_id } = await ann.ok('POST', '/groups', { name: 'all', invite_only: false });
  await ben.ok('POST', `/groups/${group_id}/join`);
  await policy('deny');
  const winning_policy_id = await policy('allow', { scope: 'user', target_id: ben.id, max_uses: 1 });
  await policy('ask', { scope: 'group', target_id: group_id });
  const { json: committed } = await plugin.commit('ben', 'res_1', {
    group_id,
    local_decision: { ...ALLOW, winning_policy_id },
  });
  assert.equal((await plugin.send('ben', 'res_1')).json.status, 'review_required');
  assert.equal((await decide(ann, committed.message_id, 'approve')).status, 200);
  assert.deepEqual(await inboxOf(ben), [[committed.message_id, 'hello']]);
});

test('a policy that asks once holds one message, and what it held is not held again', async (t) => {
  const { ann, ben, policy } = await registry(t);
  await policy('ask', { max_uses: 1 });
  const answers = await Promise.all(['a', 'b', 'c'].map((text) => ann.send(ben, text)));
  const statuses = answers.map(({ json }) => json.status);
  assert.deepEqual(statuses.toSorted(), ['pending', 'pending', 'review_required']);
  const held = answers[statuses.indexOf('review_required')]?.json.message_id;
  assert.equal((await decide(ann, held, 'approve')).json.status, 'approved');
  assert.equal((await inboxOf(ben)).length, 3);
});

test('only a key that may do everything decides', async (t) => {
  const { app, ann, ben, policy, plugin } = await registry(t);
  await policy('ask');
  const { message_id } = (await ann.send(ben, 'hello')).json;
  for (const scope of ['read', 'agent']) {
    const connection = scope === 'agent' ? { connection_id: plugin.connectionId } : {};
    const { api_key } = await ann.ok('POST', '/auth/keys', { name: scope, scope, ...connection });
    const narrow = new Person(app, ann.id, 'ann', api_key);
    assertRefused(await decide(narrow, message_id, 'approve'), 403, 'INSUFFICIENT_SCOPE');
  }
  assertRefused(await decide(ann, message_id, 'maybe'), 400, 'INVALID_REQUEST');
  assertRefused(await decide(ann, 'msg_none', 'approve'), 404, 'NOT_FOUND');
});
