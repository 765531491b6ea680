import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Client } from '@a2a-js/sdk/client';
import type { AttemptOutcome } from '@mahilo/shared/attempt-outcomes';
import { a2aClient, answerIn, ask, asking, shortly, stateIn, taskIn } from './a2a-client.ts';
import { answerNext, errorOf, fetchOne, get, keyOf, pairOn } from './a2a-pair.ts';
import { type TestApp, testApp } from './test-app.ts';

let here: TestApp;
let url: string;

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '100000', STREAMS_PER_USER: '2', TRUSTED_MODE: 'true' });
  url = await here.app.listen({ host: '127.0.0.1', port: 0 });
});

after(() => here[Symbol.asyncDispose]());

const pair = (name: string, agentOfBen: object = {}) => pairOn(here.app, url, name, agentOfBen);

describe('The official client', () => {
  test('reads the card of an agent, and what it can do', async () => {
    const { ben, agent, client } = await pair('card', {
      description: 'Knows my calendar.',
      capabilities: ['calendar', 'travel'],
    });
    const card = await client.getAgentCard();
    assert.equal(card.name, 'main');
    assert.equal(card.description, 'Knows my calendar.');
    assert.deepEqual(
      card.skills.map(({ id, tags }) => [id, tags]),
      [
        ['calendar', ['calendar']],
        ['travel', ['travel']],
      ],
    );
    assert.deepEqual(card.supportedInterfaces, [
      {
        url: `${url}/a2a/${ben.username}/${agent}`,
        protocolBinding: 'JSONRPC',
        protocolVersion: '1.0',
        tenant: '',
      },
    ]);
    assert.equal(card.capabilities?.streaming, true);
  });

  test('waits for the answer; the task, the message and the conversation have the same ids', async () => {
    const both = await pair('wait');
    const [answered] = await Promise.all([
      both.client.sendMessage(asking('Are you free?', { contextId: 'dinner' })),
      answerNext(both, 'Yes'),
    ]);
    const task = taskIn(answered);
    assert.deepEqual([stateIn(task), answerIn(task), task.contextId], ['COMPLETED', 'Yes', 'dinner']);
    const message = await both.ann.ok('GET', `/messages/${task.id}`);
    assert.deepEqual(
      [message.message, message.correlation_id, message.payload_type, message.sender_agent],
      ['Are you free?', 'dinner', 'text/plain', 'a2a'],
    );
    assert.deepEqual(task.history[0]?.parts[0]?.content, { $case: 'text', value: 'Are you free?' });
    assert.deepEqual(await get(both.client, task.id), task);
  });

  test('need not wait, and finds the answer later', async () => {
    const both = await pair('later');
    const task = await ask(both.client, 'One');
    assert.equal(stateIn(task), 'SUBMITTED');
    const mail = await fetchOne(both);
    assert.equal(mail.message_id, task.id);
    assert.equal(stateIn(await get(both.client, task.id)), 'WORKING');
    const reply = { recipient: both.ann.username, in_response_to: task.id };
    await both.ben.ok('POST', '/messages/send', {
      ...reply,
      message: '{"free":true}',
      payload_type: 'application/json',
    });
    await both.ben.ok('POST', '/messages/send', { ...reply, message: 'A second answer' });
    const done = await get(both.client, task.id);
    assert.deepEqual([stateIn(done), answerIn(done)], ['COMPLETED', { free: true }]);
  });

  test('hears in a stream how far a task is', async () => {
    const both = await pair('stream');
    const seen: string[] = [];
    for await (const event of both.client.sendMessageStream(asking('Tell me'))) {
      seen.push(shortly(event));
      if (seen.length === 1) {
        const mail = await fetchOne(both);
        await both.ben.ok('POST', '/inbox/ack', { delivery_ids: [mail.delivery_id] });
      }
      if (seen.length === 2) {
        const [{ id }] = await both.ann.ok('GET', '/messages?direction=sent&limit=1');
        await both.ben.send(both.ann, 'Told', { in_response_to: id });
      }
    }
    assert.deepEqual(seen, ['SUBMITTED', 'WORKING', 'artifact', 'COMPLETED']);
  });

  test('comes back to a task, until it is over', async () => {
    const both = await pair('return');
    const { id } = await ask(both.client, 'One');
    const seen: string[] = [];
    for await (const event of both.client.resubscribeTask({ tenant: '', id })) {
      seen.push(shortly(event));
      if (seen.length === 1) await answerNext(both, 'Done');
    }
    assert.deepEqual([seen[0], ...seen.slice(-2)], ['SUBMITTED', 'artifact', 'COMPLETED']);
    const again = both.client.resubscribeTask({ tenant: '', id }).next();
    assert.equal(await errorOf(again), 'UnsupportedOperationError');
  });

  test('two at once each get their own answer', async () => {
    const both = await pair('two');
    const other = await a2aClient(`${url}/a2a/${both.ben.username}/${both.agent}`, keyOf(both.ann));
    const [one, two] = await Promise.all([
      both.client.sendMessage(asking('one')),
      other.sendMessage(asking('two')),
      (async () => {
        const first = await fetchOne(both);
        const second = await fetchOne(both);
        for (const { message, message_id } of [second, first]) {
          await both.ben.send(both.ann, `to ${message}`, { in_response_to: message_id });
        }
      })(),
    ]);
    assert.deepEqual([answerIn(taskIn(one)), answerIn(taskIn(two))], ['to one', 'to two']);
  });

  test('sends no message twice', async () => {
    const { client } = await pair('twice');
    const request = { messageId: 'the-same' };
    const [one, two] = await Promise.all([ask(client, 'hi', request), ask(client, 'hi', request)]);
    assert.equal(one.id, two.id);
    assert.equal(await errorOf(ask(client, 'other', request)), 'IDEMPOTENCY_CONFLICT');
  });
});

describe('A cancelled task', () => {
  const cancel = (client: Client, id: string) => client.cancelTask({ tenant: '', id, metadata: undefined });

  test('is never delivered, unless somebody has it', async () => {
    const both = await pair('cancel');
    const { id } = await ask(both.client, 'No');
    const other = await ask(both.client, 'Yes');
    assert.equal(stateIn(await cancel(both.client, id)), 'CANCELED');
    assert.equal((await fetchOne(both)).message_id, other.id);
    assert.equal(await errorOf(cancel(both.client, other.id)), 'TaskNotCancelableError');
    assert.equal(await errorOf(cancel(both.client, id)), 'TaskNotCancelableError');
    assert.equal(stateIn(await get(both.client, id)), 'CANCELED');
    assert.deepEqual(await both.ben.ok('GET', `/inbox?connection_id=${both.agent}`), []);
  });

  test('and a fetch at the same moment: one of them has the message', async () => {
    const both = await pair('race');
    for (let n = 0; n < 20; n += 1) {
      const { id } = await ask(both.client, `${n}`);
      const [cancelled, fetched] = await Promise.all([
        errorOf(cancel(both.client, id)),
        both.ben.ok('GET', `/inbox?connection_id=${both.agent}`),
      ]);
      assert.equal(cancelled === 'none', fetched.length === 0);
      const ids = fetched.map((mail: { delivery_id: string }) => mail.delivery_id);
      await both.ben.ok('POST', '/inbox/ack', { delivery_ids: ids });
    }
  });

  test('ends the stream of who waits for it', async () => {
    const both = await pair('cancel-stream');
    const seen: string[] = [];
    for await (const event of both.client.sendMessageStream(asking('Tell me'))) {
      seen.push(shortly(event));
      if (event.payload?.$case === 'task') await cancel(both.client, event.payload.value.id);
    }
    assert.deepEqual(seen, ['SUBMITTED', 'CANCELED']);
  });

  test('may have been tried in vain, but not where the agent may have it', async () => {
    const both = await pair('tried');
    const tried = async (outcome: AttemptOutcome, status: number | null, error: string) => {
      const { id } = await ask(both.client, outcome);
      const delivery = id.replace('msg', 'dlv');
      const row = {
        delivery_id: delivery,
        attempt: 1,
        started_at: 1,
        duration_ms: 1,
        outcome,
        status_code: status,
        error,
      };
      await here.db.write((trx) =>
        trx
          .insertInto('delivery_attempts')
          .values({ ...row, response_excerpt: null })
          .execute(),
      );
      return errorOf(cancel(both.client, id));
    };
    assert.equal(await tried('connection', null, 'The connection was refused.'), 'none');
    assert.equal(await tried('dns', null, ''), 'none');
    assert.equal(await tried('http_status', 503, ''), 'none');
    assert.equal(await tried('http_status', 500, ''), 'TaskNotCancelableError');
    assert.equal(await tried('timeout', null, ''), 'TaskNotCancelableError');
    assert.equal(
      await tried('connection', null, 'The connection was closed before an answer.'),
      'TaskNotCancelableError',
    );
  });
});
