import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ListTasksRequest, Part } from '@a2a-js/sdk';
import type { Client } from '@a2a-js/sdk/client';
import { numbersTo, zeroed } from '@mahilo/shared/test/numbers';
import { sql } from 'kysely';
import { a2aClient, answerIn, ask, asking, shortly, stateIn, taskIn } from './a2a-client.ts';
import { answerNext, errorOf, fetchOne, get, keyOf, pairOn } from './a2a-pair.ts';
import { CommitListeners } from './commit-listeners.ts';
import { Person } from './person.ts';
import { type TestApp, testApp } from './test-app.ts';
import { until } from './until.ts';

let here: TestApp;
let url: string;
const listeners = new CommitListeners();
let idle = 0;

before(async () => {
  here = await testApp(listeners.watch, {
    RATE_LIMIT: '100000',
    STREAMS_PER_USER: '1',
    TRUSTED_MODE: 'true',
    STREAM_HEARTBEAT_MS: '50',
  });
  url = await here.app.listen({ host: '127.0.0.1', port: 0 });
  idle = listeners.count;
});

after(() => here[Symbol.asyncDispose]());

const pair = (name: string) => pairOn(here.app, url, name);

const part = (content: Part['content']): Part => ({
  content,
  metadata: undefined,
  filename: '',
  mediaType: '',
});

const listing = (more: Partial<ListTasksRequest> = {}): ListTasksRequest => ({
  tenant: '',
  contextId: '',
  status: 0,
  pageToken: '',
  statusTimestampAfter: undefined,
  ...more,
});

describe('A message', () => {
  test('is text, data, or both; files are refused', async () => {
    const { ann, client } = await pair('parts');
    const sent = async (...parts: Part[]) => {
      const { id } = await ask(client, '', { parts });
      const { message, payload_type } = await ann.ok('GET', `/messages/${id}`);
      return [message, payload_type];
    };
    const text = part({ $case: 'text', value: 'Look:' });
    const data = part({ $case: 'data', value: { a: [1] } });
    assert.deepEqual(await sent(text, text), ['Look:\n\nLook:', 'text/plain']);
    assert.deepEqual(await sent(data), ['{"a":[1]}', 'application/json']);
    assert.deepEqual(await sent(text, data), ['Look:\n\n{"a":[1]}', 'text/plain']);
    const refused = (content: Part['content']) => errorOf(ask(client, '', { parts: [text, part(content)] }));
    assert.equal(
      await refused({ $case: 'url', value: 'https://a.example/f' }),
      'ContentTypeNotSupportedError',
    );
    assert.equal(await refused({ $case: 'raw', value: Buffer.from('x') }), 'ContentTypeNotSupportedError');
    assert.equal(await refused(undefined), 'RequestMalformedError');
    assert.equal(await errorOf(ask(client, '')), 'RequestMalformedError');
    assert.equal(await errorOf(ask(client, 'x'.repeat(40_000))), 'PAYLOAD_TOO_LARGE');
    const agent = { taskId: 'msg_x' };
    assert.equal(await errorOf(ask(client, 'hi', agent)), 'TaskNotFoundError');
    const { id } = await ask(client, 'hi');
    assert.equal(await errorOf(ask(client, 'more', { taskId: id })), 'UnsupportedOperationError');
  });

  test('that a policy forbids is a rejected task, and one that it asks about waits for its sender', async () => {
    const both = await pair('policies');
    const rule = (effect: string, word: string) =>
      both.ann.ok('POST', '/policies', {
        scope: 'global',
        policy_type: 'heuristic',
        policy_content: JSON.stringify({ blockedPatterns: [word] }),
        effect,
      });
    await rule('deny', 'never');
    await rule('ask', 'maybe');
    const rejected = taskIn(await both.client.sendMessage(asking('never')));
    assert.equal(stateIn(rejected), 'REJECTED');
    assert.ok(rejected.status?.message);
    assert.equal(stateIn(await get(both.client, rejected.id)), 'REJECTED');

    const held = taskIn(await both.client.sendMessage(asking('maybe')));
    assert.equal(stateIn(held), 'AUTH_REQUIRED');
    const { tasks } = await both.client.listTasks(listing());
    assert.deepEqual(tasks.map(stateIn), ['AUTH_REQUIRED', 'REJECTED']);
    const waiting = await both.client.listTasks(listing({ status: 8, contextId: held.contextId }));
    assert.deepEqual(
      waiting.tasks.map(({ id }) => id),
      [held.id],
    );
    await both.ann.ok('POST', `/plugin/reviews/${held.id}/decision`, { decision: 'approve' });
    await answerNext(both, 'All right');
    assert.equal(answerIn(await get(both.client, held.id)), 'All right');

    const other = taskIn(await both.client.sendMessage(asking('maybe again')));
    const cancelled = await both.client.cancelTask({ tenant: '', id: other.id, metadata: undefined });
    assert.equal(stateIn(cancelled), 'CANCELED');
    const decided = both.ann.call('POST', `/plugin/reviews/${other.id}/decision`, { decision: 'approve' });
    assert.equal((await decided).json.code, 'REVIEW_CLOSED');
  });
});

describe('Others', () => {
  test('cannot call an agent, nor see a task of it', async () => {
    const both = await pair('others');
    const { id } = await ask(both.client, 'Private');
    const agentUrl = `${url}/a2a/${both.ben.username}/${both.agent}`;
    const eve = await Person.register(here.app, 'eve-others');
    assert.match(String(await a2aClient(agentUrl, keyOf(eve)).catch(String)), /403/);
    await eve.befriend(both.ben);
    const eves = await a2aClient(agentUrl, keyOf(eve));
    for (const call of [
      () => get(eves, id),
      () => eves.cancelTask({ tenant: '', id, metadata: undefined }),
      () => eves.resubscribeTask({ tenant: '', id }).next(),
    ]) {
      assert.equal(await errorOf(call()), 'TaskNotFoundError');
    }
    assert.deepEqual((await eves.listTasks(listing())).tasks, []);
    // Ben is no client of his own agent, and his other agent was not asked.
    const second = await both.ben.connectPolling('second');
    const others = await a2aClient(`${url}/a2a/${both.ben.username}/${second}`, keyOf(both.ann));
    assert.equal(await errorOf(get(others, id)), 'TaskNotFoundError');
    assert.deepEqual((await others.listTasks(listing())).tasks, []);

    // Only the agent that was asked can answer.
    await eve.befriend(both.ann);
    await eve.send(both.ann, 'Forged', { in_response_to: id });
    assert.equal(stateIn(await get(both.client, id)), 'SUBMITTED');

    const { json: friends } = await both.ann.call('GET', '/friends');
    await both.ann.ok(
      'DELETE',
      `/friends/${friends.find((one: { username: string }) => one.username === both.ben.username).id}`,
    );
    assert.equal(await errorOf(ask(both.client, 'Still there?')), 'NOT_FRIENDS');
  });

  test('and mistakes are refused in a form that clients read', async () => {
    const { ann, ben, agent } = await pair('mistakes');
    const path = `/a2a/${ben.username}/${agent}`;
    const post = (payload: unknown, more: Record<string, string> = {}, to = path) =>
      here.app.inject({
        method: 'POST',
        url: to,
        headers: {
          authorization: ann.authorization,
          'a2a-version': '1.0',
          'content-type': 'application/json',
          ...more,
        },
        payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
      });
    const call = (method: string, params: unknown) => ({ jsonrpc: '2.0', id: 7, method, params });
    const get = call('GetTask', { id: 'msg_x' });
    const withPart = (written: object) =>
      call('SendMessage', { message: { messageId: 'x', parts: [written] } });
    const idIn = async (answer: ReturnType<typeof post>) => (await answer).json().id;
    const beforeReading = [await idIn(post(get, { authorization: 'Bearer x' })), await idIn(post('{'))];
    assert.deepEqual(beforeReading, [null, null]);
    assert.equal(await idIn(post(get, {}, `/a2a/${ann.username}/${agent}`)), 7);
    const cases: [answer: Awaited<ReturnType<typeof post>>, status: number, code: number, reason?: string][] =
      [
        [await post(get, { authorization: 'Bearer x' }), 401, -32_000, 'UNAUTHORIZED'],
        [await post('{'), 400, -32_700, 'INVALID_JSON'],
        [await post([get]), 400, -32_600, 'INVALID_REQUEST'],
        [await post(get, { 'a2a-version': '0.3' }), 200, -32_009, 'VERSION_NOT_SUPPORTED'],
        [await post(get, {}, '/a2a/nobody-there/conn_x'), 404, -32_000, 'USER_NOT_FOUND'],
        [await post(get, {}, `/a2a/${ben.username}/conn_x`), 404, -32_000, 'CONNECTION_NOT_FOUND'],
        [await post(get, {}, `/a2a/${ann.username}/${agent}`), 403, -32_000, 'NOT_FRIENDS'],
        [await post(call('Nothing', {})), 200, -32_601],
        [await post({ id: 1 }), 200, -32_602],
        [await post(get), 200, -32_001, 'TASK_NOT_FOUND'],
        [await post(call('GetTask', { id: '\u0000' })), 400, -32_600, 'INVALID_REQUEST'],
        [await post(call('SendMessage', {})), 200, -32_602, 'INVALID_REQUEST'],
        [
          await post(call('SendMessage', { message: { parts: 5, messageId: {} } })),
          200,
          -32_602,
          'INVALID_REQUEST',
        ],
        [await post(call('SendMessage', { message: 'x' })), 200, -32_602, 'INVALID_REQUEST'],
        [
          await post(call('SendStreamingMessage', { message: { messageId: 'x', parts: [null] } })),
          200,
          -32_602,
          'INVALID_REQUEST',
        ],
        [await post(withPart({ text: { a: 1 } })), 200, -32_602, 'INVALID_REQUEST'],
        [await post(withPart({ text: 5 })), 200, -32_602, 'INVALID_REQUEST'],
        [await post(withPart({ text: 'x', data: { a: 1 } })), 200, -32_602, 'INVALID_REQUEST'],
        [
          await post('{"jsonrpc":"2.0","id":7,"method":"GetTask","params":{"id":"x","__proto__":1}}'),
          400,
          -32_600,
          'INVALID_REQUEST',
        ],
        [
          await post(JSON.stringify(withPart({ data: { a: 5 } })).replace('"a"', '"\\u005f_proto__"')),
          400,
          -32_600,
          'INVALID_REQUEST',
        ],
        [
          await post(JSON.stringify(withPart({ data: { a: 5 } })).replace('5', '1e999')),
          200,
          -32_602,
          'INVALID_REQUEST',
        ],
        [await post(call('GetTask', { id: 'msg_x', historyLength: -1 })), 200, -32_602, 'INVALID_REQUEST'],
        [await post(call('ListTasks', { historyLength: 'all' })), 200, -32_602, 'INVALID_REQUEST'],
        [
          await post(
            call('SendMessage', {
              message: { messageId: 'x', parts: [{ text: 'hi' }] },
              configuration: { historyLength: 1.5 },
            }),
          ),
          200,
          -32_602,
          'INVALID_REQUEST',
        ],
        [await post(call('ListTasks', { pageSize: 101 })), 200, -32_602, 'INVALID_REQUEST'],
        [await post(call('ListTasks', { pageToken: 'x' })), 200, -32_602, 'INVALID_REQUEST'],
        [await post(call('ListTasks', { status: 'SOON' })), 200, -32_602, 'INVALID_REQUEST'],
        [
          await post(call('CreateTaskPushNotificationConfig', {})),
          200,
          -32_003,
          'PUSH_NOTIFICATION_NOT_SUPPORTED',
        ],
      ];
    for (const [answer, status, code, reason] of cases) {
      const { error } = answer.json();
      const expected = [status, code, reason];
      assert.deepEqual(
        [answer.statusCode, error?.code, reason && error?.data?.[0]?.reason],
        expected,
        answer.body,
      );
    }
    const card = `${path}/.well-known/agent-card.json`;
    const headers = { authorization: ann.authorization, host: 'registry.example' };
    const hidden = await here.app.inject({ method: 'GET', url: card, headers });
    assert.equal(hidden.json().code, 'NOT_FOUND');
    const nobody = await here.app.inject({ method: 'GET', url: card });
    assert.deepEqual([nobody.statusCode, nobody.headers['www-authenticate']], [401, 'Bearer']);
  });

  test('a key does what its scope says', async () => {
    const { ann, ben, agent, client } = await pair('scopes');
    const { id } = await ask(client, 'Mine');
    const agentUrl = `${url}/a2a/${ben.username}/${agent}`;
    const keyed = async (more: object) =>
      a2aClient(agentUrl, (await ann.ok('POST', '/auth/keys', { name: 'a key', ...more })).api_key);
    const reader = await keyed({ scope: 'read' });
    assert.equal((await get(reader, id)).id, id);
    assert.equal((await reader.listTasks(listing())).tasks.length, 1);
    const cancel = (of: Client) => errorOf(of.cancelTask({ tenant: '', id, metadata: undefined }));
    assert.equal(await errorOf(ask(reader, 'no')), 'INSUFFICIENT_SCOPE');
    assert.equal(await cancel(reader), 'INSUFFICIENT_SCOPE');

    const connection_id = await ann.connectPolling('own');
    const own = await keyed({ scope: 'agent', connection_id });
    assert.equal(await cancel(own), 'TaskNotFoundError');
    assert.equal(await errorOf(own.listTasks(listing())), 'INSUFFICIENT_SCOPE');
    const mine = await ask(own, 'Of this agent');
    assert.equal((await get(own, mine.id)).id, mine.id);
    // The answer is its agent's, which fetches it itself.
    await ben.send(ann, 'For you', { in_response_to: mine.id });
    assert.equal(answerIn(await get(own, mine.id)), 'For you');
    const [mail] = await ann.ok('GET', `/inbox?connection_id=${connection_id}`);
    assert.equal(mail.message, 'For you');
  });
});

describe('The relay', () => {
  test('keeps no answer that was seen, and takes what is no answer only when there is nobody else', async () => {
    const both = await pair('relay');
    const { id } = await ask(both.client, 'One');
    await answerNext(both, 'Seen');
    const relayOf = async () =>
      (await both.ann.ok('GET', '/agents')).find((one: { label: string }) => one.label === 'relay');
    const relay = await relayOf();
    assert.equal(relay.health.waiting, 1);
    const { api_key: key } = await both.ann.ok('POST', '/auth/keys', { name: 'reads', scope: 'read' });
    const reader = await a2aClient(`${url}/a2a/${both.ben.username}/${both.agent}`, key);
    assert.equal(answerIn(await get(reader, id)), 'Seen');
    assert.equal((await relayOf()).health.waiting, 1, 'who may only read settles nothing');
    await both.ben.send(both.ann, 'Second', { in_response_to: id });
    await get(both.client, id);
    const [{ health }] = await both.ann.ok('GET', '/agents');
    assert.equal(health.waiting, 0);
    const [seen] = await both.ben.ok('GET', '/messages?direction=sent&limit=1');
    assert.equal(seen.status, 'delivered');

    const news = await both.ben.send(both.ann, 'News');
    assert.equal(
      (await both.ann.ok('GET', `/inbox?connection_id=${relay.id}`))[0].message_id,
      news.json.message_id,
    );
    const inbox = await both.ann.connectPolling('inbox');
    await both.ben.send(both.ann, 'More news');
    assert.equal((await both.ann.ok('GET', `/inbox?connection_id=${inbox}`))[0].message, 'More news');
    const next = await ask(both.client, 'Two');
    await answerNext(both, 'For the relay');
    assert.deepEqual(await both.ann.ok('GET', `/inbox?connection_id=${inbox}&limit=1`), []);
    assert.equal(answerIn(await get(both.client, next.id)), 'For the relay');
  });

  test('needs room, as any agent', async () => {
    await using small = await testApp(() => ({}), { AGENTS_PER_USER: '1' });
    const at = await small.app.listen({ host: '127.0.0.1', port: 0 });
    const { ann, client } = await pairOn(small.app, at, 'small');
    await ann.connectPolling('only');
    assert.equal(await errorOf(ask(client, 'hi')), 'QUOTA_EXCEEDED');
  });
});

describe('Waits', () => {
  test('count as streams; a send that cannot wait is answered at once', { timeout: 60_000 }, async () => {
    const both = await pair('streams');
    const left = new AbortController();
    const stream = both.client.sendMessageStream(asking('One'), { signal: left.signal });
    assert.equal(shortly((await stream.next()).value ?? { payload: undefined }), 'SUBMITTED');
    assert.equal(await errorOf(both.client.sendMessageStream(asking('Two')).next()), 'TOO_MANY_STREAMS');
    assert.equal((await both.client.listTasks(listing())).tasks.length, 1);
    assert.equal(stateIn(taskIn(await both.client.sendMessage(asking('Three')))), 'SUBMITTED');
    left.abort();
    await assert.rejects(stream.next());
  });

  test('end when the client leaves', { timeout: 60_000 }, async () => {
    const both = await pair('leaving');
    await until(() => listeners.count <= idle);
    for (const streams of [false, true]) {
      const left = new AbortController();
      const options = { signal: left.signal };
      const waiting = streams
        ? both.client.sendMessageStream(asking('hi'), options).next()
        : both.client.sendMessage(asking('hi'), options);
      await until(() => listeners.count > idle);
      left.abort();
      await waiting.catch(() => undefined);
      await until(() => listeners.count <= idle);
    }
  });

  test('end with the key', { timeout: 60_000 }, async () => {
    const both = await pair('dead-key');
    const stream = both.client.sendMessageStream(asking('hi'));
    await stream.next();
    await both.ann.ok('POST', '/auth/rotate-key');
    assert.notEqual(await errorOf(stream.next()), 'none');
  });

  test('are ended by a stop, and another process goes on', { timeout: 60_000 }, async () => {
    const both = await pair('processes');
    const second = await testApp(() => here.db);
    const at = await second.app.listen({ host: '127.0.0.1', port: 0 });
    const there = await a2aClient(`${at}/a2a/${both.ben.username}/${both.agent}`, keyOf(both.ann));
    const waiting = there.sendMessage(asking('Across'));
    const mail = await fetchOne(both);
    await second.app.close();
    const cut = taskIn(await waiting);
    assert.deepEqual([cut.id, stateIn(cut)], [mail.message_id, 'WORKING']);
    await both.ben.send(both.ann, 'Here', { in_response_to: mail.message_id });
    assert.equal(answerIn(await get(both.client, cut.id)), 'Here');
    await second[Symbol.asyncDispose]();
  });
});

describe('A list', () => {
  test('has pages, filters, and no more than was asked for', async () => {
    const both = await pair('lists');
    for (const contextId of ['a', 'b', 'a']) await ask(both.client, contextId, { contextId });
    await answerNext(both, 'first');
    const list = (more: Partial<ListTasksRequest>) => both.client.listTasks(listing(more));
    const texts = async (more: Partial<ListTasksRequest>) =>
      (await list(more)).tasks.map(({ history }) => history[0]?.parts[0]?.content?.value);
    assert.deepEqual(await texts({}), ['a', 'b', 'a']);
    assert.deepEqual(await texts({ contextId: 'a' }), ['a', 'a']);
    assert.deepEqual(await texts({ status: 3 }), ['a']);
    assert.deepEqual(await texts({ status: 1, contextId: 'b' }), ['b']);
    assert.deepEqual(await texts({ statusTimestampAfter: new Date(Date.now() + 60_000).toISOString() }), []);
    assert.deepEqual(await texts({ historyLength: 0 }), [undefined, undefined, undefined]);
    const [done] = (await list({ status: 3, includeArtifacts: true })).tasks;
    assert.equal(done && answerIn(done), 'first');
    assert.deepEqual((await list({ status: 3 })).tasks[0]?.artifacts, []);
    const first = await list({ pageSize: 2 });
    assert.deepEqual([first.tasks.length, first.pageSize, first.totalSize], [2, 2, 3]);
    const rest = await list({ pageSize: 2, pageToken: first.nextPageToken });
    assert.deepEqual([rest.tasks.length, rest.nextPageToken], [1, '']);
  });

  test('of somebody who has sent 12,000 messages is looked through in bounded steps', async () => {
    const both = await pair('many');
    const { id } = await ask(both.client, 'The oldest');
    await sql`
      ${numbersTo(12_000)}
      insert into messages (id, sender_id, sender_username, sender_agent, recipient_type, recipient_id, recipient, body,
        payload_type, status, created_at)
      select ${sql.lit(id)} || ${zeroed(9)}, ${both.ann.id}, 'ann', 'test', 'group', 'grp_x', 'grp_x', 'hello', 'text/plain',
        'delivered', 1 from n
    `.execute(here.db.kysely);
    let token = '';
    let pages = 0;
    do {
      const page = await both.client.listTasks(listing({ pageToken: token }));
      token = page.nextPageToken;
      pages += 1;
      if (token === '')
        assert.deepEqual(
          page.tasks.map((task) => task.id),
          [id],
        );
      else assert.deepEqual(page.tasks, []);
    } while (token !== '');
    assert.equal(pages, 2);
  });
});
