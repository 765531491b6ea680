import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Delivery, type Fetch, Mahilo, MahiloError } from '@mahilo/client';
import { expireLeases } from '../inbox/scene.ts';
import { eventually } from '../world/eventually.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { people } from './people.ts';

const statusOf = async (person: Mahilo, { message_id }: { message_id: string }) =>
  (await person.request('GET', `/messages/${message_id}`)).status;

test('a message is acknowledged once the body of the loop has ended, and not before', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  const { ann, ben, connectionId } = await people(world);
  const sent = [];
  for (const message of ['one', 'two', 'three']) sent.push(await ann.send({ to: 'ben', message }));
  const got: string[] = [];
  let before: Delivery | undefined;
  for await (const delivery of ben.inbox({ connectionId, waitSeconds: 0 })) {
    got.push(delivery.message);
    assert.equal(await statusOf(ben, delivery), 'pending');
    const done = before;
    if (done) await eventually(async () => (await statusOf(ben, done)) === 'delivered');
    before = delivery;
  }
  assert.deepEqual(got, ['one', 'two', 'three']);
  for (const message of sent) assert.equal(await statusOf(ann, message), 'delivered');
});

test('a loop that ends by break or an error acknowledges what is done, and not what is not', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  const { ann, ben, scene } = await people(world);
  for (const message of ['one', 'two', 'three', 'four']) await ann.send({ to: 'ben', message });
  const fails = async () => {
    for await (const { message } of ben.inbox()) if (message === 'two') throw new Error('cannot do two');
  };
  await assert.rejects(fails, { message: 'cannot do two' });
  await expireLeases(scene);
  const got: string[] = [];
  for await (const { message } of ben.inbox()) {
    got.push(message);
    if (message === 'three') break;
  }
  await expireLeases(scene);
  for await (const { message } of ben.inbox({ waitSeconds: 0 })) got.push(message);
  assert.deepEqual(got, ['two', 'three', 'three', 'four']);
});

test('what is done before a break can be acknowledged by hand', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  const { ann, ben } = await people(world);
  const sent = await ann.send({ to: 'ben', message: 'only one' });
  for await (const { receipt } of ben.inbox()) {
    assert.deepEqual(await ben.acknowledge([receipt]), { acknowledged: 1 });
    break;
  }
  assert.equal(await statusOf(ann, sent), 'delivered');
  assert.deepEqual(await ben.acknowledge([]), { acknowledged: 0 });
});

test('the inbox goes on through a restart of the registry, and what is done meanwhile is acknowledged after it', async () => {
  await using world = new InProcessWorld();
  const api = await world.startApi();
  const { ann, ben } = await people(world);
  await ann.send({ to: 'ben', message: 'before' });
  const got: string[] = [];
  const controller = new AbortController();
  let restarting: Promise<unknown> | undefined;
  for await (const { message } of ben.inbox({ signal: controller.signal })) {
    got.push(message);
    if (message === 'after') controller.abort();
    if (message !== 'before' || restarting !== undefined) continue;
    await api.close();
    // Meanwhile the loop acknowledges and waits for the next message.
    restarting = world.startApi().then(() => ann.send({ to: 'ben', message: 'after' }));
  }
  await restarting;
  assert.deepEqual(got, ['before', 'after']);
  for await (const { status } of ann.pages('/messages')) assert.equal(status, 'delivered');
});

test('messages that are done faster than they are acknowledged share an acknowledgement', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  const { ann, benKey } = await people(world);
  for (let i = 0; i < 30; i++) await ann.send({ to: 'ben', message: `${i}` });
  const asked: string[] = [];
  const counting: Fetch = (url, request) => {
    asked.push(new URL(String(url)).pathname);
    return fetch(url, request);
  };
  const ben = new Mahilo({ url: world.url, key: benKey, fetch: counting });
  let count = 0;
  for await (const _ of ben.inbox({ waitSeconds: 0, limit: 30 })) count++;
  assert.equal(count, 30);
  assert.ok(asked.filter((path) => path.endsWith('/ack')).length <= 3, asked.join());
});

test('an aborted inbox ends without an error, at once where it waits', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  const { ben } = await people(world);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  for await (const _ of ben.inbox({ signal: controller.signal })) assert.fail('There is no message.');
  for await (const _ of ben.inbox({ signal: AbortSignal.abort() })) assert.fail('There is no message.');
});

test('the inbox gives up where nothing can help', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  const { ben } = await people(world);
  const waiting = ben.inbox({ waitSeconds: 1 }).next();
  await ben.request('POST', '/auth/rotate-key');
  await assert.rejects(waiting, (error: MahiloError) => error.code === 'UNAUTHORIZED');

  const nowhere: Fetch = () => Promise.reject(new TypeError('fetch failed'));
  const lost = new Mahilo({ url: 'http://127.0.0.1:1', key: 'mhl_x', fetch: nowhere, retries: 1 });
  await assert.rejects(
    lost.inbox().next(),
    (error) => error instanceof MahiloError && error.code === 'UNREACHABLE',
  );
});
