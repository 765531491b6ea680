import assert from 'node:assert/strict';
import { repeatChallenge } from '../mcp-events/repeat-challenge.ts';
import { rpcOk } from '../mcp-events/rpc.ts';
import type { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import type { Environment, ProductProcess } from '../world/process.ts';
import type { World } from '../world/world.ts';
import { a2a } from './a2a-tour.ts';
import { browsers } from './browser-tour.ts';
import { operator } from './operator-tour.ts';
import { plugin } from './plugin-tour.ts';

const OLD_SECRET_KEY = 'the-secret-key-before-the-present-one';

/** Of the world that the tour goes through. */
export const TOUR_SETTINGS = {
  REGISTRATION: 'invite',
  TRUSTED_MODE: 'true',
  MAX_RETRIES: '1',
  RETENTION_DAYS: '1',
  METRICS_PORT: '0',
  LEASE_MS: '1500',
  // Nobody answers there.
  DNS_SERVERS: '127.0.0.1:9',
  SECRET_KEY_PREVIOUS: OLD_SECRET_KEY,
};

const DAY_MS = 86_400_000;

/** Uses everything that the product can do, at least once; tools with an environment of their own. */
export async function tour(world: World, ofTools: Environment): Promise<void> {
  const old = await fromBefore(world);
  const api = await world.startApi();
  await old.ok('GET', '/auth/me');
  const people = await friends(world, ofTools);
  await groups(people);
  await policies(people);
  await lists(people);
  await reviews(people);
  await plugin(people.ann, people.group);
  await sqlOn(world, "update decisions set settled_at = created_at + 900000 where state = 'sent'");
  for (const list of ['messages', 'deliveries'])
    await people.ann.ok('GET', `/${list}?since=${Date.now() + 600_000}`);
  await inbox(people);
  await a2a(people.ann, people.ben);
  await keys(people);
  const { stdout } = await world.admin(['users', 'sign-in-link', 'ann', '--json'], ofTools);
  await browsers(people.ann, JSON.parse(stdout).link.split('=')[1], () =>
    sqlOn(world, 'update sessions set last_used_at = last_used_at - 3600000'),
  );
  await subscriptions(world, people);
  await delivery(world, people);
  await operator(world, ofTools, people.ann);
  await tools(world, ofTools);
  await watching(world, api);
  await goodbyes(people, ofTools);
  await api.kill('SIGTERM');
}

/** Runs the migrations, which are no part of the tour, and makes somebody whose key and agent are under the old secret. */
async function fromBefore(world: World): Promise<Client> {
  const api = await world.startApi({
    QUERY_LOG: '',
    REGISTRATION: 'open',
    SECRET_KEY: OLD_SECRET_KEY,
    SECRET_KEY_PREVIOUS: '',
  });
  const old = await world.nobody.register('old');
  await old.connect('http://127.0.0.1:9999/');
  await api.kill('SIGTERM');
  return old;
}

interface People {
  ann: Client;
  ben: Client;
  cid: Client;
  group: string;
  world: World;
}

async function friends(world: World, ofTools: Environment): Promise<People> {
  const { invite_token } = (await world.admin(['invites', 'create', '--uses', '9', '--json'], ofTools)).json;
  const invited = async (username: string) => {
    const made = await world.nobody.ok('POST', '/auth/register', { username, invite_token });
    return world.nobody.as(username, made.api_key);
  };
  const [ann, ben, cid] = [await invited('ann'), await invited('ben'), await invited('cid')];
  await ann.befriend(ben);
  const [{ id: friendship }] = await ann.ok('GET', '/friends');
  await ann.ok('POST', `/friends/${friendship}/roles`, { role: 'family' });
  await ann.ok('DELETE', `/friends/${friendship}/roles/family`);
  await ann.ok('POST', '/friends/request', { username: 'cid' });
  await cid.ok('POST', '/friends/request', { username: 'ann' });
  const { friendship_id } = await ben.ok('POST', '/friends/request', { username: 'cid' });
  await cid.ok('POST', `/friends/${friendship_id}/reject`);
  const { token } = await ben.ok('POST', '/friends/links');
  const { id: link } = await ben.ok('POST', '/friends/links');
  await ben.ok('GET', '/friends/links');
  await ben.ok('DELETE', `/friends/links/${link}`);
  await cid.ok('GET', `/friends/links/${token}`);
  const { friendship_id: linked } = await cid.ok('POST', `/friends/links/${token}/accept`);
  await cid.ok('DELETE', `/friends/${linked}`);
  await ben.ok('POST', '/friends/block', { username: 'cid' });
  await cid.ok('POST', '/friends/block', { username: 'ben' });
  for (const status of ['accepted', 'pending', 'blocked'])
    await ben.ok('GET', `/friends?status=${status}&limit=1`);
  await ben.ok('GET', '/friends?status=pending&direction=received&limit=1');
  await ben.ok('GET', '/friends?with=ann');
  const [{ id }] = await ben.ok('GET', '/friends?status=blocked');
  await ben.ok('DELETE', `/friends/${id}`);
  await cid.ok('DELETE', `/friends/${id}`);
  return { ann, ben, cid, group: '', world };
}

async function groups(people: People): Promise<void> {
  const { ann, ben, cid } = people;
  const { group_id: group } = await ann.ok('POST', '/groups', { name: 'all' });
  people.group = group;
  await ann.ok('POST', `/groups/${group}/invite`, { username: 'ben' });
  await ann.ok('POST', `/groups/${group}/invite`, { username: 'cid' });
  await ben.ok('POST', `/groups/${group}/join`);
  await cid.ok('POST', `/groups/${group}/join`);
  await ann.ok('PATCH', `/groups/${group}/members/ben`, { role: 'admin' });
  await ann.ok('POST', `/groups/${group}/transfer`, { username: 'ben' });
  await ben.ok('GET', '/groups?limit=1');
  await ben.ok('GET', '/groups?status=active&limit=1');
  await ben.ok('GET', `/groups/${group}`);
  await ben.ok('GET', `/groups/${group}/members?limit=1`);
  await ben.ok('PATCH', `/groups/${group}`, { description: 'Everybody.', invite_only: true });
  const { group_id: other } = await ann.ok('POST', '/groups', { name: 'other', invite_only: false });
  await groupLinks(people, other);
  await cid.ok('POST', `/groups/${other}/join`);
  await ann.ok('DELETE', `/groups/${other}/members/cid`);
  await ben.ok('POST', `/groups/${other}/join`);
  await ben.ok('DELETE', `/groups/${other}/leave`);
  await ann.ok('DELETE', `/groups/${other}/leave`);
}

async function groupLinks({ ann, ben, cid }: People, group: string): Promise<void> {
  const { token, id } = await ann.ok('POST', `/groups/${group}/links`, { max_uses: 2 });
  await ann.ok('GET', `/groups/${group}/links`);
  await ben.ok('POST', '/groups/links/read', { token });
  for (const one of [ben, cid]) {
    await one.ok('POST', '/groups/links/join', { token });
    await one.ok('DELETE', `/groups/${group}/leave`);
  }
  await ann.call('DELETE', `/groups/${group}/links/${id}`);
}

async function policies({ ann, ben, group }: People): Promise<void> {
  const { user_id } = await ben.ok('GET', '/auth/me');
  const policy = { policy_type: 'heuristic', policy_content: '{"blockedPatterns":["never"]}' };
  await ann.ok('POST', '/policies', { ...policy, scope: 'global' });
  const { policy_id } = await ann.ok('POST', '/policies', { ...policy, scope: 'user', target_id: user_id });
  await ben.ok('POST', '/policies', { ...policy, scope: 'group', target_id: group });
  await ben.ok('POST', '/policies', { ...policy, scope: 'group', target_id: 'all' });
  await ben.ok('GET', '/policies?target_id=ann');
  await ann.ok('GET', '/policies?limit=1');
  await ann.ok('GET', `/policies/${policy_id}`);
  await ann.ok('PATCH', `/policies/${policy_id}`, { priority: 1 });
  await ann.ok('POST', '/policies/test', {
    recipient: 'ben',
    message: 'never',
    draft: { ...policy, scope: 'global' },
  });
  await ann.ok('POST', '/policies/sample', { draft: { ...policy, scope: 'role', target_id: 'family' } });
  await ann.ok('DELETE', `/policies/${policy_id}`);
  const connection_id = await ann.connectPolling('asks');
  await ann.ok('POST', '/plugin/overrides', {
    sender_connection_id: connection_id,
    kind: 'one_time',
    scope: 'global',
    selectors: {},
    reason: 'for once',
  });
  await ann.ok('DELETE', `/agents/${connection_id}`);
}

async function lists({ ann, ben, cid, group }: People): Promise<void> {
  await ben.connectPolling();
  await cid.connectPolling();
  const extra = await ben.connectPolling('extra');
  const public_keys = {
    keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'FdPcdimvbidNq_-GK15Y10Woc9kxm7IyFEfjeCDHfxY' }],
  };
  await ben.ok('POST', '/agents', { framework: 'test', label: 'keys', mode: 'polling', public_keys });
  await ann.ok('GET', '/contacts/ben/connections');
  await ben.ok('GET', '/agents?limit=1');
  const { message_id } = await ann.send(ben, 'hello', { idempotency_key: 'once', correlation_id: 'c' });
  await ann.send(ben, 'hello', { idempotency_key: 'once', correlation_id: 'c' });
  await ann.send(ben, 'an answer', { in_response_to: message_id });
  await ann.ok('POST', '/policies', {
    scope: 'global',
    evaluator: 'structured',
    effect: 'allow',
    policy_content: {},
    derived_from_message_id: message_id,
  });
  const toGroup = { recipient: group, recipient_type: 'group', message: 'hello', idempotency_key: 'all' };
  await ann.ok('POST', '/messages/send', toGroup);
  await ann.ok('POST', '/messages/send', toGroup);
  await ann.ok('POST', '/messages/send', {
    ...toGroup,
    idempotency_key: 'hint',
    routing_hints: { labels: ['x'] },
  });
  await ann.ok('GET', `/messages/${message_id}`);
  for (const query of ['', 'status=pending&', 'correlation_id=c&', 'since=1&']) {
    await ann.follow(`/messages?${query}limit=1`);
    await ben.follow(`/messages?${query}limit=1`);
  }
  await conversations(ann, ben);
  for (const query of ['', 'status=pending&', `connection_id=${extra}&`, 'outcome=dns&with=ann&'])
    await ben.follow(`/deliveries?${query}limit=1`);
  await ann.ok('GET', '/auth/limits');
}

async function conversations(ann: Client, ben: Client): Promise<void> {
  for (const one of [ann, ben]) {
    await one.follow('/threads?limit=1');
    await one.follow('/messages?with=ann&correlation_id=&include=delivery_counts&limit=1');
  }
}

/** Held messages: approved, rejected, asked for again, committed before. */
async function reviews({ ann, group }: People): Promise<void> {
  const sender_connection_id = await ann.connectPolling('reviews');
  const { policy_id } = await ann.ok('POST', '/policies', {
    scope: 'global',
    evaluator: 'structured',
    effect: 'ask',
    policy_content: { blockedPatterns: ['review'] },
    max_uses: 9,
  });
  const send = { recipient: 'ben', message: 'to review', sender_connection_id };
  const toSend = { ...send, idempotency_key: 'held' };
  const held = await ann.ok('POST', '/messages/send', toSend);
  await ann.ok('POST', '/messages/send', toSend);
  const toGroup = { ...send, recipient: group, recipient_type: 'group' };
  const heldForGroup = await ann.ok('POST', '/messages/send', toGroup);
  const committed = { ...send, resolution_id: 'res_tour' };
  const local_decision = { decision: 'allow', delivery_mode: 'full_send' };
  await ann.ok('POST', '/plugin/local-decisions/commit', { ...committed, local_decision });
  const asked = await ann.ok('POST', '/messages/send', committed);
  await ann.ok('GET', `/plugin/reviews/${held.message_id}`);
  for (const [{ message_id }, decision] of [
    [held, 'approve'],
    [heldForGroup, 'reject'],
    [asked, 'approve'],
  ])
    await ann.ok('POST', `/plugin/reviews/${message_id}/decision`, { decision });
  await ann.ok('DELETE', `/policies/${policy_id}`);
  await ann.ok('DELETE', `/agents/${sender_connection_id}`);
}

async function inbox({ ann, ben }: People): Promise<void> {
  const [first] = await ben.ok('GET', '/inbox?limit=1');
  await ben.ok('POST', '/inbox/ack', { delivery_ids: [first.delivery_id] });
  await ben.ok('POST', '/inbox/ack', { receipts: ['none'], delivery_ids: [] });
  const rest = await ben.ok('GET', '/inbox?limit=100');
  await ben.ok('POST', '/inbox/ack', {
    delivery_ids: rest.map((one: { delivery_id: string }) => one.delivery_id),
  });
  const waiting = ben.ok('GET', '/inbox?wait=5');
  await ann.send(ben, 'while ben waits', {});
  assert.equal((await waiting).length, 1);
  const agents: { id: string; label: string }[] = await ben.ok('GET', '/agents');
  const named = agents.find(({ label }) => label === 'extra');
  await ben.ok('GET', `/inbox?connection_id=${named?.id}`);
  await ben.ok('DELETE', `/agents/${named?.id}`);
}

async function keys({ ann }: People): Promise<void> {
  const made = await ann.ok('POST', '/auth/keys', { name: 'second', scope: 'read' });
  await ann.as('ann', made.api_key).ok('GET', '/auth/me');
  await ann.ok('GET', '/auth/keys');
  await ann.ok('DELETE', `/auth/keys/${made.id}`);
  await ann.ok('PATCH', '/auth/me', { display_name: 'Ann' });
}

/** Events by webhook: delivered, too many, expired, ended. */
async function subscriptions(world: World, { ann, ben }: People): Promise<void> {
  const receiver = await world.startAgent();
  receiver.behave = repeatChallenge;
  const asked = (name: string) => {
    const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
    return { name, arguments: {}, delivery: { mode: 'webhook', url: receiver.url, secret }, cursor: '0' };
  };
  const { id } = await rpcOk(ben, 'events/subscribe', asked('friend.requested'));
  await rpcOk(ben, 'events/subscribe', asked('friend.requested'));
  await rpcOk(ben, 'events/unsubscribe', asked('friend.requested'));
  await rpcOk(ben, 'events/subscribe', asked('delivery.failed'));
  await rpcOk(ben, 'events/subscribe', asked('message.received'));
  const [full] = await rowsOf(world, `select id from connections where event_name = 'message.received'`);
  const later = Date.now() + 60_000;
  await sqlOn(
    world,
    `insert into outbox (id, event_id, recipient_id, connection_id, state, due_at, created_at)
      with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 1000)
      select 'dlv_full' || n, 1, 'usr_', '${full}', 'pending', ${later}, 1 from numbers`,
    `update event_subscriptions set expires_at = 1 where connection_id <> '${full}'`,
  );
  assert.match(id, /^sub_/);
  await ann.send(ben, 'too much');
}

/** Callbacks that are delivered, that fail until they are dead letters, and an agent that is gone. */
async function delivery(world: World, { ann, ben, cid }: People): Promise<void> {
  const [good, bad, gone] = [await world.startAgent(), await world.startAgent(), await world.startAgent()];
  bad.behave = (_request, response) => response.writeHead(500).end();
  gone.behave = (_request, response) => response.writeHead(410).end();
  // Long enough for a renewal of its lease.
  good.behave = (_request, response) => setTimeout(() => response.writeHead(200).end(), 700);
  await ben.connect(good.url, 'good');
  const { connection_id: failing } = await ben.connect(bad.url, 'bad');
  const { connection_id: leaving } = await cid.connect(gone.url, 'gone');
  const dead = await ann.send(ben, 'fails', { recipient_connection_id: failing });
  await ann.send(cid, 'is gone', { recipient_connection_id: leaving });
  const erased = await ann.send(cid, 'is taken back', { recipient_connection_id: leaving });
  await ann.ok('DELETE', `/messages/${erased.message_id}`);
  // A name server that does not answer is the registry's own trouble.
  const { connection_id: named } = await cid.connect(good.url, 'named');
  await sqlOn(world, `update connections set callback_url = 'https://agent.example/' where id = '${named}'`);
  await ann.send(cid, 'waits for better times', { recipient_connection_id: named });
  await grewOld(world);
  const events = await fetch(`${world.url}/api/v1/events`, {
    headers: { authorization: `Bearer ${ann.apiKey}`, 'last-event-id': '1' },
  });
  const workers = [await world.startWorker(), await world.startWorker()];
  const settled = await ann.ok(
    'POST',
    '/messages/send',
    { recipient: 'ben', message: 'now', routing_hints: { labels: ['good'] } },
    { prefer: 'wait=10' },
  );
  assert.equal(settled.status, 'delivered');
  await eventually(async () => (await ann.ok('GET', `/messages/${dead.message_id}`)).status === 'failed');
  const before = (await ann.ok('GET', `/deliveries/${dead.delivery_id}/attempts`)).length;
  await ben.ok('POST', `/agents/${failing}/recover`, { since: 0 });
  await eventually(async () => {
    const { deliveries, status } = await ann.ok('GET', `/messages/${dead.message_id}`);
    return deliveries[0].attempts > before && status === 'failed';
  });
  for (const failingSince of [Date.now() - 2 * DAY_MS, 1]) {
    const { attempts } = (await ann.ok('GET', `/messages/${dead.message_id}`)).deliveries[0];
    await sqlOn(
      world,
      `update lanes set failing_since = ${failingSince}, failing_days = 31,
        warned_at = ${failingSince === 1 ? 1 : null} where connection_id = '${failing}'`,
    );
    if (failingSince === 1) await ben.ok('POST', '/deliveries/resend', { connection_id: failing });
    else await ann.ok('POST', `/deliveries/${dead.delivery_id}/resend`);
    await eventually(async () => {
      const { deliveries, status } = await ann.ok('GET', `/messages/${dead.message_id}`);
      return deliveries[0].attempts > attempts && (status === 'failed' || failingSince === 1);
    });
  }
  await ann.ok('GET', `/deliveries/${dead.delivery_id}`);
  bad.behave = (_request, response) => response.writeHead(200).end();
  await ben.ok('POST', `/agents/${failing}/ping`);
  await ben.ok('POST', '/agents', { framework: 'test', label: 'good', mode: 'polling' });
  await ben.connect(good.url, 'good');
  await events.body?.cancel();
  await isLate(world, { ann, cid });
  await eventually(
    async () => (await rowsOf(world, 'select 1 from lanes where trouble_since is not null')).length > 0,
  );
  for (const worker of workers) await worker.kill('SIGTERM');
}

/** An agent that is registered again while it fails to answer. */
async function isLate(world: World, { ann, cid }: Pick<People, 'ann' | 'cid'>): Promise<void> {
  const late = await world.startAgent();
  let answer = () => {};
  late.behave = (_request, response) => {
    answer = () => response.writeHead(500).end();
  };
  const { connection_id } = await cid.connect(late.url, 'late');
  const { message_id } = await ann.send(cid, 'is tried twice', { recipient_connection_id: connection_id });
  await late.callback();
  await cid.connect(late.url, 'late');
  late.behave = (_request, response) => response.writeHead(200).end();
  answer();
  await eventually(async () => (await ann.ok('GET', `/messages/${message_id}`)).status === 'delivered');
}

/** Makes something that is old enough to be pruned. */
async function grewOld(world: World): Promise<void> {
  const old = { message: `msg_${'0'.repeat(26)}`, delivery: `dlv_${'0'.repeat(26)}` };
  await sqlOn(
    world,
    `insert into messages (id, sender_id, sender_username, sender_agent, recipient_type, recipient_id, recipient, body,
        payload_type, status, created_at)
      select '${old.message}', sender_id, sender_username, sender_agent, recipient_type, recipient_id, recipient, body,
        payload_type, 'delivered', 1 from messages limit 1`,
    `insert into outbox (id, message_id, recipient_id, connection_id, state, due_at, created_at, settled_at)
      select '${old.delivery}', '${old.message}', recipient_id, connection_id, 'delivered', 1, 1, 1 from outbox limit 1`,
    'update events set created_at = 1 where id in (select id from events order by id limit 2)',
  );
}

/** The requests of monitoring. */
async function watching(world: World, api: ProductProcess): Promise<void> {
  const { url } = await api.logged(/^Internal listener/);
  assert.equal((await fetch(`${url}/metrics`)).status, 200);
  assert.equal((await fetch(`${world.url}/ready`)).status, 200);
}

async function tools(world: World, ofTools: Environment): Promise<void> {
  const run = async (...toolArguments: string[]) => {
    const { code, stderr } = await world.admin(toolArguments, ofTools);
    assert.notEqual(code, 78, stderr);
  };
  for (const action of ['disable', 'enable', 'reset-key']) await run('users', action, 'cid');
  await run('users', 'create', 'admin');
  await run('users', 'list', '--after', 'a', '--disabled');
  await run('invites', 'list', '--after', 'inv_z');
  await run('invites', 'revoke', 'inv_none');
  await run('queue', 'list');
  await run('queue', 'requeue', '--all', '--since', '1h', '--dry-run');
  await run('queue', 'requeue', '--all', '--since', '1h');
  await run('secret', 'status');
  await run('secret', 'reseal');
  await run('doctor');
  await run('doctor', '--full');
  await run('users', 'list', '--by-size');
  await run('users', 'show', 'ben');
  await run('users', 'remove', 'old', '--yes');
  await run('groups', 'list');
  await run('groups', 'show', 'all');
  await run('groups', 'show', String((await rowsOf(world, 'select id from groups limit 1'))[0]));
  await run('messages', 'list');
  const [message = ''] = await rowsOf(world, "select id from messages where body <> '' limit 1");
  await run('messages', 'show', message);
  await run('messages', 'remove', message, '--yes');
  await run('audit', 'list', '--since', '1h');
  for (const table of ['connections', 'outbox', 'messages']) {
    for (const id of await rowsOf(world, `select id from ${table} limit 1`)) await run('queue', 'show', id);
  }
}

async function goodbyes({ ann, ben, cid, group, world }: People, ofTools: Environment): Promise<void> {
  await ben.ok('DELETE', `/groups/${group}`);
  await ben.ok('POST', '/groups', { name: 'is-removed' });
  await world.admin(['groups', 'remove', 'is-removed', '--yes'], ofTools);
  const { api_key } = await ann.ok('POST', '/auth/rotate-key');
  const me = ann.as('ann', api_key);
  const [friendship] = await me.ok('GET', '/friends');
  await me.ok('POST', `/friends/${friendship.id}/block`);
  await me.ok('POST', '/groups', { name: 'ends' });
  const { group_id } = await me.ok('POST', '/groups', { name: 'is-handed-on', invite_only: false });
  await ben.ok('POST', `/groups/${group_id}/join`);
  await me.ok('DELETE', '/auth/me');
  assert.equal((await cid.call('GET', '/auth/me')).status, 401, 'its key was reset');
}

async function sqlOn(world: World, ...statements: readonly string[]): Promise<void> {
  for (const statement of statements) await world.store.query(statement);
}

async function rowsOf(world: World, query: string): Promise<string[]> {
  const rows = await world.store.query<object>(query);
  return rows.map((row) => String(Object.values(row)[0]));
}
