import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SettableClock } from '@mahilo/shared/test/settable-clock';
import type { BrowserDouble } from './browser-double.ts';
import { BrowserDouble as Browser } from './browser-double.ts';
import { operatorsBrowser } from './operator-double.ts';
import { Person } from './person.ts';
import { type TestApp, testApp } from './test-app.ts';

let here: TestApp;
let olga: Person;
let olgas: BrowserDouble;
const clock = new SettableClock();

before(async () => {
  const environment = { RATE_LIMIT: '100000', RATE_LIMIT_IP: '100000', ALLOW_PRIVATE_IPS: 'true' };
  here = await testApp(() => ({}), { ...environment, EGRESS_PROXY: 'http://me:secret@127.0.0.1:1' }, clock);
  olga = await Person.register(here.app, 'olga');
  olgas = await operatorsBrowser(here, olga.id, clock);
});
after(() => here[Symbol.asyncDispose]());

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
async function ok(...request: Parameters<BrowserDouble['call']>): Promise<any> {
  const { status, json } = await olgas.call(...request);
  if (status >= 300) throw new Error(`${request.slice(0, 2).join(' ')}: ${status} ${JSON.stringify(json)}`);
  return json;
}

async function lastLine() {
  const [line] = await ok('GET', '/admin/audit?limit=1');
  const { id, at, ...rest } = line;
  return rest;
}

test('what the doctor says, the settings and the secret are told, and no secret', async () => {
  const health = await ok('GET', '/admin/health');
  assert.deepEqual([health.ok, health.findings.length], [true, 1]);
  assert.deepEqual((await ok('GET', '/admin/processes')).workers, []);
  const { settings } = await ok('GET', '/admin/settings');
  const named = (name: string) => settings.find((one: { name: string }) => one.name === name);
  assert.deepEqual([named('SECRET_KEY').value, named('SECRET_KEY').secret], ['set', true]);
  assert.equal(named('SECRET_KEY_PREVIOUS').value, undefined);
  assert.deepEqual([named('RATE_LIMIT').value, named('RATE_LIMIT').default], ['100000', '100']);
  assert.equal(named('EGRESS_PROXY').value, 'http://…@127.0.0.1:1');
  assert.doesNotMatch(JSON.stringify(settings), /secret-key-for-tests|me:secret/);
  const secret = await ok('GET', '/admin/secret');
  assert.deepEqual([secret.api_keys.current, secret.previous_is_given], [1, false]);
});

test('users are found by how their names begin, page by page, with what they have', async () => {
  for (const name of ['find_a', 'find-b', 'find1', 'FIND2', 'fine']) await Person.register(here.app, name);
  const first = await olgas.call('GET', '/admin/users?q=Find&limit=3');
  const names = (users: { username: string }[]) => users.map(({ username }) => username);
  assert.deepEqual(names(first.json), ['find-b', 'find1', 'find2']);
  const [, next = ''] = /<\/api\/v1([^>]*)>/.exec(String(first.headers['link'])) ?? [];
  assert.deepEqual(names(await ok('GET', next)), ['find_a']);
  const bad = await olgas.call('GET', '/admin/users?cursor=ISEh');
  assert.equal(bad.json.details[0].path, 'cursor');
  const ann = await Person.register(here.app, 'counted');
  await ann.connectPolling();
  const details = await ok('GET', `/admin/users/${ann.id}`);
  const agents = details.limits.find(({ name }: { name: string }) => name === 'agents_per_user');
  assert.deepEqual([details.username, agents.used, agents.limit], ['counted', 1, 100]);
  assert.equal((await olgas.call('GET', '/admin/users/usr_0')).json.code, 'USER_NOT_FOUND');
});

test('somebody is registered, signs in with the link, is shut out and let in again', async () => {
  const made = await ok('POST', '/admin/users', { username: 'Support', display_name: 'Help' });
  const taken = await olgas.call('POST', '/admin/users', { username: 'support' });
  assert.equal(taken.json.code, 'USERNAME_EXISTS');
  const theirs = new Browser(() => here.app);
  await theirs.call('POST', '/auth/sessions', { link_token: made.link_token });
  assert.equal((await theirs.call('GET', '/auth/me')).json.username, 'support');
  assert.deepEqual((await theirs.call('GET', '/auth/keys')).json, [], 'no key that nobody knows');
  assert.equal((await theirs.call('GET', '/admin/users')).status, 403);
  await ok('PATCH', `/admin/users/${made.user_id}`, { disabled: true, reason: 'spam' });
  assert.deepEqual(await lastLine(), {
    actor_type: 'operator',
    actor: 'console:olga',
    action: 'user.disable',
    subject: made.user_id,
    details: { username: 'support', reason: 'spam' },
  });
  assert.equal(await theirs.isSignedIn(), false);
  const link = await olgas.call('POST', `/admin/users/${made.user_id}/sign-in-link`);
  assert.equal(link.json.code, 'FORBIDDEN');
  const [listed] = await ok('GET', '/admin/users?q=support&disabled=true');
  assert.equal(listed.user_id, made.user_id);
  await ok('PATCH', `/admin/users/${made.user_id}`, { disabled: false });
  const again = await ok('POST', `/admin/users/${made.user_id}/sign-in-link`);
  assert.equal((await theirs.call('POST', '/auth/sessions', again)).status, 201);
});

test('a key is given anew, an account ended, and not one’s own', async () => {
  const ben = await Person.register(here.app, 'ben');
  const { api_key } = await ok('POST', `/admin/users/${ben.id}/reset-key`);
  assert.equal((await ben.call('GET', '/auth/me')).status, 401);
  const again = new Person(here.app, ben.id, 'ben', api_key);
  assert.equal((await again.call('GET', '/auth/me')).status, 200);
  await ok('DELETE', `/admin/users/${ben.id}`);
  assert.equal((await lastLine()).action, 'user.delete');
  assert.equal((await again.call('GET', '/auth/me')).status, 401);
  assert.equal((await olgas.call('DELETE', `/admin/users/${ben.id}`)).json.code, 'USER_NOT_FOUND');
  const own: ['PATCH' | 'POST' | 'DELETE', string, object?][] = [
    ['PATCH', `/admin/users/${olga.id}`, { disabled: true }],
    ['POST', `/admin/users/${olga.id}/reset-key`],
    ['DELETE', `/admin/users/${olga.id}`],
  ];
  for (const request of own) assert.equal((await olgas.call(...request)).json.code, 'FORBIDDEN');
});

test('invitations are made, listed without their tokens, and revoked', async () => {
  const made = await ok('POST', '/admin/invites', { uses: 2, days: 3, note: 'Ben' });
  assert.match(made.invite_token, /^mhi_/);
  const [listed] = await ok('GET', '/admin/invites');
  assert.deepEqual([listed.id, listed.status, listed.uses, listed.note], [made.id, 'open', 2, 'Ben']);
  assert.ok(!JSON.stringify(listed).includes(made.invite_token));
  await ok('DELETE', `/admin/invites/${made.id}`);
  assert.equal((await ok('GET', '/admin/invites'))[0].status, 'revoked');
  assert.equal((await olgas.call('DELETE', `/admin/invites/${made.id}`)).json.code, 'NOT_FOUND');
  for (const body of [{ uses: 0 }, { uses: 101 }, { days: 366 }, { note: 'x'.repeat(201) }]) {
    assert.equal((await olgas.call('POST', '/admin/invites', body)).status, 400, JSON.stringify(body));
  }
});

/** Friends, with an agent of Ben's at this URL. */
async function friends(name: string, callback_url: string) {
  const [ann, ben] = [
    await Person.register(here.app, `${name}-ann`),
    await Person.register(here.app, `${name}-ben`),
  ];
  await ann.befriend(ben);
  const agent = { framework: 'test', label: 'main', callback_url };
  const { connection_id } = await ben.ok('POST', '/agents', agent);
  return { ann, ben, id: String(connection_id) };
}

test('the queue is shown by host and by agent, held with a reason that is told, and never what a message says', async () => {
  const { ann, ben, id } = await friends('queue', 'http://127.0.0.1:8009/path-that-is-a-secret');
  const other = { framework: 'test', label: 'other', callback_url: 'http://127.0.0.1:8009/other' };
  const { connection_id } = await ben.ok('POST', '/agents', other);
  const sent = await ann.send(ben, 'secret words', { recipient_connection_id: id });
  await ann.send(ben, 'secret words', { recipient_connection_id: connection_id });
  clock.ms += 10_000;
  const queue = await ok('GET', '/admin/queue');
  const host = queue.hosts.find((row: { host?: string }) => row.host === '127.0.0.1:8009');
  assert.deepEqual([host.agents, host.waiting, host.held], [2, 2, 0]);
  const byAgent = await ok('GET', '/admin/queue?by=agent&host=127.0.0.1:8009&limit=1');
  assert.deepEqual([byAgent.agents.length, byAgent.more, byAgent.waiting], [1, 1, 2]);
  assert.doesNotMatch(JSON.stringify([queue, byAgent]), /secret/);

  await ok('POST', `/admin/agents/${id}/hold`, { reason: 'It floods its network.' });
  assert.deepEqual((await lastLine()).details, { owner: 'queue-ben', reason: 'It floods its network.' });
  const [delivery] = (await ann.ok('GET', `/messages/${sent.json.message_id}`)).deliveries;
  assert.equal(delivery.held_by, 'operator');
  const [mine] = (await ben.ok('GET', '/deliveries')).filter((row: { id: string }) => row.id === delivery.id);
  assert.match(mine.held_because, /It floods its network\./);
  await ok('POST', '/admin/queue/hold', { host: '127.0.0.1:8009', reason: 'The same.' });
  const held = await ok('GET', '/admin/queue');
  assert.equal(held.hosts.find((row: { host?: string }) => row.host === '127.0.0.1:8009').held, 2);
  const { agents } = await ok('POST', '/admin/queue/release', { host: '127.0.0.1:8009' });
  assert.equal(agents, 2);
  const [after] = (await ann.ok('GET', `/messages/${sent.json.message_id}`)).deliveries;
  assert.notEqual(after.held_by, 'operator');
  const nowhere = await olgas.call('POST', '/admin/queue/try-now', { host: 'nowhere.example' });
  assert.equal(nowhere.json.details[0].path, 'host');
});

test('an agent’s retries are tried now, and one that polls has nothing to hold', async () => {
  const { ann, ben, id } = await friends('now', 'http://127.0.0.1:8009/');
  const { json } = await ann.send(ben, 'hello');
  await here.db.kysely
    .updateTable('outbox')
    .set({ due_at: clock.ms + 3_600_000 })
    .where('message_id', '=', json.message_id)
    .execute();
  await ok('POST', `/admin/agents/${id}/try-now`);
  const row = await here.db.kysely
    .selectFrom('outbox')
    .innerJoin('lanes', 'lanes.connection_id', 'outbox.connection_id')
    .select(['due_at', 'ready_at'])
    .where('message_id', '=', json.message_id)
    .executeTakeFirstOrThrow();
  assert.deepEqual(row, { due_at: clock.ms, ready_at: clock.ms });
  const polls = await ben.connectPolling();
  const refused = await olgas.call('POST', `/admin/agents/${polls}/hold`, { reason: 'x' });
  assert.equal(refused.json.details[0].path, 'id');
  const gone = await olgas.call('POST', '/admin/agents/conn_0/release');
  assert.equal(gone.json.code, 'CONNECTION_NOT_FOUND');
});

test('dead letters are grouped by how they failed, counted, and go out again', async () => {
  const { ann, ben, id } = await friends('dead', 'http://127.0.0.1:8011/');
  for (let n = 0; n < 3; n += 1) await ann.send(ben, `words ${n}`);
  const rows = await here.db.kysely
    .selectFrom('outbox')
    .select('id')
    .where('connection_id', '=', id)
    .execute();
  for (const [n, row] of rows.entries()) {
    const failed = {
      state: 'failed',
      settled_at: clock.ms,
      last_error: n === 0 ? 'timeout' : 'HTTP 503',
    } as const;
    await here.db.kysely.updateTable('outbox').set(failed).where('id', '=', row.id).execute();
  }
  clock.ms += 10_000;
  const { groups } = await ok('GET', '/admin/dead-letters');
  const mine = groups.filter((group: { host?: string }) => group.host === '127.0.0.1:8011');
  const told = mine.map((group: { error: string; count: number; agents: number }) => [
    group.error,
    group.count,
    group.agents,
  ]);
  assert.deepEqual(told, [
    ['HTTP 503', 2, 1],
    ['timeout', 1, 1],
  ]);
  const filter = { host: '127.0.0.1:8011', error: 'HTTP 503' };
  const dry = await ok('POST', '/admin/deliveries/requeue', { ...filter, dry_run: true });
  assert.deepEqual([dry.matched, dry.more], [2, false]);
  const done = await ok('POST', '/admin/deliveries/requeue', { ...filter, dry_run: false });
  assert.deepEqual([done.requeued, done.agents], [2, 1]);
  assert.deepEqual(await lastLine(), {
    actor_type: 'operator',
    actor: 'console:olga',
    action: 'queue.requeue',
    subject: id,
    details: { deliveries: 2 },
  });
  const rest = await ok('POST', '/admin/deliveries/requeue', { dry_run: true, connection_id: id });
  assert.equal(rest.matched, 1);
  const late = { dry_run: true, connection_id: id, since: '2999-01-01' };
  assert.equal((await ok('POST', '/admin/deliveries/requeue', late)).matched, 0);
});

test('what fails again while many are requeued is met once', async () => {
  const { ann, ben, id } = await friends('again', 'http://127.0.0.1:8012/');
  const { delivery_id } = (await ann.send(ben, 'words')).json;
  const message = await here.db.kysely
    .selectFrom('outbox')
    .select(['message_id', 'recipient_id'])
    .where('id', '=', delivery_id)
    .executeTakeFirstOrThrow();
  const rows = Array.from({ length: 1500 }, (_, n) => ({
    ...message,
    id: `dlv_${String(n).padStart(26, '0')}`,
    connection_id: id,
    state: 'failed' as const,
    attempts: 1,
    first_delivered_at: null,
    due_at: 0,
    lease_token: null,
    lease_owner: null,
    lease_expires_at: null,
    created_at: n,
    settled_at: 1,
    last_error: 'The address is refused.',
  }));
  for (let from = 0; from < rows.length; from += 500) {
    await here.db.kysely
      .insertInto('outbox')
      .values(rows.slice(from, from + 500))
      .execute();
  }
  const filter = { dry_run: false, host: '127.0.0.1:8012', error: 'The address is refused.' };
  const first = await ok('POST', '/admin/deliveries/requeue', filter);
  assert.deepEqual([first.requeued, first.more], [1000, true]);
  // The worker is fast, and such a failure is final.
  await here.db.kysely
    .updateTable('outbox')
    .set({ state: 'failed', settled_at: 2 })
    .where('connection_id', '=', id)
    .where('state', '=', 'pending')
    .execute();
  const rest = await ok('POST', '/admin/deliveries/requeue', { ...filter, cursor: first.cursor });
  assert.deepEqual([rest.requeued, rest.more, rest.cursor], [500, false, undefined]);
  const bad = await olgas.call('POST', '/admin/deliveries/requeue', { ...filter, cursor: 'ISEh' });
  assert.equal(bad.json.details[0].path, 'cursor');
});

test('the audit trail is read page by page, with names', async () => {
  const ann = await Person.register(here.app, 'audited');
  const [line] = (await ok('GET', '/admin/audit')).filter(
    ({ subject }: { subject: string }) => subject === ann.id,
  );
  assert.deepEqual([line.action, line.actor_type, line.actor], ['user.register', 'user', 'audited']);
  const first = await olgas.call('GET', '/admin/audit?limit=2');
  const [, next = ''] = /<\/api\/v1([^>]*)>/.exec(String(first.headers['link'])) ?? [];
  const second = await ok('GET', next);
  assert.equal(second[0].id, first.json[1].id - 1);
  assert.equal((await olgas.call('GET', '/admin/audit?cursor=ISEh')).json.details[0].path, 'cursor');
});

test('traffic is told in steps, with how long things took', async () => {
  const counts = { failed: 0, attempts: 1, requests: 5, unauthorized: 0, limited: 0, errors: 0 };
  const row = { ...counts, accepted: 2, delivered: 1, callbacks_json: null };
  const minute = Math.floor(clock.ms / 60_000) * 60_000;
  const waits = JSON.stringify({ 0.01: 50, 0.1: 45, '+Inf': 5 });
  await here.db.kysely
    .insertInto('stats_minutes')
    .values([
      { ...row, at: minute - 60_000, process: 'one', waits_json: waits },
      { ...row, at: minute - 60_000, process: 'other', waits_json: null },
      { ...row, at: minute - 7_200_000, process: 'one', waits_json: null },
    ])
    .execute();
  const hour = await ok('GET', '/admin/stats?range=1h');
  assert.deepEqual([hour.step_seconds, hour.steps.length], [60, 60]);
  const busy = hour.steps.filter(({ accepted }: { accepted: number }) => accepted > 0);
  assert.deepEqual(
    busy.map((step: { at: string; accepted: number; wait: object }) => [step.at, step.accepted, step.wait]),
    [[new Date(minute - 120_000).toISOString(), 4, { p50: 10, p95: 100, p99: 100 }]],
  );
  const day = await ok('GET', '/admin/stats');
  const sum = day.steps.reduce((all: number, { accepted }: { accepted: number }) => all + accepted, 0);
  assert.deepEqual([day.steps.length, sum], [96, 6]);
  assert.equal((await olgas.call('GET', '/admin/stats?range=1y')).status, 400);
});
