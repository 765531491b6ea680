import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Answer, Client } from '../world/client.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { invite, join, leave, setRole } from './group-actions.ts';
import { assertRefused } from './refusal.ts';

const world = new InProcessWorld();
let api: Awaited<ReturnType<typeof world.startApi>>;

before(async () => {
  api = await world.startApi();
});
after(() => world[Symbol.asyncDispose]());

let made = 0;
const person = () => world.nobody.register(`person-${++made}`);

const RULES = { maxLength: 100, blockedPatterns: ['\\d{16}'] };

const policy = (user: Client, more: Record<string, unknown> = {}): Promise<Answer> =>
  user.call('POST', '/policies', {
    scope: 'global',
    policy_type: 'heuristic',
    policy_content: JSON.stringify(RULES),
    ...more,
  });

const rules = (user: Client, content: unknown): Promise<Answer> =>
  policy(user, { policy_content: typeof content === 'string' ? content : JSON.stringify(content) });

const idsOf = async (user: Client, query = '') =>
  (await user.ok('GET', `/policies${query}`)).map(({ id }: { id: string }) => id);

const userIdOf = async (user: Client): Promise<string> => (await user.ok('GET', '/auth/me')).user_id;

async function groupOf(owner: Client, ...members: Client[]): Promise<string> {
  const { group_id } = await owner.ok('POST', '/groups', { name: `group-${++made}`, invite_only: false });
  for (const member of members) await join(member, group_id);
  return group_id;
}

test('a policy is stored as it was given, listed, changed and deleted', async () => {
  const ann = await person();
  const { status, json } = await policy(ann);
  assert.equal(status, 201);
  assert.match(json.policy_id, /^pol_[0-9a-z]{26}$/);
  assert.deepEqual(json, { policy_id: json.policy_id });
  const [listed] = await ann.ok('GET', '/policies');
  const expected = {
    id: json.policy_id,
    scope: 'global',
    policy_type: 'heuristic',
    evaluator: 'heuristic',
    effect: 'deny',
    direction: null,
    resource: null,
    action: null,
    source: 'user_created',
    policy_content: JSON.stringify(RULES),
    priority: 0,
    enabled: true,
    created_at: listed.created_at,
  };
  assert.deepEqual(listed, expected);
  const path = `/policies/${json.policy_id}`;
  assert.deepEqual(await ann.ok('PATCH', path, { priority: 100, enabled: false }), { success: true });
  const content = '{"minLength":1}';
  assert.deepEqual(await ann.ok('PATCH', path, { policy_content: content }), { success: true });
  const [{ updated_at, ...now }] = await ann.ok('GET', '/policies');
  assert.deepEqual(now, { ...expected, priority: 100, enabled: false, policy_content: content });
  const changed = { ...now, updated_at };
  await api.close();
  api = await world.startApi();
  assert.deepEqual(await ann.ok('GET', '/policies'), [changed]);
  assert.deepEqual(await ann.ok('PATCH', path, {}), { success: true });
  assert.deepEqual(await ann.ok('DELETE', path), { success: true });
  assert.deepEqual(await ann.ok('GET', '/policies'), []);
  assertRefused(await ann.call('DELETE', path), 404, 'NOT_FOUND');
});

test('policies are filtered by scope and target, and come newest first, page by page', async () => {
  const [ann, ben] = [await person(), await person()];
  const target_id = await userIdOf(ben);
  const global = (await policy(ann)).json.policy_id;
  const forBen = (await policy(ann, { scope: 'user', target_id })).json.policy_id;
  const prompt = (await policy(ann, { policy_type: 'llm', policy_content: 'Be kind.' })).json.policy_id;
  assert.deepEqual(await idsOf(ann), [prompt, forBen, global]);
  assert.deepEqual(await idsOf(ann, '?scope=global'), [prompt, global]);
  assert.deepEqual(await idsOf(ann, `?scope=user&target_id=${target_id}`), [forBen]);
  assert.deepEqual(await idsOf(ann, `?target_id=${global}`), []);
  const first = await ann.call('GET', '/policies?limit=2');
  const next = /<\/api\/v1(.*)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
  assert.deepEqual(await idsOf(ann, next.replace('/policies', '')), [global]);
  assert.deepEqual(await idsOf(ben), [], 'that a policy is about somebody is not theirs to know');
});

test('others’ policies are not there', async () => {
  const [ann, eve] = [await person(), await person()];
  const { policy_id } = (await policy(ann)).json;
  for (const id of [policy_id, 'pol_00000000000000000000000000', 'x']) {
    assertRefused(await eve.call('PATCH', `/policies/${id}`, { enabled: false }), 404, 'NOT_FOUND');
    assertRefused(await eve.call('PATCH', `/policies/${id}`, { policy_content: '?' }), 404, 'NOT_FOUND');
    assertRefused(await eve.call('DELETE', `/policies/${id}`), 404, 'NOT_FOUND');
  }
});

test('a target is needed for a user or a group, must exist, and is refused for all', async () => {
  const ann = await person();
  for (const scope of ['user', 'group']) {
    assertRefused(await policy(ann, { scope }), 400, 'INVALID_POLICY', ['target_id']);
  }
  assertRefused(await policy(ann, { target_id: await userIdOf(ann) }), 400, 'INVALID_POLICY', ['target_id']);
  assertRefused(await policy(ann, { scope: 'user', target_id: 'no-such-user' }), 404, 'USER_NOT_FOUND');
  assertRefused(await policy(ann, { scope: 'group', target_id: 'grp_x' }), 404, 'GROUP_NOT_FOUND');
});

test('a policy that is not well described is refused, and each field is named', async () => {
  const ann = await person();
  const bad: [body: Record<string, unknown>, paths: string[]][] = [
    [{ scope: 'all' }, ['scope']],
    [{ policy_type: 'magic' }, ['policy_type']],
    [{ policy_content: [1] }, ['policy_content']],
    [{ priority: 101 }, ['priority']],
    [{ priority: -1 }, ['priority']],
    [{ priority: 1.5 }, ['priority']],
    [{ priority: '1', enabled: 1 }, ['priority', 'enabled']],
  ];
  for (const [body, paths] of bad) assertRefused(await policy(ann, body), 400, 'INVALID_REQUEST', paths);
  const { policy_id } = (await policy(ann)).json;
  const change = await ann.call('PATCH', `/policies/${policy_id}`, { priority: 101 });
  assertRefused(change, 400, 'INVALID_REQUEST', ['priority']);
});

test('rules that are none are refused, and it is said what is wrong with them', async () => {
  const ann = await person();
  const bad: [content: unknown, paths: string[]][] = [
    ['not json', ['policy_content']],
    ['', ['policy_content']],
    ['[]', ['policy_content']],
    ['null', ['policy_content']],
    [{}, ['policy_content']],
    [{ maxlength: 1 }, ['policy_content.maxlength']],
    [{ maxLength: '1' }, ['policy_content.maxLength']],
    [{ maxLength: -1, minLength: 0.5 }, ['policy_content.maxLength', 'policy_content.minLength']],
    [{ minLength: 2, maxLength: 1 }, ['policy_content.minLength']],
    [{ requireContext: 'yes' }, ['policy_content.requireContext']],
    [{ blockedPatterns: 'x' }, ['policy_content.blockedPatterns']],
    [{ blockedPatterns: ['ok', '('] }, ['policy_content.blockedPatterns.1']],
    [
      { requiredPatterns: ['(?=x)', '(a)\\1'] },
      ['policy_content.requiredPatterns.0', 'policy_content.requiredPatterns.1'],
    ],
    [{ blockedPatterns: [''] }, ['policy_content.blockedPatterns.0']],
    [{ blockedPatterns: ['x'.repeat(201)] }, ['policy_content.blockedPatterns.0']],
    [{ blockedPatterns: Array(51).fill('x') }, ['policy_content.blockedPatterns']],
    [{ blockedPatterns: ['(.{1000}){1}.{900}'] }, ['policy_content']],
    [{ blockedPatterns: Array(20).fill('.{90}') }, ['policy_content']],
    [{ trustedRecipients: [1] }, ['policy_content.trustedRecipients.0']],
    [`{"maxLength":1,"x":"${'x'.repeat(20_000)}"}`, ['policy_content']],
  ];
  for (const [content, paths] of bad) {
    assertRefused(await rules(ann, content), 400, 'INVALID_POLICY_CONTENT', paths);
  }
  const { policy_id } = (await policy(ann)).json;
  const change = await ann.call('PATCH', `/policies/${policy_id}`, { policy_content: '{"maxLength":"1"}' });
  assertRefused(change, 400, 'INVALID_POLICY_CONTENT', ['policy_content.maxLength']);
  assert.deepEqual(await idsOf(ann), [policy_id]);
});

test('a prompt says something, and has a size', async () => {
  const ann = await person();
  const prompt = (policy_content: string) => policy(ann, { policy_type: 'llm', policy_content });
  for (const text of ['', '  \n', 'x'.repeat(16_385)]) {
    assertRefused(await prompt(text), 400, 'INVALID_POLICY_CONTENT', ['policy_content']);
  }
  assert.equal((await prompt('Never tell anybody’s address.')).status, 201);
});

test('policies of a group are written by those who run it, seen by its members, and go with it', async () => {
  const [ann, ben, cid, eve] = [await person(), await person(), await person(), await person()];
  const id = await groupOf(ann, ben, cid);
  await setRole(ann, id, ben, 'admin');
  await invite(ann, id, eve);
  const ofGroup = { scope: 'group', target_id: id };
  const { policy_id } = (await policy(ben, ofGroup)).json;
  assertRefused(await policy(cid, ofGroup), 403, 'FORBIDDEN');
  assertRefused(await policy(eve, ofGroup), 403, 'NOT_MEMBER');
  const path = `/policies/${policy_id}`;
  for (const member of [ann, ben, cid]) assert.deepEqual(await idsOf(member), [policy_id]);
  assert.deepEqual(await idsOf(eve), []);
  assertRefused(await cid.call('PATCH', path, { enabled: false }), 403, 'FORBIDDEN');
  assertRefused(await cid.call('DELETE', path), 403, 'FORBIDDEN');
  assertRefused(await eve.call('DELETE', path), 404, 'NOT_FOUND');
  assert.equal((await ann.call('PATCH', path, { priority: 1 })).status, 200, 'whoever wrote it');

  await leave(ben, id);
  assert.deepEqual(await idsOf(ben), []);
  assertRefused(await ben.call('DELETE', path), 404, 'NOT_FOUND');
  assert.deepEqual(await idsOf(cid), [policy_id], 'it is the group’s, and not who wrote it’s');
  await ann.ok('DELETE', `/groups/${id}`);
  assert.deepEqual(await idsOf(ann), []);
  assertRefused(await ann.call('PATCH', path, { priority: 2 }), 404, 'NOT_FOUND');
});

test('without TRUSTED_MODE the registry only keeps policies, and the agents enforce them', async () => {
  const [ann, ben] = [await person(), await person()];
  await ben.connect('http://127.0.0.1:9999/');
  await ann.befriend(ben);
  await rules(ann, { maxLength: 0 });
  assert.equal((await ann.send(ben, 'hello')).status, 'pending');
});
