import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AgentDouble } from '../world/agent-double.ts';
import { eventually } from '../world/eventually.ts';
import { InProcessWorld } from '../world/in-process-world.ts';

/** Nobody is in it. */
const empty = new InProcessWorld();
before(() => empty.startApi());
after(() => empty[Symbol.asyncDispose]());

/** Runs an action on the queue that must succeed. */
async function queue(world: InProcessWorld, ...toolArguments: string[]) {
  const run = await world.admin(['queue', ...toolArguments, '--json']);
  assert.equal(run.code, 0, run.stderr);
  return run.json;
}

/** Friends, and an agent with so many dead letters, while everything runs. */
async function withDeadLetters(world: InProcessWorld, agent: AgentDouble, count: number) {
  const friends = await world.twoFriends(agent);
  agent.behave = (_request, response) => response.writeHead(500).end();
  for (let n = 1; n <= count; n++) await friends.ann.send(friends.ben, `This fails, ${n}`);
  await eventually(async () => (await queue(world, 'list')).dead_letters === count);
  return friends;
}

test('an empty queue is said to be one', async () => {
  const run = await empty.adminProcess(['queue', 'list']);
  assert.equal(run.code, 0);
  assert.equal(run.stdout, 'Nothing is owed to anybody, and there are no dead letters.\n');
});

test('the queue is shown by destination, and what is in it one by one, but never what a message says', async () => {
  await using world = new InProcessWorld({ MAX_RETRIES: '100', RETRY_BASE_MS: '60000' });
  await world.startApi();
  await world.startWorker();
  const agent = await world.startAgent();
  const { ann, ben, connectionId } = await world.twoFriends(agent);
  const polling = await ben.ok('POST', '/agents', { framework: 'test', label: 'polls', mode: 'polling' });
  await agent.stop();
  const first = await ann.send(ben, 'secret words', { routing_hints: { labels: ['main'] } });
  await eventually(async () => {
    const { deliveries } = await ann.ok('GET', `/messages/${first.message_id}`);
    return deliveries[0].attempts === 1;
  });
  await ann.send(ben, 'secret words', { routing_hints: { labels: ['polls'] } });

  const list = await queue(world, 'list', '--user', 'ben');
  assert.deepEqual([list.waiting, list.dead_letters, list.is_complete], [2, 0, true]);
  const ids = list.destinations.map((row: { connection_id: string }) => row.connection_id);
  assert.deepEqual(ids.sort(), [connectionId, polling.connection_id].sort());
  const text = (await world.admin(['queue', 'list'])).stdout;
  assert.match(text, /^2 waiting, 0 in flight, 0 dead letters, for 2 agents\.\n\nConnection +User/);
  assert.match(text, /ben +test\/main +1 +0 +0 +in \d+ (?:s|min) +1 failure, failing for/);
  assert.match(text, /ben +test\/polls +1 +0 +0 .* ago +the agent polls/);

  const delivery = await queue(world, 'show', first.delivery_id);
  assert.deepEqual([delivery.state, delivery.sender, delivery.attempts.length], ['pending', 'ann', 1]);
  assert.deepEqual(delivery.attempts[0].outcome, 'connection');
  assert.equal((await queue(world, 'show', connectionId)).deliveries[0].id, first.delivery_id);
  assert.equal((await queue(world, 'show', first.message_id)).deliveries[0].id, first.delivery_id);
  for (const id of [connectionId, first.delivery_id, first.message_id]) {
    const run = await world.admin(['queue', 'show', id]);
    assert.match(run.stdout, new RegExp(first.delivery_id));
    assert.doesNotMatch(run.stdout, /secret words/);
  }
});

test('dead letters are counted by a dry run, and go out again when they are requeued', async () => {
  await using world = await InProcessWorld.start({ MAX_RETRIES: '0' });
  const agent = await world.startAgent();
  const { connectionId } = await withDeadLetters(world, agent, 3);
  const dry = await queue(world, 'requeue', '--all', '--dry-run');
  assert.deepEqual([dry.requeued, dry.dry_run], [3, true]);
  assert.equal((await queue(world, 'list')).dead_letters, 3, 'nothing was changed');
  const later = await queue(world, 'requeue', '--connection', connectionId, '--since', '2999-01-01');
  assert.equal(later.requeued, 0);

  agent.received.length = 0;
  agent.behave = (_request, response) => response.writeHead(200).end();
  const done = await queue(world, 'requeue', '--connection', connectionId, '--since', '1h');
  assert.deepEqual(done, { requeued: 3, agents: 1, skipped: [], dry_run: false });
  await agent.callback(3);
  await eventually(async () => (await queue(world, 'list')).destinations.length === 0);
});

test('dead letters that nobody would take are left out, with the reason', async () => {
  await using world = await InProcessWorld.start({ MAX_RETRIES: '0' });
  const agent = await world.startAgent();
  const { ann, ben, connectionId } = await withDeadLetters(world, agent, 1);
  agent.behave = (_request, response) => response.writeHead(410).end();
  await ann.send(ben, 'It is gone.');
  await eventually(async () => (await queue(world, 'show', connectionId)).status === 'inactive');
  const { requeued, skipped } = await queue(world, 'requeue', '--all');
  assert.equal(requeued, 0);
  assert.deepEqual(skipped[0].connection_id, connectionId);
  assert.match(skipped[0].reason, /^it is inactive/);
});

test('what cannot be done is told in a sentence, with exit code 1', async () => {
  for (const [toolArguments, sentence] of [
    [['show'], /^show needs exactly one ID\./],
    [['show', 'conn_nowhere'], /^There is no connection conn_nowhere\.$/m],
    [['show', 'dlv_nowhere'], /^There is no delivery dlv_nowhere\.$/m],
    [['show', 'msg_nowhere'], /^There is no delivery of a message msg_nowhere\.$/m],
    [['show', 'constructor'], /^An ID begins with/],
    [['requeue'], /^Give either --connection ID or --all\./],
    [['requeue', '--all', '--connection', 'x'], /^Give either --connection ID or --all\./],
    [['requeue', '--all', '--since', 'yesterday'], /^--since must be a time/],
    [['requeue', '--connection', 'conn_nowhere'], /^There is no connection conn_nowhere\.$/m],
  ] as const) {
    const run = await empty.admin(['queue', ...toolArguments]);
    assert.equal(run.code, 1, run.stdout);
    assert.match(run.stderr, sentence);
  }
});
