import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { type Answer, ApiClient } from './api-client.ts';
import { type TestApp, testApp } from './test-app.ts';

let here: TestApp;
let port: number;
/** Ann's key as it is now. */
let annKey: string;
const ids: Record<string, string> = {};
const api = new ApiClient(() => here.app);

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '10000' });
  await here.app.listen({ port: 0, host: '127.0.0.1' });
  const address = here.app.server.address();
  port = address !== null && typeof address === 'object' ? address.port : 0;
  annKey = await api.register('ann');
  const ben = await api.register('ben');
  const cid = await api.register('cid');
  ids['agent'] = (await api.ok(annKey, 'POST', '/agents', AGENT)).connection_id;
  await api.ok(ben, 'POST', '/agents', AGENT);
  const asked = await api.ok(ben, 'POST', '/friends/request', { username: 'ann' });
  await api.ok(annKey, 'POST', `/friends/${asked.friendship_id}/accept`);
  ids['friendship'] = asked.friendship_id;
  ids['request'] = (await api.ok(cid, 'POST', '/friends/request', { username: 'ann' })).friendship_id;
  ids['link'] = (await api.ok(annKey, 'POST', '/friends/links')).id;
  ids['token'] = (await api.ok(cid, 'POST', '/friends/links')).token;
  ids['group'] = (await api.ok(annKey, 'POST', '/groups', { name: 'own', invite_only: false })).group_id;
  await api.ok(ben, 'POST', `/groups/${ids['group']}/join`);
  ids['joined'] = (await api.ok(ben, 'POST', '/groups', { name: 'bens', invite_only: false })).group_id;
  await api.ok(annKey, 'POST', `/groups/${ids['joined']}/join`);
  ids['open'] = (await api.ok(cid, 'POST', '/groups', { name: 'open', invite_only: false })).group_id;
  ids['grouplink'] = (await api.ok(annKey, 'POST', `/groups/${ids['group']}/links`, {})).id;
  ids['grouptoken'] = (await api.ok(cid, 'POST', `/groups/${ids['open']}/links`, {})).token;
  ids['policy'] = (await api.ok(annKey, 'POST', '/policies', POLICY)).policy_id;
  ids['sent'] = (await api.ok(annKey, 'POST', '/messages/send', SEND)).message_id;
  const ask = { decision: 'ask', delivery_mode: 'review_required' };
  const toReview = { ...SEND, sender_connection_id: ids['agent'], resolution_id: 'res_held' };
  ids['review'] = (
    await api.ok(annKey, 'POST', '/plugin/local-decisions/commit', { ...toReview, local_decision: ask })
  ).message_id;
  await api.ok(annKey, 'POST', '/auth/sessions', { api_key: annKey });
  const login = await api.ok(annKey, 'POST', '/auth/browser-login/attempts', { username: 'ann' });
  ids['code'] = login.approval_code;
  const message = await api.ok(ben, 'POST', '/messages/send', { recipient: 'ann', message: 'hello' });
  ids['delivery'] = message.delivery_id;
  await here.db.kysely.updateTable('outbox').set({ state: 'failed', settled_at: 1 }).execute();
});
after(() => {
  for (const request of held) request.destroy();
  return here[Symbol.asyncDispose]();
});

/** Requests that may still be incomplete after a failed test. */
const held: ClientRequest[] = [];

const AGENT = { framework: 'test', label: 'main', mode: 'polling' };
const POLICY = { scope: 'global', policy_type: 'heuristic', policy_content: '{"maxLength":10}' };
const SEND = { recipient: 'ben', message: 'hello' };

/** A request to each route that changes something: its path and its body. */
const WRITES: Readonly<Record<string, () => [path: string, body?: unknown]>> = {
  'POST /auth/rotate-key': () => ['/auth/rotate-key'],
  'PATCH /auth/me': () => ['/auth/me', { display_name: 'Thief' }],
  'DELETE /auth/me': () => ['/auth/me'],
  'DELETE /messages/{id}': () => [`/messages/${ids['sent']}`],
  'POST /auth/keys': () => ['/auth/keys', { name: 'another', scope: 'all' }],
  'DELETE /auth/keys/{id}': () => [`/auth/keys/${annKey.split('_')[1]}`],
  'DELETE /auth/sessions/{id}': () => ['/auth/sessions/others'],
  'POST /auth/browser-login/approve': () => ['/auth/browser-login/approve', { approval_code: ids['code'] }],
  'POST /auth/browser-login/deny': () => ['/auth/browser-login/deny', { approval_code: ids['code'] }],
  'POST /agents': () => ['/agents', { ...AGENT, label: 'other' }],
  'DELETE /agents/{id}': () => [`/agents/${ids['agent']}`],
  'POST /agents/{id}/recover': () => [`/agents/${ids['agent']}/recover`, { since: '2020-01-01T00:00:00Z' }],
  'POST /agents/{id}/test': () => [`/agents/${ids['agent']}/test`],
  'POST /friends/request': () => ['/friends/request', { username: 'cid' }],
  'POST /friends/{id}/accept': () => [`/friends/${ids['request']}/accept`],
  'POST /friends/{id}/reject': () => [`/friends/${ids['request']}/reject`],
  'POST /friends/{id}/roles': () => [`/friends/${ids['friendship']}/roles`, { role: 'close_friends' }],
  'DELETE /friends/{id}/roles/{role}': () => [`/friends/${ids['friendship']}/roles/close_friends`],
  'POST /friends/block': () => ['/friends/block', { username: 'cid' }],
  'POST /friends/{id}/block': () => [`/friends/${ids['request']}/block`],
  'DELETE /friends/{id}': () => [`/friends/${ids['request']}`],
  'POST /friends/links': () => ['/friends/links'],
  'DELETE /friends/links/{id}': () => [`/friends/links/${ids['link']}`],
  'POST /friends/links/{token}/accept': () => [`/friends/links/${ids['token']}/accept`],
  'POST /groups': () => ['/groups', { name: 'another' }],
  'DELETE /groups/{id}': () => [`/groups/${ids['group']}`],
  'PATCH /groups/{id}': () => [`/groups/${ids['group']}`, { description: 'Stolen.' }],
  'POST /groups/{id}/links': () => [`/groups/${ids['group']}/links`, {}],
  'DELETE /groups/{id}/links/{link_id}': () => [`/groups/${ids['group']}/links/${ids['grouplink']}`],
  'POST /groups/links/join': () => ['/groups/links/join', { token: ids['grouptoken'] }],
  'POST /groups/{id}/transfer': () => [`/groups/${ids['group']}/transfer`, { username: 'ben' }],
  'POST /groups/{id}/join': () => [`/groups/${ids['open']}/join`],
  'DELETE /groups/{id}/leave': () => [`/groups/${ids['joined']}/leave`],
  'POST /groups/{id}/invite': () => [`/groups/${ids['group']}/invite`, { username: 'cid' }],
  'PATCH /groups/{id}/members/{username}': () => [`/groups/${ids['group']}/members/ben`, { role: 'admin' }],
  'DELETE /groups/{id}/members/{username}': () => [`/groups/${ids['group']}/members/ben`],
  'POST /policies': () => ['/policies', POLICY],
  'PATCH /policies/{id}': () => [`/policies/${ids['policy']}`, { enabled: false }],
  'DELETE /policies/{id}': () => [`/policies/${ids['policy']}`],
  'POST /plugin/reviews/{id}/decision': () => [
    `/plugin/reviews/${ids['review']}/decision`,
    { decision: 'approve' },
  ],
  'POST /plugin/local-decisions/commit': () => [
    '/plugin/local-decisions/commit',
    {
      ...SEND,
      sender_connection_id: ids['agent'],
      resolution_id: 'res_new',
      local_decision: { decision: 'allow', delivery_mode: 'full_send' },
    },
  ],
  'POST /plugin/overrides': () => [
    '/plugin/overrides',
    {
      sender_connection_id: ids['agent'],
      kind: 'one_time',
      scope: 'global',
      selectors: {},
      reason: 'x',
    },
  ],
  'POST /messages/send': () => ['/messages/send', SEND],
  'POST /inbox/ack': () => ['/inbox/ack', { delivery_ids: [ids['delivery']] }],
  'POST /deliveries/resend': () => ['/deliveries/resend', {}],
  'POST /deliveries/{id}/resend': () => [`/deliveries/${ids['delivery']}/resend`],
};

/** With a dead key they write nothing, which only a real agent can show: see test/api. */
const SHOWN_ELSEWHERE = ['POST /auth/register', 'POST /agents/{id}/ping'];

/** These need no key: they carry their own proof. */
const WITHOUT_KEY = [
  'POST /auth/sessions',
  'POST /auth/browser-login/attempts',
  'POST /auth/browser-login/attempts/{id}/redeem',
];

/** These have a body but write nothing. */
const ONLY_READS = [
  'POST /agents/{id}/check',
  'POST /groups/links/read',
  'POST /plugin/bundles/direct-send',
  'POST /plugin/bundles/group-fanout',
  'POST /plugin/context',
  'POST /plugin/resolve',
  'POST /policies/sample',
  'POST /policies/test',
];

test('every route that writes is tried here', () => {
  const writing = api
    .routes()
    .filter((route) => !/^(GET|HEAD) /.test(route) && !ONLY_READS.includes(route))
    // No key leads there: see admin-access.test.ts.
    .filter((route) => !/ \/admin\//.test(route));
  assert.deepEqual(writing.sort(), [...Object.keys(WRITES), ...SHOWN_ELSEWHERE, ...WITHOUT_KEY].sort());
});

const DEATHS: Readonly<Record<string, () => Promise<void>>> = {
  'is replaced': async () => {
    annKey = (await api.ok(annKey, 'POST', '/auth/rotate-key')).api_key;
  },
  'has a user who is disabled': async () => {
    await here.db.kysely.updateTable('users').set({ disabled_at: 1 }).where('username', '=', 'ann').execute();
  },
};

for (const [death, kill] of Object.entries(DEATHS)) {
  test(`a key that ${death} while the body is on its way does nothing, on no route`, async () => {
    for (const [route, example] of Object.entries(WRITES)) {
      const [path, body] = example();
      const held = await holdBack(annKey, route.split(' ')[0] ?? '', path, body);
      const key = annKey;
      await kill();
      const before = await everything();
      const answer = await held.finish();
      assert.deepEqual([answer.status, answer.json.code], [401, 'UNAUTHORIZED'], route);
      assert.deepEqual(await everything(), before, route);
      await revive(key === annKey);
    }
  });
}

test('a dead key learns nothing where there is nothing to write', async () => {
  const { connection_id } = await api.ok(annKey, 'POST', '/agents', { ...AGENT, label: 'idle' });
  for (const [path, body] of [
    [`/agents/${connection_id}/recover`, { since: '2020-01-01T00:00:00Z' }],
    [`/agents/${connection_id}/ping`, {}],
  ] as const) {
    const held = await holdBack(annKey, 'POST', path, body);
    await DEATHS['is replaced']?.();
    assert.equal((await held.finish()).status, 401, path);
  }
});

test('what has nothing to do with the key changes nothing for a request whose body is on its way', async () => {
  const held = await holdBack(annKey, 'POST', '/messages/send', SEND);
  await api.register('dan');
  assert.equal((await held.finish()).status, 200);
});

test('sends that arrive together: of the dead key none is accepted, of the others all', async () => {
  const old = annKey;
  const ben = await api.register('eve');
  const helds = await Promise.all(
    [old, old, ben].map((key) => holdBack(key, 'POST', '/messages/send', { ...SEND, recipient: 'nobody' })),
  );
  const kept = await holdBack(ben, 'POST', '/friends/request', { username: 'cid' });
  await DEATHS['is replaced']?.();
  const answers = await Promise.all(helds.map((held) => held.finish()));
  assert.deepEqual(
    answers.map(({ json }) => json.code),
    ['UNAUTHORIZED', 'UNAUTHORIZED', 'USER_NOT_FOUND'],
  );
  assert.equal((await kept.finish()).status, 201);
});

async function revive(wasDisabled: boolean): Promise<void> {
  if (!wasDisabled) return;
  await here.db.kysely
    .updateTable('users')
    .set({ disabled_at: null })
    .where('username', '=', 'ann')
    .execute();
}

/** Every row of every table that keeps something; a server's also counts commits, also of what writes nothing. */
async function everything(): Promise<unknown> {
  const tables = await here.db.kysely.introspection.getTables();
  const rows: Record<string, unknown> = {};
  for (const { name } of tables.filter((table) => table.name !== 'writers')) {
    rows[name] = (await sql`select * from ${sql.table(name)}`.execute(here.db.kysely)).rows;
  }
  return rows;
}

/** Sends a request without its last byte. */
async function holdBack(key: string, method: string, path: string, body: unknown = {}) {
  const text = JSON.stringify(body);
  const request = httpRequest({
    port,
    method,
    path: `/api/v1${path}`,
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    },
  });
  const received = once(here.app.server, 'request');
  held.push(request);
  // A request that is refused before it is complete gets an answer, too.
  const answered = once(request, 'response');
  answered.catch(() => undefined);
  request.write(text.slice(0, -1));
  await received;
  return {
    async finish(): Promise<Answer> {
      request.end(text.slice(-1));
      const [response] = await answered;
      let answer = '';
      for await (const chunk of response) answer += chunk;
      return { status: response.statusCode, json: JSON.parse(answer) };
    },
  };
}
