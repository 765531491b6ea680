import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { eventHost } from './mcp-events/host.ts';
import { repeatChallenge } from './mcp-events/repeat-challenge.ts';
import { rpc, rpcOk, rpcRefused } from './mcp-events/rpc.ts';
import type { AgentDouble, Received } from './world/agent-double.ts';
import type { Client } from './world/client.ts';
import { eventually } from './world/eventually.ts';
import { InProcessWorld } from './world/in-process-world.ts';

let world: InProcessWorld;
before(async () => {
  world = await InProcessWorld.start({ MAX_RETRIES: '40' });
});
after(() => world[Symbol.asyncDispose]());

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** Two friends, and a receiver of the second one's events. */
async function scene(): Promise<{ ann: Client; ben: Client; receiver: AgentDouble }> {
  const [ann, ben] = [await world.newcomer('ann'), await world.newcomer('ben')];
  await ann.befriend(ben);
  // So that others can write to each.
  for (const one of [ann, ben]) await one.connectPolling();
  const receiver = await world.startAgent();
  receiver.behave = repeatChallenge;
  return { ann, ben, receiver };
}

const wish = ({ url }: AgentDouble, name: string, more: object = {}) => ({
  name,
  arguments: {},
  delivery: { mode: 'webhook', url, secret: SECRET },
  ...more,
});

/** What a receiver got, except challenges. */
const eventsAt = ({ received }: AgentDouble) => received.filter(({ json }) => json['type'] === undefined);

async function nthEvent(receiver: AgentDouble, n: number): Promise<Received> {
  return eventually(() => eventsAt(receiver)[n - 1]);
}

const dataOf = ({ json }: Received) => json['data'];

/** Answers events like this, and challenges as usual. */
function answerEvents(receiver: AgentDouble, status: (received: Received) => number): void {
  receiver.behave = (request, response, received) => {
    if (received.json['type'] === 'verification') repeatChallenge(request, response, received);
    else response.writeHead(status(received)).end();
  };
}

describe('The client of the AI SDK', () => {
  test('lists events, subscribes, is told of a message, refreshes and unsubscribes', async () => {
    const { ann, ben } = await scene();
    await using host = await eventHost(world.url, ben.apiKey ?? '');
    const { events } = await host.events.list();
    assert.deepEqual(
      events.map(({ name, delivery }) => [name, delivery]),
      ['message.received', 'friend.requested', 'delivery.failed'].map((name) => [name, ['webhook']]),
    );
    const { id, cursor } = await host.events.subscribe({ name: 'message.received', delivery: host.delivery });
    const { message_id, delivery_id } = await ann.send(ben, 'hello', { correlation_id: 'lunch' });
    const told = await eventually(() => host.told[0]);
    assert.equal(told.subscriptionId, id);
    assert.deepEqual(told.data, { message_id, delivery_id, from: ann.username, topic: 'lunch' });
    const refreshed = await host.events.refresh({ id });
    assert.equal(refreshed.id, id);
    assert.ok(Number(refreshed.cursor) > Number(cursor), 'it has moved on');
    await host.events.unsubscribe({ id });
    await assert.rejects(
      host.events.subscribe({ name: 'no.such', delivery: host.delivery }),
      /Unknown MCP event/,
    );
    assert.equal(host.posted.filter(({ json }) => json.type === 'verification').length, 1);
  });

  test('is told of friend requests, and of what could not be delivered', async () => {
    const { ann, ben } = await scene();
    const cid = await world.newcomer('cid');
    await using host = await eventHost(world.url, ben.apiKey ?? '');
    for (const name of ['friend.requested', 'delivery.failed']) {
      await host.events.subscribe({ name, delivery: host.delivery });
    }
    const { friendship_id } = await cid.ok('POST', '/friends/request', { username: ben.username });
    const asked = await eventually(() => host.told[0]);
    assert.deepEqual([asked.name, asked.data], ['friend.requested', { friendship_id, from: cid.username }]);
    const gone = await world.startAgent();
    gone.behave = (_request, response) => response.writeHead(410).end();
    const { connection_id } = await ann.connect(gone.url, 'gone');
    const lost = await ben.send(ann, 'lost', { recipient_connection_id: connection_id });
    const failed = await eventually(() => host.told[1]);
    const { message_id, delivery_id } = lost;
    assert.deepEqual([failed.name, failed.data], ['delivery.failed', { message_id, delivery_id }]);
  });
});

describe('What is posted', () => {
  test('has the headers and the signature of the extension, and is told once to a URL that was asked once', async () => {
    const { ann, ben, receiver } = await scene();
    const { id } = await rpcOk(ben, 'events/subscribe', wish(receiver, 'message.received'));
    await rpcOk(
      ben,
      'events/subscribe',
      wish(receiver, 'message.received', { arguments: { from: 'nobody' } }),
    );
    await rpcOk(ben, 'events/subscribe', wish(receiver, 'friend.requested'));
    const [challenge, ...others] = receiver.received;
    assert.deepEqual(others, []);
    assert.match(String(challenge?.headers['webhook-id']), /^msg_verification_/);
    assert.equal(challenge?.headers['x-mcp-subscription-id'], id);
    await ann.send(ben, 'hello');
    const { headers, json } = await nthEvent(receiver, 1);
    assert.equal(headers['webhook-id'], json['eventId']);
    assert.equal(headers['x-mcp-subscription-id'], id);
    assert.match(String(json['cursor']), /^\d+$/);
    assert.ok(!Number.isNaN(Date.parse(String(json['timestamp']))));
    assert.deepEqual(
      Object.keys(headers).filter((name) => name.startsWith('x-')),
      ['x-mcp-subscription-id'],
    );
    for (const one of [await nthEvent(receiver, 1), receiver.received[0]]) {
      new Webhook(SECRET).verify(one?.body ?? '', one?.headers as Record<string, string>);
    }
  });

  test('is what the arguments ask for', async () => {
    const { ann, ben, receiver } = await scene();
    const cid = await world.newcomer('cid');
    await cid.befriend(ben);
    const { group_id } = await ann.ok('POST', '/groups', { name: `all-${ann.username}` });
    await ann.ok('POST', `/groups/${group_id}/invite`, { username: ben.username });
    await ben.ok('POST', `/groups/${group_id}/join`);
    const subscribe = async (asked: object) =>
      (await rpcOk(ben, 'events/subscribe', wish(receiver, 'message.received', { arguments: asked }))).id;
    const names = new Map([
      [await subscribe({ from: ann.username.toUpperCase() }), 'ann'],
      [await subscribe({ group: group_id }), 'group'],
      [await subscribe({ from: cid.username, include_text: true }), 'cid'],
    ]);
    await cid.send(ben, 'from cid');
    await ann.send(ben, 'from ann');
    await ann.ok('POST', '/messages/send', {
      recipient: group_id,
      recipient_type: 'group',
      message: 'to all',
    });
    await nthEvent(receiver, 4);
    const got = eventsAt(receiver).map(({ headers, json }) => {
      const { from, group_id: group, text } = json['data'] as Record<string, string>;
      return [names.get(headers['x-mcp-subscription-id']), from, group, text];
    });
    assert.deepEqual(got.sort(), [
      ['ann', ann.username, undefined, undefined],
      ['ann', ann.username, group_id, undefined],
      ['cid', cid.username, undefined, 'from cid'],
      ['group', ann.username, group_id, undefined],
    ]);
  });

  test('has two signatures after the client has changed the secret', async () => {
    const { ann, ben, receiver } = await scene();
    await rpcOk(ben, 'events/subscribe', wish(receiver, 'message.received'));
    const secret = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
    const delivery = { mode: 'webhook', url: receiver.url, secret };
    await rpcOk(ben, 'events/subscribe', wish(receiver, 'message.received', { delivery }));
    await ann.send(ben, 'hello');
    const { headers, body } = await nthEvent(receiver, 1);
    for (const one of [SECRET, secret]) new Webhook(one).verify(body, headers as Record<string, string>);
  });

  test('is repeated until it is accepted, with a cursor that loses nothing', async () => {
    const { ann, ben, receiver } = await scene();
    await rpcOk(
      ben,
      'events/subscribe',
      wish(receiver, 'message.received', { arguments: { include_text: true } }),
    );
    let accepts = false;
    const isFirst = ({ json }: Received) => (json['data'] as Record<string, string>)['text'] === 'first';
    answerEvents(receiver, (received) => (accepts || !isFirst(received) ? 204 : 503));
    await ann.send(ben, 'first');
    const first = await nthEvent(receiver, 1);
    await ann.send(ben, 'second');
    const second = await eventually(() => eventsAt(receiver).find((one) => !isFirst(one)));
    const idOf = ({ json }: Received) => Number(String(json['eventId']).slice('evt_'.length));
    assert.ok(Number(second.json['cursor']) < idOf(first), 'the first one may still be lost');
    accepts = true;
    const refresh = () =>
      rpcOk(
        ben,
        'events/subscribe',
        wish(receiver, 'message.received', { arguments: { include_text: true } }),
      );
    await eventually(async () => Number((await refresh()).cursor) >= idOf(second));
    assert.equal(
      new Set(eventsAt(receiver).filter(isFirst).map(idOf)).size,
      1,
      'each attempt has the same id',
    );
  });

  for (const { what, withdraw } of [
    {
      what: 'was erased',
      withdraw: (ann: Client, _ben: Client, messageId: string) => ann.ok('DELETE', `/messages/${messageId}`),
    },
    {
      what: 'nobody gets any more',
      withdraw: async (_ann: Client, ben: Client) => {
        const agents: { id: string; label: string }[] = await ben.ok('GET', '/agents');
        await ben.connectPolling('next');
        await ben.ok('DELETE', `/agents/${agents.find(({ label }) => label === 'main')?.id}`);
      },
    },
  ])
    test(`is nothing about a message that ${what}`, async () => {
      const { ann, ben, receiver } = await scene();
      const withText = { arguments: { include_text: true } };
      await rpcOk(ben, 'events/subscribe', wish(receiver, 'message.received', withText));
      answerEvents(receiver, () => 503);
      const { message_id } = await ann.send(ben, 'a secret', { routing_hints: { labels: ['main'] } });
      await nthEvent(receiver, 1);
      await withdraw(ann, ben, message_id);
      await eventually(async () => (await eventsAgent(ben)).health.waiting === 0);
      answerEvents(receiver, () => 204);
      const before = eventsAt(receiver).length;
      await ann.send(ben, 'another');
      const next = dataOf(await nthEvent(receiver, before + 1)) as Record<string, string>;
      assert.equal(next['text'], 'another');
    });
});

describe('A cursor', () => {
  test('brings what happened while nobody subscribed, and says when some of it is missing', async () => {
    const { ann, ben, receiver } = await scene();
    const { cursor, truncated } = await rpcOk(ben, 'events/subscribe', wish(receiver, 'message.received'));
    assert.equal(truncated, false);
    await rpcOk(ben, 'events/unsubscribe', wish(receiver, 'message.received'));
    const sent = [await ann.send(ben, 'one'), await ann.send(ben, 'two')];
    const again = await rpcOk(ben, 'events/subscribe', wish(receiver, 'message.received', { cursor }));
    assert.equal(again.truncated, false);
    await nthEvent(receiver, 2);
    assert.deepEqual(
      eventsAt(receiver)
        .map((one) => (dataOf(one) as Record<string, string>)['message_id'])
        .sort(),
      sent.map(({ message_id }) => message_id),
    );
    for (const stale of [{ cursor, maxAgeMs: 0 }, { cursor: '99999999' }]) {
      await rpcOk(ben, 'events/unsubscribe', wish(receiver, 'message.received'));
      assert.equal(
        (await rpcOk(ben, 'events/subscribe', wish(receiver, 'message.received', stale))).truncated,
        true,
      );
    }
    const now = await rpcOk(ben, 'events/subscribe', wish(receiver, 'friend.requested', { cursor: null }));
    assert.equal(now.truncated, false);
    assert.equal(eventsAt(receiver).length, 2, 'nothing came twice');
  });
});

describe('A receiver', () => {
  test('that is gone gets nothing more, until its client subscribes and it repeats a challenge again', async () => {
    const { ann, ben, receiver } = await scene();
    const { cursor } = await rpcOk(ben, 'events/subscribe', wish(receiver, 'message.received'));
    answerEvents(receiver, () => 410);
    await ann.send(ben, 'one');
    await eventually(async () => (await eventsAgent(ben)).status === 'inactive');
    await ann.send(ben, 'two');
    answerEvents(receiver, () => 204);
    await rpcOk(ben, 'events/subscribe', wish(receiver, 'message.received', { cursor }));
    await nthEvent(receiver, 3);
    assert.equal(receiver.received.length - eventsAt(receiver).length, 2, 'two challenges');
  });

  test('that finds an event too large is not sent it again', async () => {
    const { ann, ben, receiver } = await scene();
    await rpcOk(ben, 'events/subscribe', wish(receiver, 'message.received'));
    answerEvents(receiver, () => 413);
    await ann.send(ben, 'one');
    await eventually(async () => (await eventsAgent(ben)).health.dead_letters === 1);
    assert.equal(eventsAt(receiver).length, 1);
    const { id } = await eventsAgent(ben);
    answerEvents(receiver, () => 204);
    await ben.ok('POST', `/agents/${id}/recover`, { since: 0 });
    const again = await nthEvent(receiver, 2);
    assert.equal(again.headers['webhook-id'], again.json['eventId']);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
async function eventsAgent(person: Client): Promise<any> {
  const agents: { mode: string }[] = await person.ok('GET', '/agents');
  return agents.find(({ mode }) => mode === 'events');
}

describe('A subscription', () => {
  test('is no agent: nobody writes to it or in its name, and friends do not see it', async () => {
    const { ann, ben, receiver } = await scene();
    await rpcOk(ben, 'events/subscribe', wish(receiver, 'message.received'));
    const subscription = await eventsAgent(ben);
    assert.equal(subscription.callback_url, receiver.url);
    const agents: { id: string; mode: string }[] = await ben.ok('GET', '/agents');
    for (const { id } of agents.filter(({ mode }) => mode !== 'events'))
      await ben.ok('DELETE', `/agents/${id}`);
    assert.deepEqual(await ann.ok('GET', `/contacts/${ben.username}/connections`), []);
    const { group_id } = await ann.ok('POST', '/groups', { name: `g-${ann.username}`, invite_only: false });
    await ben.ok('POST', `/groups/${group_id}/join`);
    const codeOf = async (who: Client, path: string, body: object) =>
      (await who.call('POST', path, body)).json.code;
    const send = { recipient: ben.username, message: 'hello' };
    assert.equal(await codeOf(ann, '/messages/send', send), 'NO_CONNECTIONS');
    const toGroup = { recipient: group_id, recipient_type: 'group', message: 'hello' };
    assert.equal(await codeOf(ann, '/messages/send', toGroup), 'NO_CONNECTIONS');
    const { id } = subscription;
    assert.equal(
      await codeOf(ann, '/messages/send', { ...send, recipient_connection_id: id }),
      'CONNECTION_NOT_FOUND',
    );
    const own = { recipient: ann.username, message: 'hello', sender_connection_id: id };
    assert.equal(await codeOf(ben, '/messages/send', own), 'CONNECTION_NOT_FOUND');
    const key = { name: 'x', scope: 'agent', connection_id: id };
    assert.equal(await codeOf(ben, '/auth/keys', key), 'CONNECTION_NOT_FOUND');
    const same = { framework: 'mcp-events', label: subscription.label, mode: 'polling' };
    assert.equal(await codeOf(ben, '/agents', same), 'INVALID_REQUEST');
    await ben.ok('DELETE', `/agents/${id}`);
    assert.deepEqual(await rpcRefused(ben, 'events/unsubscribe', wish(receiver, 'message.received')), [
      -32_011,
      { kind: 'subscription' },
    ]);
  });

  test('changes nothing about the message that it is told of', async () => {
    const { ann, ben, receiver } = await scene();
    await rpcOk(ben, 'events/subscribe', wish(receiver, 'message.received'));
    const { message_id } = await ann.send(ben, 'hello');
    await nthEvent(receiver, 1);
    const { status, deliveries } = await ann.ok('GET', `/messages/${message_id}`);
    assert.deepEqual([status, deliveries.length], ['pending', 1]);
    for (const query of ['', '?limit=1', '?status=delivered']) {
      const listed: { message_id: string }[] = await ben.ok('GET', `/deliveries${query}`);
      assert.ok(listed.every((one) => one.message_id === message_id));
    }
    assert.equal((await ben.ok('GET', '/messages')).length, 1);
    assert.equal((await ben.fetch()).length, 1);
    const limits: { name: string; used: number }[] = await ben.ok('GET', '/auth/limits');
    const used = Object.fromEntries(limits.map((limit) => [limit.name, limit.used]));
    assert.deepEqual([used['subscriptions_per_user'], used['agents_per_user']], [1, 2]);
  });

  test('of a key of one agent is told of this agent alone', async () => {
    const { ann, ben, receiver } = await scene();
    const other = await ben.connectPolling('other');
    const { api_key } = await ben.ok('POST', '/auth/keys', {
      name: 'o',
      scope: 'agent',
      connection_id: other,
    });
    const agent = ben.as(ben.username, api_key);
    assert.deepEqual(
      (await rpcOk(agent, 'events/list', {})).events.map(({ name }: { name: string }) => name),
      ['message.received', 'delivery.failed'],
    );
    const [code] = await rpcRefused(agent, 'events/subscribe', wish(receiver, 'friend.requested'));
    assert.equal(code, -32_012);
    await rpcOk(agent, 'events/subscribe', wish(receiver, 'message.received'));
    await ann.send(ben, 'to main');
    const { message_id } = await ann.send(ben, 'to other', { recipient_connection_id: other });
    const told = dataOf(await nthEvent(receiver, 1)) as Record<string, string>;
    assert.equal(told['message_id'], message_id);
    assert.equal(
      (await rpcRefused(ben, 'events/unsubscribe', wish(receiver, 'message.received')))[0],
      -32_011,
    );
    await ben.ok('DELETE', `/agents/${other}`);
    assert.equal(await eventsAgent(ben), undefined, 'it ends with the agent');
  });

  test('of a key that expires ends with it', async () => {
    const { ben, receiver } = await scene();
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    const { api_key } = await ben.ok('POST', '/auth/keys', { name: 'hour', scope: 'all', expires_at });
    const asked = wish(receiver, 'message.received', { ttlMs: null });
    const subscribe = async (who: Client) => (await rpcOk(who, 'events/subscribe', asked)).refreshBefore;
    assert.equal(await subscribe(ben.as(ben.username, api_key)), expires_at);
    assert.ok((await subscribe(ben)) > expires_at);
  });

  test('is one of 20, and its row serves the next one', async () => {
    const { ann, ben, receiver } = await scene();
    const of = (from: string) => wish(receiver, 'message.received', { arguments: { from } });
    const ofSender = (n: number) => of(n === 1 ? ann.username : `user-${n}`);
    for (let n = 0; n < 20; n += 1) await rpcOk(ben, 'events/subscribe', ofSender(n));
    const rows = async () => (await ben.ok('GET', '/agents')).map(({ id }: { id: string }) => id).sort();
    const before = await rows();
    const [code, data] = await rpcRefused(ben, 'events/subscribe', ofSender(20));
    assert.equal(code, -32_013);
    assert.equal((data as Record<string, unknown>)['limit'], 'subscriptions_per_user');
    await rpcOk(ben, 'events/unsubscribe', ofSender(0));
    await rpcOk(ben, 'events/subscribe', ofSender(20));
    assert.deepEqual(await rows(), before);
    answerEvents(receiver, () => 410);
    await ann.send(ben, 'for a receiver that is gone');
    const inactive = async () => {
      const agents: { status: string }[] = await ben.ok('GET', '/agents');
      return agents.some(({ status }) => status === 'inactive');
    };
    await eventually(inactive);
    await rpcOk(ben, 'events/subscribe', ofSender(21));
  });

  test('ends with its account', async () => {
    const { ben, receiver } = await scene();
    await rpcOk(ben, 'events/subscribe', wish(receiver, 'message.received'));
    await ben.ok('DELETE', '/auth/me');
    const { json } = await world.admin(['queue', 'list', '--json']);
    assert.equal(
      json.destinations.filter((one: { username: string }) => one.username === ben.username).length,
      0,
    );
  });
});

describe('A request is refused', () => {
  test('with the codes of the extension', async () => {
    const { ben, receiver } = await scene();
    const plain = await world.startAgent();
    const broken = await world.startAgent();
    broken.behave = (_request, response) => response.writeHead(500).end();
    const moved = await world.startAgent();
    moved.behave = (_request, response) => response.writeHead(302, { location: receiver.url }).end();
    const deaf = await world.startAgent();
    await deaf.stop();
    const of = (delivery: object, more: object = {}) =>
      wish(receiver, 'message.received', {
        delivery: { mode: 'webhook', url: receiver.url, secret: SECRET, ...delivery },
        ...more,
      });
    const endpoint = (reason: string) => [-32_015, { reason }] as const;
    const mistake = (path: string, message: string) => ({
      code: 'INVALID_REQUEST',
      details: [{ path, message }],
    });
    const cases: [params: object, code: number, data?: object][] = [
      [wish(receiver, 'message.sent'), -32_011, { kind: 'event' }],
      [wish(receiver, 'constructor'), -32_011, { kind: 'event' }],
      [of({ mode: 'push' }), -32_014, { feature: 'deliveryMode', value: 'push' }],
      [of({ url: plain.url }), ...endpoint('challenge_failed')],
      [of({ url: moved.url }), ...endpoint('challenge_failed')],
      [of({ url: broken.url }), ...endpoint('http_5xx')],
      [of({ url: deaf.url }), ...endpoint('connection_refused')],
      [of({ url: 'http://169.254.169.254/' }), -32_602],
      [of({ url: 'nowhere' }), -32_602],
      [of({ secret: 'whsec_c2hvcnQ=' }), -32_602],
      [of({ secret: 'a-secret-of-24-bytes-or-more' }), -32_602],
      [of({}, { arguments: { form: 'a typing mistake' } }), -32_602],
      [of({}, { arguments: { from: 7 } }), -32_602],
      [of({}, { arguments: [] }), -32_602],
      [of({}, { cursor: 'last week' }), -32_602],
      [of({}, { ttlMs: 'long' }), -32_602, mistake('ttlMs', 'must be integer or null')],
      [of({}, { ttlMs: 0 }), -32_602, mistake('ttlMs', 'must be >= 1')],
      [of({}, { cursor: 7 }), -32_602, mistake('cursor', 'must be string or null')],
      [{}, -32_602],
    ];
    for (const [params, code, data] of cases) {
      const [actual, told] = await rpcRefused(ben, 'events/subscribe', params);
      assert.equal(actual, code, JSON.stringify(params));
      if (data !== undefined) assert.deepEqual(told, data);
    }
    assert.equal(await eventsAgent(ben), undefined);
    for (const method of ['events/poll', 'events/stream']) {
      assert.equal((await rpcRefused(ben, method, {}))[0], -32_014);
    }
  });

  test('when too many URLs are to be asked', async () => {
    const { ben, receiver } = await scene();
    receiver.behave = (_request, response) => response.writeHead(404).end();
    const codes: number[] = [];
    for (let n = 0; n < 11; n += 1) {
      codes.push((await rpcRefused(ben, 'events/subscribe', wish(receiver, 'message.received')))[0]);
    }
    assert.deepEqual(codes, [...Array.from({ length: 10 }, () => -32_015), -32_013]);
    assert.equal(receiver.received.length, 10);
  });

  test('or shortened: a subscription lasts a day, a week at most, and 3 s at least', async () => {
    const { ben, receiver } = await scene();
    const granted = async (ttlMs: unknown) => {
      const asked = Date.now();
      const { refreshBefore } = await rpcOk(
        ben,
        'events/subscribe',
        wish(receiver, 'friend.requested', ttlMs === undefined ? {} : { ttlMs }),
      );
      return Math.round((Date.parse(refreshBefore) - asked) / 60_000);
    };
    assert.deepEqual(
      [
        await granted(undefined),
        await granted(null),
        await granted(1e15),
        await granted(3_600_000),
        await granted(1),
      ],
      [1440, 10_080, 10_080, 60, 0],
    );
  });
});

test('both revisions of the protocol say that there are events, and list them', async () => {
  const { ben } = await scene();
  const expected = { events: {}, extensions: { 'io.modelcontextprotocol/events': {} } };
  const { result } = await rpc(ben, 'server/discover');
  const headers = { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25' };
  const earlier = async (method: string, params: object) => {
    const { json } = await ben.call('POST', '//mcp', { jsonrpc: '2.0', id: 1, method, params }, headers);
    return typeof json === 'string' ? JSON.parse(json.slice(json.indexOf('{'))) : json;
  };
  const initialized = await earlier('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  });
  for (const { capabilities } of [result, initialized.result]) {
    const { events, extensions } = capabilities;
    assert.deepEqual({ events, extensions }, expected);
  }
  assert.equal((await earlier('events/list', {})).result.events.length, 3);
});
