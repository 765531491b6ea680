import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentDouble } from './world/agent-double.ts';
import type { Client } from './world/client.ts';
import { eventually } from './world/eventually.ts';
import { InProcessWorld } from './world/in-process-world.ts';
import type { Logging } from './world/logging.ts';
import type { ProductProcess } from './world/process.ts';
import type { Surroundings } from './world/surroundings.ts';

const LEASE_MS = 1500;

async function sendMany(from: Client, to: Client, count: number, more = {}): Promise<string[]> {
  const sent = await Promise.all(
    Array.from({ length: count }, (_, n) => from.send(to, `message ${n}`, more)),
  );
  return sent.map(({ message_id }) => message_id);
}

function deliveredIds(agent: AgentDouble): string[] {
  return agent.received.map(({ json }) => String(json['message_id']));
}

/** Outbox rows by state, read from outside. */
async function states({ store }: Surroundings): Promise<Record<string, number>> {
  const rows = await store.query<{ state: string; n: number }>(
    'select state, count(*) as n from outbox group by state',
  );
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
}

function attemptsBy(worker: Logging): number {
  return worker.log().filter(({ msg }) => msg === 'Delivery attempted').length;
}

/** Freezes a process, but not while it holds the write lock: everybody would wait for it, and the test would prove nothing. */
async function freeze(worker: ProductProcess, { store }: Surroundings): Promise<void> {
  for (let isFree = false; !isFree; ) {
    worker.child.kill('SIGSTOP');
    isFree = await store.isLockFree();
    if (!isFree) worker.child.kill('SIGCONT');
  }
}

test('two workers on one file deliver each message once, and both take part', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  const agent = await world.startAgent();
  const bothRun = Promise.withResolvers<void>();
  agent.behave = (_request, response) => {
    const answer = () => void response.writeHead(200).end();
    void bothRun.promise.then(() => setTimeout(answer, 100));
  };
  const { ann, ben } = await world.twoFriends(agent);
  const connections = [];
  for (let n = 0; n < 20; n++) connections.push(await ben.connect(agent.url, `agent ${n}`));
  const sent: string[] = [];
  for (const { connection_id } of connections) {
    sent.push(...(await sendMany(ann, ben, 40, { recipient_connection_id: connection_id })));
  }
  const workers = await Promise.all([world.startWorkerProcess(), world.startWorker({ LOG_LEVEL: 'info' })]);
  bothRun.resolve();
  await eventually(async () => (await states(world))['delivered'] === sent.length);
  assert.deepEqual(deliveredIds(agent).sort(), sent.sort());
  for (const worker of workers) assert.ok(attemptsBy(worker) > 0, 'a worker starved');
});

test('a worker that is killed in the middle of a delivery loses it to another one', async () => {
  await using world = new InProcessWorld({ LEASE_MS: String(LEASE_MS) });
  await world.startApi();
  const agent = await world.startAgent();
  agent.behave = () => undefined;
  const { ann, ben } = await world.twoFriends(agent);
  const worker = await world.startWorkerProcess();
  const [id] = await sendMany(ann, ben, 1);
  await agent.callback();
  await worker.kill('SIGKILL');
  agent.behave = (_request, response) => response.writeHead(200).end();
  await world.startWorker();
  await eventually(async () => (await states(world))['delivered'] === 1);
  assert.deepEqual(deliveredIds(agent), [id, id]);
});

test('a worker that wakes after its lease has expired changes nothing', async () => {
  await using world = new InProcessWorld({ LEASE_MS: String(LEASE_MS), CALLBACK_TIMEOUT_MS: '60000' });
  await world.startApi();
  const agent = await world.startAgent();
  let answerFirst = () => {};
  agent.behave = (_request, response) => {
    if (agent.received.length === 1) answerFirst = () => response.writeHead(500).end('too late');
    else response.writeHead(200).end();
  };
  const { ann, ben } = await world.twoFriends(agent);
  const frozen = await world.startWorkerProcess();
  const [id] = await sendMany(ann, ben, 1);
  await agent.callback();
  await freeze(frozen, world);
  await world.startWorker();
  await agent.callback(2);
  await eventually(async () => (await states(world))['delivered'] === 1);

  answerFirst();
  frozen.child.kill('SIGCONT');
  await frozen.logged(/^Lease was lost/);
  assert.deepEqual(await states(world), { delivered: 1 });
  const message = await ann.ok('GET', `/messages/${id}`);
  assert.equal(message.deliveries[0].attempts, 1, 'the late outcome was recorded');
});

test('SIGTERM lets what is in flight finish, leases nothing more, and exits cleanly', async () => {
  await using world = new InProcessWorld({ LANE_CONCURRENCY: '1' });
  await world.startApi();
  const agent = await world.startAgent();
  let finish = () => {};
  agent.behave = (_request, response) => {
    finish = () => response.writeHead(200).end();
  };
  const { ann, ben } = await world.twoFriends(agent);
  const worker = await world.startWorkerProcess();
  await sendMany(ann, ben, 2);
  await agent.callback();
  worker.child.kill('SIGTERM');
  await worker.logged('Worker is stopping');
  finish();
  assert.equal(await worker.ended, 0);
  assert.deepEqual(await states(world), { delivered: 1, pending: 1 });
});

test('a stop that takes too long gives the lease back, so that nobody waits for it to expire', async () => {
  await using world = new InProcessWorld({ SHUTDOWN_TIMEOUT_MS: '200', CALLBACK_TIMEOUT_MS: '60000' });
  await world.startApi();
  const agent = await world.startAgent();
  agent.behave = () => undefined;
  const { ann, ben } = await world.twoFriends(agent);
  const worker = await world.startWorkerProcess();
  const [id] = await sendMany(ann, ben, 1);
  await agent.callback();
  assert.equal(await worker.kill('SIGTERM'), 0);
  assert.deepEqual(await states(world), { pending: 1 });
  const message = await ann.ok('GET', `/messages/${id}`);
  assert.equal(message.deliveries[0].attempts, 0, 'our stop used up an attempt of the receiver');
});

test('a backlog of one hanging agent does not delay another', async () => {
  await using world = await InProcessWorld.start({ CALLBACK_TIMEOUT_MS: '60000', WORKER_CONCURRENCY: '16' });
  const hanging = await world.startAgent();
  const { ann, ben } = await world.twoFriends(hanging);
  await world.prove(ann, ben);
  hanging.behave = () => undefined;
  await sendMany(ann, ben, 200);
  const quick = await world.startAgent();
  const cid = await world.nobody.register('cid');
  await cid.connect(quick.url);
  await ann.befriend(cid);
  await sendMany(ann, cid, 50);
  await eventually(() => quick.received.length === 50);
  assert.equal(hanging.received.length, 1 + 4, 'the hanging agent has more in flight than its lane allows');
});

test('a failing agent is probed one callback at a time, and the messages behind keep their attempts', async () => {
  await using world = await InProcessWorld.start({
    BREAKER_FAILURES: '3',
    BREAKER_MAX_MS: '100',
    MAX_RETRIES: '100',
  });
  const agent = await world.startAgent();
  let inFlight = 0;
  let most = 0;
  let healthy = false;
  agent.behave = (_request, response) => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    setTimeout(() => {
      inFlight -= 1;
      response.writeHead(healthy ? 200 : 500).end();
    }, 20);
  };
  const { ann, ben } = await world.twoFriends(agent);
  const sent = await sendMany(ann, ben, 40);
  await eventually(() => agent.received.length >= 8);
  most = 0;
  const before = agent.received.length;
  await eventually(() => agent.received.length >= before + 5);
  assert.equal(most, 1, 'more than one probe at a time');
  assert.ok(
    new Set(deliveredIds(agent)).size < sent.length,
    'the messages behind were tried one after the other',
  );
  healthy = true;
  await eventually(async () => (await states(world))['delivered'] === sent.length);
});
