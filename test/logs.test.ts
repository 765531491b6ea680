import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import type { AgentDouble } from './world/agent-double.ts';
import type { Client } from './world/client.ts';
import { eventually } from './world/eventually.ts';
import type { ProductProcess } from './world/process.ts';
import { World } from './world/world.ts';

const world = new World({ LOG_LEVEL: 'info' });
let api: ProductProcess;
let worker: ProductProcess;
let agent: AgentDouble;
let ann: Client;
let ben: Client;

before(async () => {
  api = await world.startApi();
  worker = await world.startWorker();
  agent = await world.startAgent();
  ({ ann, ben } = await world.twoFriends(agent));
});
after(() => world[Symbol.asyncDispose]());

const linesWith = (started: ProductProcess, fields: Record<string, unknown>) =>
  started.log().filter((line) => Object.entries(fields).every(([name, value]) => line[name] === value));

test('from the id of a request one search leads to the message, the worker’s attempts and the callback', async () => {
  agent.behave = (_request, response) => response.writeHead(agent.received.length === 1 ? 500 : 200).end();
  const sent = await ann.call(
    'POST',
    '/messages/send',
    { recipient: 'ben', message: 'Hi' },
    { 'x-request-id': 'one-of-mine' },
  );
  const callback = await agent.callback(2);
  const [line] = await eventually(() => {
    const found = linesWith(api, { request_id: 'one-of-mine' });
    return found.length > 0 && found;
  });
  const { message_id, delivery_id } = sent.json;
  assert.partialDeepStrictEqual(line, {
    level: 30,
    name: 'api',
    msg: 'Request answered',
    method: 'POST',
    path: '/api/v1/messages/send',
    status: 200,
    client: '127.0.0.1',
    message_id,
    delivery_id,
  });
  assert.match(String(line?.['user_id']), /^usr_/);
  assert.equal(typeof line?.['duration_ms'], 'number');
  const attempts = await eventually(() => {
    const found = linesWith(worker, { message_id, delivery_id });
    return found.length === 2 && found;
  });
  assert.deepEqual(
    attempts.map(({ msg, attempt, outcome, status_code, next_state }) => [
      msg,
      attempt,
      outcome,
      status_code,
      next_state,
    ]),
    [
      ['Delivery attempted', 1, 'http_status', 500, 'pending'],
      ['Delivery attempted', 2, 'delivered', 200, 'delivered'],
    ],
  );
  assert.equal(callback.headers['x-mahilo-message-id'], message_id);
  assert.equal(callback.headers['x-mahilo-delivery-id'], delivery_id);
});

test('a request is one line, also one that was refused', async () => {
  const ids = ['refused-1', 'refused-2', 'refused-3'];
  const as = (id: string) => ({ 'x-request-id': id });
  await world.nobody.call('GET', '/auth/me', undefined, as('refused-1'));
  await ben.call('POST', '/messages/send', {}, as('refused-2'));
  await ben.call('GET', '/nowhere?api_key=x', undefined, as('refused-3'));
  const lines = await eventually(() => {
    const found = ids.flatMap((request_id) => linesWith(api, { request_id }));
    return found.length >= ids.length && found;
  });
  assert.deepEqual(
    lines.map(({ status, path }) => [status, path]),
    [
      [401, '/api/v1/auth/me'],
      [400, '/api/v1/messages/send'],
      [404, '/api/v1/nowhere'],
    ],
  );
});

test('a registry with nothing to do writes nothing, however often it is probed', async () => {
  const database = new BetterSqlite3(world.databaseFile, { readonly: true });
  const heartbeat = database.prepare('select max(heartbeat_at) from workers').pluck();
  const before = heartbeat.get();
  const written = [api.lines.length, worker.lines.length];
  await eventually(async () => {
    await world.nobody.call('GET', '//health');
    await world.nobody.call('GET', '//ready');
    return heartbeat.get() !== before;
  });
  database.close();
  assert.deepEqual([api.lines.slice(written[0]), worker.lines.slice(written[1])], [[], []]);
});
