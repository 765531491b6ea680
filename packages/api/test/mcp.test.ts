import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ApiClient } from './api-client.ts';
import { type Era, McpHost } from './mcp-host.ts';
import { type TestApp, testApp } from './test-app.ts';

const ERAS: readonly Era[] = ['2026-07-28', '2025-11-25'];

let here: TestApp;
let url: string;
const api = new ApiClient(() => here.app);

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '10000', STREAMS_PER_USER: '2', TRUSTED_MODE: 'true' });
  url = await here.app.listen({ host: '127.0.0.1', port: 0 });
});

after(() => here[Symbol.asyncDispose]());

for (const era of ERAS) {
  describe(`The MCP server speaks ${era}`, () => {
    test('two hosts become friends, and hold a conversation in which one waits for the other', async () => {
      const suffix = era.slice(0, 4);
      const [anna, ben] = [`anna${suffix}`, `ben${suffix}`];
      const [annasKey, bensKey] = [await api.register(anna), await api.register(ben)];
      await using annas = await McpHost.connect(url, annasKey, era);
      await using bens = await McpHost.connect(url, bensKey, era);

      assert.equal(await annas.refused('send_message', { to: ben, message: 'hi' }), 'NOT_FRIENDS');
      assert.equal((await annas.ok('request_friend', { username: ben })).status, 'pending');
      const requests = await bens.ok('list_friends', { status: 'pending' });
      assert.equal(requests.me, ben);
      assert.deepEqual(
        requests.friends.map((friend: Record<string, string>) => [friend['username'], friend['direction']]),
        [[anna, 'received']],
      );
      const answer = await bens.ok('answer_friend_request', { username: anna, accept: true });
      assert.equal(answer.status, 'accepted');

      // The message finds a mailbox although nobody has called check_inbox yet.
      const waiting = bens.ok('check_inbox', { wait_seconds: 20 });
      const sent = await annas.ok('send_message', {
        to: ben,
        message: 'Lunch on Friday?',
        context: 'We spoke about it',
        topic: 'lunch',
      });
      assert.equal(sent.status, 'pending');
      const { messages } = await waiting;
      assert.equal(messages.length, 1);
      const [mail] = messages;
      assert.deepEqual(
        { ...mail, sent_at: '' },
        {
          delivery_id: sent.delivery_id,
          message_id: sent.message_id,
          from: anna,
          agent: 'mcp',
          message: 'Lunch on Friday?',
          context: 'We spoke about it',
          topic: 'lunch',
          sent_at: '',
          encrypted: false,
        },
      );

      const { delivery_id, message_id } = mail;
      const reply = await bens.ok('reply', { delivery_id, message_id, message: 'Yes' });
      const again = await bens.ok('reply', { delivery_id, message_id, message: 'Yes' });
      assert.deepEqual(again, { ...reply, deduplicated: true });
      assert.equal(
        await bens.refused('reply', { delivery_id, message_id, message: 'No' }),
        'IDEMPOTENCY_CONFLICT',
      );
      assert.deepEqual((await bens.ok('check_inbox')).messages, []);
      assert.equal((await annas.ok('message_status', { message_id })).status, 'delivered');

      const got = (await annas.ok('check_inbox')).messages;
      assert.deepEqual(
        got.map((one: Record<string, string>) => [one['message'], one['in_response_to'], one['topic']]),
        [['Yes', message_id, 'lunch']],
      );
      const handled = [got[0].delivery_id];
      assert.deepEqual((await annas.ok('check_inbox', { handled })).messages, []);
      assert.equal((await annas.ok('message_status', { message_id: reply.message_id })).status, 'delivered');
    });
  });
}

/** Two friends, each with a key. */
async function friends(one: string, other: string): Promise<[string, string]> {
  const keys: [string, string] = [await api.register(one), await api.register(other)];
  await api.ok(keys[0], 'POST', '/friends/request', { username: other });
  await api.ok(keys[1], 'POST', '/friends/request', { username: one });
  return keys;
}

describe('Tools', () => {
  test('are listed with schemas that hosts take', async () => {
    await using host = await McpHost.connect(url, await api.register('lister'));
    const { tools } = await host.client.listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      [
        'send_message',
        'check_inbox',
        'reply',
        'message_status',
        'list_friends',
        'request_friend',
        'answer_friend_request',
        'list_groups',
      ],
    );
    for (const { inputSchema, name } of tools) {
      assert.equal(inputSchema.type, 'object', name);
      assert.doesNotMatch(JSON.stringify(inputSchema), /"format"|maxBytes/, name);
    }
    assert.match(host.client.getInstructions() ?? '', /never an instruction/);
  });

  test('name an agent by its label or its id, and send to groups', async () => {
    const [key, otherKey] = await friends('gwen', 'hugo');
    const agent = { framework: 'test', mode: 'polling' };
    const [first, second] = [
      await api.ok(otherKey, 'POST', '/agents', { ...agent, label: 'first' }),
      await api.ok(otherKey, 'POST', '/agents', { ...agent, label: 'second' }),
    ];
    await using host = await McpHost.connect(url, key);
    const goesTo = async (agent: string) => {
      const { message_id } = await host.ok('send_message', { to: 'hugo', message: 'hi', agent });
      return (await host.ok('message_status', { message_id })).deliveries[0].connection_id;
    };
    assert.equal(await goesTo('second'), second.connection_id);
    assert.equal(await goesTo(first.connection_id), first.connection_id);

    const { group_id } = await api.ok(key, 'POST', '/groups', { name: 'mcp-people' });
    await api.ok(key, 'POST', `/groups/${group_id}/invite`, { username: 'hugo' });
    await using others = await McpHost.connect(url, otherKey);
    const [invited] = (await others.ok('list_groups')).groups;
    assert.deepEqual([invited.group_id, invited.status], [group_id, 'invited']);
    await api.ok(otherKey, 'POST', `/groups/${group_id}/join`);
    await api.ok(otherKey, 'DELETE', `/agents/${first.connection_id}`);
    await api.ok(otherKey, 'DELETE', `/agents/${second.connection_id}`);

    assert.equal((await host.ok('send_message', { to: group_id, message: 'All: hi' })).recipients, 1);
    const [mail] = (await others.ok('check_inbox')).messages;
    assert.deepEqual([mail.message, mail.group_id], ['All: hi', group_id]);
    await others.ok('reply', { ...ids(mail), message: 'Hi all' });
    const [answer] = (await host.ok('check_inbox')).messages;
    assert.deepEqual([answer.message, answer.group_id, answer.from], ['Hi all', group_id, 'hugo']);
  });

  test('say what is wrong in a way that a model can act on', async () => {
    const [key, otherKey] = await friends('ida', 'jan');
    await using host = await McpHost.connect(url, key);
    await using _jans = await McpHost.connect(url, otherKey);
    const wrong = await host.call('send_message', { to: 'jan', wait_seconds: 26 });
    assert.equal(wrong.isError, true);
    assert.deepEqual(wrong.content, [
      { type: 'text', text: 'INVALID_REQUEST: message is required; wait_seconds must be <= 25.' },
    ]);
    assert.deepEqual(Object.keys(wrong.structuredContent ?? {}), ['code', 'error', 'request_id']);
    for (const [name, input, code] of [
      ['send_message', { to: 'nobody-here', message: 'hi' }, 'USER_NOT_FOUND'],
      ['send_message', { to: 'jan', message: '\ud800' }, 'INVALID_REQUEST'],
      ['send_message', { to: 'jan', message: 'x'.repeat(32_769) }, 'PAYLOAD_TOO_LARGE'],
      ['check_inbox', { limit: 51 }, 'INVALID_REQUEST'],
      ['check_inbox', { handled: ['msg_01m84zwwg0e28thb7ktkjzc1rr'] }, 'INVALID_REQUEST'],
      ['message_status', { message_id: 'msg_none' }, 'NOT_FOUND'],
      ['reply', { message_id: 'msg_none', delivery_id: 'dlv_none', message: 'hi' }, 'NOT_FOUND'],
      ['request_friend', { username: 'jan' }, 'ALREADY_FRIENDS'],
      ['answer_friend_request', { username: 'nobody-here', accept: true }, 'USER_NOT_FOUND'],
    ] as const) {
      assert.equal(await host.refused(name, input), code, `${name} ${JSON.stringify(input).slice(0, 80)}`);
    }
    await assert.rejects(host.call('no_such_tool'), /no_such_tool/);

    // One cannot reply to own messages.
    const { message_id, delivery_id } = await host.ok('send_message', { to: 'jan', message: 'hi' });
    assert.equal(await host.refused('reply', { message_id, delivery_id, message: 'me' }), 'NOT_FOUND');

    const policy_content = JSON.stringify({ blockedPatterns: ['secret'] });
    await api.ok(key, 'POST', '/policies', { scope: 'global', policy_type: 'heuristic', policy_content });
    const rejected = await host.call('send_message', { to: 'jan', message: 'a secret' });
    assert.match(JSON.stringify(rejected), /REJECTED_BY_POLICY/);
  });

  test('take a reply that a policy holds or forbids for none: the message stays until one is allowed', async () => {
    const [key, otherKey] = await friends('mona', 'nick');
    await using host = await McpHost.connect(url, key);
    await using others = await McpHost.connect(url, otherKey);
    for (const [effect, word] of [
      ['deny', 'never'],
      ['ask', 'maybe'],
    ]) {
      const policy_content = JSON.stringify({ blockedPatterns: [word] });
      const rule = { scope: 'global', policy_type: 'heuristic', policy_content, effect };
      await api.ok(key, 'POST', '/policies', rule);
    }
    const decide = (id: string, decision: string) =>
      api.ok(key, 'POST', `/plugin/reviews/${id}/decision`, { decision });
    const asked = async (message: string) => {
      const { message_id } = await others.ok('send_message', { to: 'mona', message });
      const [mail] = (await host.ok('check_inbox')).messages;
      assert.equal(mail.message_id, message_id);
      const status = async () => (await others.ok('message_status', { message_id })).status;
      return { mail: ids(mail), status };
    };

    const first = await asked('Will you come?');
    assert.equal(await host.refused('reply', { ...first.mail, message: 'never' }), 'REJECTED_BY_POLICY');
    const held = await host.ok('reply', { ...first.mail, message: 'maybe' });
    assert.equal(held.status, 'review_required');
    assert.equal(
      (await host.ok('message_status', { message_id: held.message_id })).status,
      'review_required',
    );
    assert.equal(await others.refused('message_status', { message_id: held.message_id }), 'NOT_FOUND');
    const again = await host.ok('reply', { ...first.mail, message: 'maybe' });
    assert.deepEqual([again.message_id, again.deduplicated], [held.message_id, true]);
    assert.equal(await host.refused('reply', { ...first.mail, message: 'Yes' }), 'IDEMPOTENCY_CONFLICT');
    assert.equal(await first.status(), 'pending');
    await decide(held.message_id, 'approve');
    const sent = await host.ok('reply', { ...first.mail, message: 'maybe' });
    assert.deepEqual([sent.message_id, sent.status], [held.message_id, 'pending']);
    assert.equal(await first.status(), 'delivered');

    const second = await asked('And tomorrow?');
    await decide((await host.ok('reply', { ...second.mail, message: 'maybe' })).message_id, 'reject');
    assert.equal(await host.refused('reply', { ...second.mail, message: 'maybe' }), 'REJECTED_BY_POLICY');
    assert.equal(await second.status(), 'pending');
    await host.ok('reply', { ...second.mail, message: 'Yes' });
    assert.equal(await second.status(), 'delivered');
    const answers = (await others.ok('check_inbox')).messages;
    assert.deepEqual(
      answers.map(({ message }: { message: string }) => message),
      ['maybe', 'Yes'],
    );
  });

  test('of a key of one agent are what the key covers, and its mailbox is the agent', async () => {
    const [key, otherKey] = await friends('kim', 'leo');
    const { connection_id } = await api.ok(key, 'POST', '/agents', {
      framework: 'test',
      label: 'own',
      mode: 'polling',
    });
    const { api_key } = await api.ok(key, 'POST', '/auth/keys', {
      name: 'one',
      scope: 'agent',
      connection_id,
    });
    await using host = await McpHost.connect(url, api_key);
    const names = (await host.client.listTools()).tools.map(({ name }) => name);
    assert.deepEqual(names, ['send_message', 'check_inbox', 'reply', 'message_status', 'list_friends']);
    assert.equal(await host.refused('request_friend', { username: 'leo' }), 'INSUFFICIENT_SCOPE');
    assert.equal(host.client.getServerCapabilities()?.resources, undefined);

    await using others = await McpHost.connect(url, otherKey);
    await others.ok('send_message', { to: 'kim', message: 'to own', agent: 'own' });
    const [mail] = (await host.ok('check_inbox')).messages;
    assert.equal(mail.message, 'to own');
    await host.ok('reply', { ...ids(mail), message: 'from own' });
    assert.equal((await others.ok('check_inbox')).messages[0].agent, 'test');

    // The user's other mailbox stays out of it.
    await (await McpHost.connect(url, key)).client.close();
    await others.ok('send_message', { to: 'kim', message: 'to the mailbox', agent: 'mailbox' });
    assert.deepEqual((await host.ok('check_inbox')).messages, []);
  });
});

const ids = ({ delivery_id, message_id }: Record<string, string>) => ({ delivery_id, message_id });
