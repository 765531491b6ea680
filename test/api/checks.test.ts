import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { AgentDouble, Behaviour } from '../world/agent-double.ts';
import { eventually } from '../world/eventually.ts';
import { InProcessWorld } from '../world/in-process-world.ts';

const world = new InProcessWorld({ RATE_LIMIT: '1000', MAX_RETRIES: '0' });

before(async () => {
  await world.startApi();
});
after(() => world[Symbol.asyncDispose]());

/** Does what docs/agents.md asks of an agent. */
function careful(secret: string): Behaviour {
  return (_request, response, { headers, body }) => {
    const timestamp = headers['x-mahilo-timestamp'];
    const mac = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
    const isGenuine = headers['x-mahilo-signature'] === `sha256=${mac}`;
    const isNew = Math.abs(Date.now() / 1000 - Number(timestamp)) < 300;
    response.writeHead(isGenuine && isNew ? 200 : 401).end(isGenuine ? 'ok' : 'forged');
  };
}

async function annWith(username: string, more: object = {}) {
  const ann = await world.nobody.register(username);
  const agent = await world.startAgent();
  const connected = { framework: 'test', label: 'main', callback_url: agent.url, ...more };
  const { connection_id: id, callback_secret } = await ann.ok('POST', '/agents', connected);
  const check = () => ann.ok('POST', `/agents/${id}/check`);
  return { ann, agent, id, check, secret: String(callback_secret) };
}

const verdicts = ({ checks }: { checks: { name: string; verdict: string }[] }) =>
  checks.map(({ name, verdict }) => `${name} ${verdict}`);
const idsOf = (agent: AgentDouble) => agent.received.map(({ json }) => json['message_id']);

test('a careful agent passes; it gets two callbacks alike, and two that are forged or stale', async () => {
  const { ann, agent, id, check, secret } = await annWith('careful', {
    callback_headers: { 'x-token': 'a-password' },
  });
  agent.behave = careful(secret);
  const checked = await check();
  assert.equal(checked.passed, true);
  assert.deepEqual(verdicts(checked), ['valid passed', 'forged passed', 'repeated passed', 'stale passed']);
  const [valid, forged, repeated, stale] = agent.received;
  assert.equal(valid?.body, repeated?.body);
  const [first, , , last] = idsOf(agent);
  assert.equal(new Set(idsOf(agent)).size, 3);
  assert.ok(first !== last);
  const age = Number(valid?.headers['x-mahilo-timestamp']) - Number(stale?.headers['x-mahilo-timestamp']);
  assert.ok(age >= 590 && age <= 610, String(age));
  assert.equal(valid?.json['sender'], 'careful');
  assert.equal(valid?.headers['x-token'], 'a-password');
  assert.equal(forged?.headers['x-token'], undefined, 'who forges has no password');
  assert.doesNotMatch(JSON.stringify(checked), /a-password|whsec_/);
  assert.equal(checked.checks[0].status_code, 200);
  assert.equal(checked.checks[0].response_excerpt, 'ok');
  assert.equal(checked.checks[1].response_excerpt, 'forged');
  assert.equal(checked.checks[0].headers['X-Mahilo-Message-Id'], first);
  assert.equal((await ann.ok('GET', '/agents'))[0].health.state, 'well', 'it was seen');
  assert.deepEqual(await ann.ok('GET', '/messages'), [], 'nothing is kept of it');
  assert.deepEqual(await ann.ok('GET', `/deliveries?connection_id=${id}`), []);
});

test('an agent that takes everything is told what anybody could do to it', async () => {
  const { check } = await annWith('careless');
  const checked = await check();
  assert.equal(checked.passed, false);
  assert.deepEqual(verdicts(checked), ['valid passed', 'forged failed', 'repeated passed', 'stale failed']);
  assert.match(checked.checks[1].advice, /whoever knows the URL/);
});

test('an agent that falls over what is forged, or refuses a repetition, is told', async () => {
  const { agent, check, secret } = await annWith('clumsy');
  const seen = new Set<unknown>();
  agent.behave = (request, response, received) => {
    if (seen.has(received.json['message_id'])) return response.writeHead(409).end();
    seen.add(received.json['message_id']);
    const isForged = !received.headers['x-mahilo-signature']?.includes(
      createHmac('sha256', secret)
        .update(`${received.headers['x-mahilo-timestamp']}.${received.body}`)
        .digest('hex'),
    );
    return isForged ? response.writeHead(500).end() : careful(secret)(request, response, received);
  };
  const checked = await check();
  assert.deepEqual(verdicts(checked), ['valid passed', 'forged failed', 'repeated failed', 'stale passed']);
  assert.match(checked.checks[2].advice, /after the answer 409 it comes again/);
});

test('what does not take a valid callback is asked nothing more, and told what is most likely wrong', async () => {
  const { ann, agent, check } = await annWith('wrong');
  const advices: [number, RegExp][] = [
    [401, /callback secret/],
    [404, /path/],
    [410, /gone for good/],
  ];
  for (const [status, advice] of advices) {
    agent.behave = (_request, response) => response.writeHead(status).end();
    const checked = await check();
    assert.deepEqual(verdicts(checked), [
      'valid failed',
      'forged skipped',
      'repeated skipped',
      'stale skipped',
    ]);
    assert.match(checked.checks[0].advice, advice);
  }
  assert.equal(agent.received.length, 3);
  assert.equal((await ann.ok('GET', '/agents'))[0].status, 'active', 'a check ends nothing');
  assert.equal((await ann.ok('GET', '/agents'))[0].health.state, 'never_seen');
});

test('a check goes through the guard, as every callback does', async () => {
  const { ann, agent, id, check } = await annWith('guarded');
  await agent.stop();
  const refused = await check();
  assert.match(refused.checks[0].advice, /is it running/);
  await world.store.query("update connections set callback_url = 'http://169.254.169.254/' where id = ?", id);
  const { checks } = await ann.ok('POST', `/agents/${id}/check`);
  assert.match(checks[0].advice, /may not call/);
});

test('an agent that the operator holds is sent no check and no ping either', async () => {
  const { ann, agent, id } = await annWith('held');
  await world.store.query('update connections set held_at = 1 where id = ?', id);
  for (const way of ['check', 'ping']) {
    const { status, json } = await ann.call('POST', `/agents/${id}/${way}`);
    assert.deepEqual([status, json.code], [409, 'CONNECTION_INACTIVE'], way);
  }
  assert.equal(agent.received.length, 0);
});

test('a check is for one’s own agent that is called, and not for too often', async () => {
  const { ann, id, check } = await annWith('bounded');
  const eve = await world.nobody.register('bounded-eve');
  assert.equal((await eve.call('POST', `/agents/${id}/check`)).status, 404);
  assert.equal((await eve.call('POST', `/agents/${id}/test`)).status, 404);
  const polling = await ann.connectPolling('laptop');
  const { status, json } = await ann.call('POST', `/agents/${polling}/check`);
  assert.deepEqual([status, json.code], [400, 'INVALID_REQUEST']);
  await check();
  await check();
  const refused = await ann.call('POST', `/agents/${id}/check`);
  assert.deepEqual([refused.status, refused.json.code], [429, 'RATE_LIMITED']);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
});

test('a key of one agent, or one that only reads, neither checks nor tests', async () => {
  const { ann, id } = await annWith('scoped');
  for (const key of [
    { name: 'one', scope: 'agent', connection_id: id },
    { name: 'look', scope: 'read' },
  ]) {
    const { api_key } = await ann.ok('POST', '/auth/keys', key);
    const narrow = ann.as('scoped', api_key);
    for (const what of ['check', 'test']) {
      assert.equal((await narrow.call('POST', `/agents/${id}/${what}`)).json.code, 'INSUFFICIENT_SCOPE');
    }
  }
});

test('a test message takes the way of every message, and ends as one', async () => {
  const ann = await world.nobody.register('tested');
  const polling = await ann.connectPolling('laptop');
  const sent = await ann.ok('POST', `/agents/${polling}/test`);
  const [fetched] = await ann.fetch(`connection_id=${polling}`);
  assert.equal(fetched.message_id, sent.message_id);
  assert.equal(fetched.sender, 'tested');
  await ann.acknowledge([fetched]);
  const { status, deliveries } = await ann.ok('GET', `/messages/${sent.message_id}`);
  assert.deepEqual([status, deliveries[0].id], ['delivered', sent.delivery_id]);
  // Sent and received by the same person, it is one nevertheless.
  assert.equal((await ann.ok('GET', '/messages')).length, 1);
  assert.equal((await ann.ok('GET', '/deliveries')).length, 1);
  assert.equal((await ann.ok('GET', '/messages?limit=1')).length, 1);
  assert.equal((await ann.ok('GET', '/threads')).length, 1);

  const agent = await world.startAgent();
  agent.behave = (_request, response) => response.writeHead(410).end();
  const { connection_id: gone } = await ann.connect(agent.url);
  const worker = await world.startWorker();
  await ann.ok('POST', `/agents/${gone}/test`);
  await eventually(async () => (await ann.ok('GET', '/agents'))[0].status === 'inactive');
  await worker.close();
  assert.equal((await ann.call('POST', `/agents/${gone}/test`)).json.code, 'CONNECTION_INACTIVE');
});

test('the owner is told once when a polling agent comes for the first time', async () => {
  const ann = await world.nobody.register('first');
  const empty = await ann.connectPolling('empty');
  const full = await ann.connectPolling('full');
  await ann.ok('POST', `/agents/${full}/test`);
  for (const id of [empty, full, empty, full]) await ann.fetch(`connection_id=${id}`);
  await ann.fetch();
  const rows = await world.store.query<{ data_json: string }>(
    "select data_json from events where type = 'agent_seen' order by id",
  );
  const events = rows
    .map(({ data_json }) => JSON.parse(data_json))
    .filter(({ connection_id }) => connection_id === empty || connection_id === full);
  assert.deepEqual(events, [
    { connection_id: empty, framework: 'test', label: 'empty' },
    { connection_id: full, framework: 'test', label: 'full' },
  ]);
});
