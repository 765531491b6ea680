import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Answer, Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { join, setRole } from './group-actions.ts';
import { assertRefused } from './refusal.ts';

const URL = 'http://127.0.0.1:9999/callback';

const world = new InProcessWorld({ TRUSTED_MODE: 'true' });
let api: Awaited<ReturnType<typeof world.startApi>>;

before(async () => {
  api = await world.startApi();
});
after(() => world[Symbol.asyncDispose]());

let made = 0;

/** Two friends, the second with an agent. */
async function friends(): Promise<{ ann: Client; ben: Client; benId: string }> {
  made += 1;
  const [ann, ben] = [await world.nobody.register(`ann-${made}`), await world.nobody.register(`ben-${made}`)];
  await ben.connect(URL);
  await ann.befriend(ben);
  return { ann, ben, benId: (await ben.ok('GET', '/auth/me')).user_id };
}

async function policy(user: Client, rules: unknown, more: Record<string, unknown> = {}): Promise<string> {
  const body = { scope: 'global', policy_type: 'heuristic', policy_content: JSON.stringify(rules), ...more };
  return (await user.ok('POST', '/policies', body)).policy_id;
}

const send = (from: Client, to: Client, message: string, more: Record<string, unknown> = {}) =>
  from.call('POST', '/messages/send', { recipient: to.username, message, ...more });

function assertRejected({ status, json }: Answer, reason: RegExp): void {
  assert.equal(status, 403, JSON.stringify(json));
  assert.deepEqual([json.status, json.code], ['rejected', undefined]);
  assert.match(json.rejection_reason, reason);
}

test('what a policy forbids is rejected with the reason, kept for the sender, and never seen by the recipient', async () => {
  const { ann, ben } = await friends();
  const id = await policy(ann, { blockedPatterns: ['pass ?word'] });
  const answer = await send(ann, ben, 'the PassWord is x', { correlation_id: 'c' });
  assertRejected(answer, /^The message matches blockedPatterns\[0\] of policy pol_\w+\.$/);
  assert.ok(answer.json.rejection_reason.includes(id));
  const { message_id, rejection_reason } = answer.json;
  assert.deepEqual(answer.json, { message_id, status: 'rejected', rejection_reason });
  const [kept] = await ann.ok('GET', '/messages?status=rejected');
  assert.deepEqual(
    [kept.id, kept.message, kept.status, kept.rejection_reason, kept.correlation_id],
    [message_id, 'the PassWord is x', 'rejected', rejection_reason, 'c'],
  );
  assert.deepEqual((await ann.ok('GET', `/messages/${message_id}`)).deliveries, []);
  assert.deepEqual(await ben.ok('GET', '/messages'), []);
  assert.deepEqual(await ben.ok('GET', '/deliveries'), []);
  assertRefused(await ben.call('GET', `/messages/${message_id}`), 404, 'NOT_FOUND');
  assert.equal((await send(ann, ben, 'hello')).status, 200);
});

test('each rule is enforced', async () => {
  const { ann, ben } = await friends();
  const cases: [rules: unknown, refused: string, allowed: string, more?: Record<string, unknown>][] = [
    [{ maxLength: 3 }, '1234', '123'],
    [{ minLength: 3 }, '12', '123'],
    [{ blockedPatterns: ['\\bcredit card\\b'] }, 'my Credit Card', 'credit cards'],
    [{ requiredPatterns: ['^dear', 'sincerely$'] }, 'Dear Ben', 'Dear Ben, sincerely'],
    [{ blockedPatterns: ['\\u0041b'] }, 'ab', 'a'],
  ];
  for (const [rules, refused, allowed] of cases) {
    const id = await policy(ann, rules);
    assertRejected(await send(ann, ben, refused), new RegExp(id));
    assert.equal((await send(ann, ben, allowed)).status, 200, allowed);
    await ann.ok('DELETE', `/policies/${id}`);
  }
  await policy(ann, { requireContext: true });
  assertRejected(await send(ann, ben, 'hello'), /context/);
  assert.equal((await send(ann, ben, 'hello', { context: 'why' })).status, 200);
});

test('recipients are trusted or blocked by name', async () => {
  const { ann, ben } = await friends();
  const id = await policy(ann, { blockedRecipients: [ben.username.toUpperCase()] });
  assertRejected(await send(ann, ben, 'hello'), /blockedRecipients/);
  await ann.ok('PATCH', `/policies/${id}`, { policy_content: '{"trustedRecipients":["somebody"]}' });
  assertRejected(await send(ann, ben, 'hello'), /trustedRecipients/);
  const trusted = { policy_content: JSON.stringify({ trustedRecipients: [ben.username] }) };
  await ann.ok('PATCH', `/policies/${id}`, trusted);
  assert.equal((await send(ann, ben, 'hello')).status, 200);
});

test('a policy for one person says nothing about others, and nothing when it is off', async () => {
  const { ann, ben, benId } = await friends();
  const other = await friends();
  await ann.befriend(other.ben);
  const id = await policy(ann, { maxLength: 0 }, { scope: 'user', target_id: benId });
  assertRejected(await send(ann, ben, 'hello'), /maxLength/);
  assert.equal((await send(ann, other.ben, 'hello')).status, 200);
  assert.equal((await send(other.ann, other.ben, 'hello')).status, 200);
  await ann.ok('PATCH', `/policies/${id}`, { enabled: false });
  assert.equal((await send(ann, ben, 'hello')).status, 200);
});

test('of those that fail the one for the person is named, then the one of higher priority, then the oldest', async () => {
  const { ann, ben, benId } = await friends();
  const no = { maxLength: 0 };
  await policy(ann, no, { priority: 1 });
  const high = await policy(ann, no, { priority: 2 });
  await policy(ann, no, { priority: 2 });
  assertRejected(await send(ann, ben, 'x'), new RegExp(high));
  const forBen = await policy(ann, no, { scope: 'user', target_id: benId });
  assertRejected(await send(ann, ben, 'x'), new RegExp(forBen));
});

test('a prompt, and what is encrypted, are left to the agents', async () => {
  const { ann, ben } = await friends();
  await ann.ok('POST', '/policies', { scope: 'global', policy_type: 'llm', policy_content: 'Say no.' });
  assert.equal((await send(ann, ben, 'hello')).status, 200);
  await policy(ann, { maxLength: 0 });
  assertRejected(await send(ann, ben, 'hello'), /maxLength/);
  const encryption = { alg: 'x25519', key_id: 'k' };
  assert.equal((await send(ann, ben, 'c2VjcmV0', { encryption })).status, 200);
  const payload_type = 'application/mahilo+ciphertext';
  assert.equal((await send(ann, ben, 'c2VjcmV0', { payload_type })).status, 200);
});

test('who may not write at all is told so, and nothing is kept', async () => {
  const { ann } = await friends();
  const stranger = await world.nobody.register(`eve-${made}`);
  await policy(ann, { maxLength: 0 });
  assertRefused(await send(ann, stranger, 'hello'), 403, 'NOT_FRIENDS');
  const nobody = await ann.call('POST', '/messages/send', { recipient: 'nobody-here', message: 'x' });
  assertRefused(nobody, 404, 'USER_NOT_FOUND');
  assert.deepEqual(await ann.ok('GET', '/messages'), []);
});

test('a repeated send has the first answer, whatever the policies say by now, also across a restart', async () => {
  const { ann, ben } = await friends();
  const accepted = await send(ann, ben, 'one', { idempotency_key: 'a' });
  const id = await policy(ann, { maxLength: 0 });
  const rejected = await send(ann, ben, 'two', { idempotency_key: 'r' });
  assertRejected(rejected, /maxLength/);
  const both = await Promise.all(['b', 'b'].map((key) => send(ann, ben, 'x', { idempotency_key: key })));
  assert.equal(new Set(both.map(({ json }) => json.message_id)).size, 1);
  await api.close();
  api = await world.startApi();
  const again = await send(ann, ben, 'one', { idempotency_key: 'a' });
  assert.deepEqual([again.status, again.json], [200, { ...accepted.json, deduplicated: true }]);
  await ann.ok('DELETE', `/policies/${id}`);
  const still = await send(ann, ben, 'two', { idempotency_key: 'r' });
  assert.deepEqual([still.status, still.json], [403, { ...rejected.json, deduplicated: true }]);
  const other = await send(ann, ben, 'other', { idempotency_key: 'r' });
  assertRefused(other, 422, 'IDEMPOTENCY_CONFLICT');
});

test('the policies of a group bind whoever writes to it, beside their own global ones', async () => {
  const { ann, ben } = await friends();
  await ann.connect(URL);
  const { group_id: id, name } = await ann.ok('POST', '/groups', { name: `g-${made}`, invite_only: false });
  await join(ben, id);
  const toGroup = (from: Client, message: string, more: Record<string, unknown> = {}) =>
    from.call('POST', '/messages/send', { recipient: id, recipient_type: 'group', message, ...more });
  await policy(ann, { maxLength: 3 }, { scope: 'group', target_id: id });
  const rejected = await toGroup(ben, 'hello', { idempotency_key: 'k' });
  assertRejected(rejected, /maxLength \(3\)/);
  assert.deepEqual(Object.keys(rejected.json).sort(), ['message_id', 'rejection_reason', 'status']);
  assert.deepEqual((await toGroup(ben, 'hello', { idempotency_key: 'k' })).json, {
    ...rejected.json,
    deduplicated: true,
  });
  assertRejected(await toGroup(ann, 'hello'), /maxLength \(3\)/);
  assert.equal((await toGroup(ben, 'hey')).json.recipients, 1);
  assert.equal((await send(ann, ben, 'hello')).status, 200, 'elsewhere they say nothing');
  await policy(ben, { trustedRecipients: [name.toUpperCase()] });
  assert.equal((await toGroup(ben, 'hey')).status, 200);
  await policy(ben, { requireContext: true });
  assertRejected(await toGroup(ben, 'hello'), /requireContext/);
  const received = await ann.ok('GET', '/messages?direction=received');
  assert.deepEqual(new Set(received.map(({ message }: { message: string }) => message)), new Set(['hey']));
  await setRole(ann, id, ben, 'admin');
});

test('patterns that stall other engines stall nothing here', async () => {
  const { ann, ben } = await friends();
  const evil = ['(a+)+$', '(a|aa)+$', '(.*a){12}$', '([a-z]+)*!$', '(x+x+)+y'];
  await policy(ann, { blockedPatterns: evil });
  const long = `${'a'.repeat(32_767)}b`;
  // A busy machine may delay one of them, but not all.
  const sending = [1, 2, 3].map(() =>
    eventually(async () => {
      const answer = await send(ann, ben, long);
      return answer.status !== 503 && answer;
    }),
  );
  let isSent = false;
  const sent = Promise.all(sending).then((answers) => {
    isSent = true;
    return answers;
  });
  let meanwhile = 0;
  do {
    assert.equal((await ben.call('GET', '/auth/me')).status, 200);
    meanwhile += 1;
  } while (!isSent);
  assert.ok(meanwhile > 0);
  for (const { status } of await sent) assert.equal(status, 200);
  assertRejected(await send(ann, ben, 'a'.repeat(32_768)), /blockedPatterns\[0\]/);
});

/** The same text in every run, without a regularity that an automaton could cache. */
function randomLetters(count: number): string {
  let state = 1;
  return Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state % 2 ? 'a' : 'b';
  }).join('');
}

test('what takes even a linear engine too long is not sent, and others go on', async () => {
  const { ann, ben } = await friends();
  for (let n = 0; n < 20; n++) await policy(ann, { blockedPatterns: [`(a|b)*a(a|b){${100 + n}}c`] });
  const stuck = send(ann, ben, randomLetters(32_768));
  const other = await friends();
  await policy(other.ann, { blockedPatterns: ['bad'] });
  assert.equal((await send(other.ann, other.ben, 'good')).status, 200);
  const answer = await stuck;
  assertRefused(answer, 503, 'UNAVAILABLE');
  assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
  assert.deepEqual(await ann.ok('GET', '/messages'), [], 'nothing was done');
  assertRejected(await send(other.ann, other.ben, 'bad'), /blockedPatterns/);
});
