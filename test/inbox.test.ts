import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { atOnce, expireLeases, type Fetched, sceneIn, textsOf, waitingPoll } from './inbox/scene.ts';
import { Client } from './world/client.ts';
import { CutProxy } from './world/cut-proxy.ts';
import { eventually } from './world/eventually.ts';
import { InProcessWorld } from './world/in-process-world.ts';

/** For the tests that stop nothing. */
const shared = new InProcessWorld();
before(async () => {
  await shared.startApi();
  await shared.startWorker();
});
after(() => shared[Symbol.asyncDispose]());

/** How long (ms) a bad network holds, as long as something comes through. */
const HOLDS_MS = 150;
test('a poll that waits is answered when a message arrives', async () => {
  const now = await sceneIn(shared);
  const poll = await waitingPoll(now, now.ben);
  await now.ann.send(now.ben, 'hello');
  assert.deepEqual(textsOf((await atOnce(poll.answer)).json), ['hello']);
});

test('a poll of one connection is not answered by what another one is sent', async () => {
  const now = await sceneIn(shared);
  const other = await now.ben.connectPolling('other');
  const poll = await waitingPoll(now, now.ben, `wait=30&connection_id=${now.connectionId}`);
  await now.ann.send(now.ben, 'elsewhere', { recipient_connection_id: other });
  await now.ann.send(now.ben, 'here', { recipient_connection_id: now.connectionId });
  assert.deepEqual(textsOf((await atOnce(poll.answer)).json), ['here']);
  assert.deepEqual(textsOf(await now.ben.fetch()), ['elsewhere']);
});

test('a poll that nothing comes to is answered with an empty list', async () => {
  const now = await sceneIn(shared);
  const { status, json } = await now.ben.call('GET', '/inbox?wait=1');
  assert.deepEqual([status, json], [200, []]);
});

test('a poll that waits is answered when a message is resent', async () => {
  const now = await sceneIn(shared);
  const { delivery_id } = await now.ann.send(now.ben, 'again');
  await now.ben.acknowledge(await now.ben.fetch());
  const poll = await waitingPoll(now, now.ben);
  await now.ann.ok('POST', `/deliveries/${delivery_id}/resend`);
  assert.deepEqual(textsOf((await atOnce(poll.answer)).json), ['again']);
});

test('a poll that waits is answered when another one’s lease ends, also of one that was made meanwhile', async () => {
  await using world = await InProcessWorld.start({ INBOX_LEASE_MS: '700' });
  const now = await sceneIn(world);
  await now.ann.send(now.ben, 'given up');
  const first = await now.ben.fetch();
  const second = await atOnce(now.ben.fetch('wait=30'));
  assert.deepEqual(textsOf(second), textsOf(first));
  const [one, other] = await atOnce(Promise.all([now.ben.fetch('wait=30'), now.ben.fetch('wait=30')]));
  assert.deepEqual([textsOf(one), textsOf(other)], [textsOf(first), textsOf(first)]);
});

test('race: of two polls that wait, one gets each message', async () => {
  const now = await sceneIn(shared);
  const got: string[] = [];
  const wanted = 40;
  const poller = async () => {
    while (got.length < wanted) {
      const fetched: Fetched[] = await now.ben.fetch('wait=2&limit=3');
      got.push(...textsOf(fetched));
      await now.ben.acknowledge(fetched);
    }
  };
  const pollers = [poller(), poller(), poller()];
  for (let n = 0; n < wanted; n++) await now.ann.send(now.ben, String(n));
  await Promise.all(pollers);
  assert.equal(got.length, wanted);
  assert.equal(new Set(got).size, wanted);
});

test('nothing is leased to a client that has gone while it waited', async () => {
  const now = await sceneIn(shared);
  const poll = await waitingPoll(now, now.ben);
  poll.abort();
  await assert.rejects(poll.answer);
  // Before it answers this, the registry has noticed that the client hung up.
  await now.ben.ok('GET', '/auth/me');
  await now.ann.send(now.ben, 'for whoever is there');
  assert.deepEqual(textsOf(await now.ben.fetch()), ['for whoever is there']);
});

test('a poll that waits under a key that is replaced meanwhile gets nothing', async () => {
  const now = await sceneIn(shared);
  const poll = await waitingPoll(now, now.ben);
  const { api_key } = await now.ben.ok('POST', '/auth/rotate-key');
  await now.ann.send(now.ben, 'for the new key');
  const { status, json } = await atOnce(poll.answer);
  assert.deepEqual([status, json.code], [401, 'UNAUTHORIZED']);
  const ben = new Client(() => now.world.url, now.ben.username, api_key);
  assert.deepEqual(textsOf(await ben.fetch()), ['for the new key']);
});

test('an answer that was lost on its way comes again after the lease', async () => {
  const now = await sceneIn(shared);
  await using network = await CutProxy.start(() => now.world.url);
  const far = new Client(() => network.url, now.ben.username, now.ben.apiKey);
  const poll = await waitingPoll(now, far);
  network.loseAnswers = true;
  await now.ann.send(now.ben, 'lost once');
  await eventually(() => network.lostBytes > 0);
  network.cut();
  await assert.rejects(poll.answer);
  assert.deepEqual(await now.ben.fetch(), []);
  await expireLeases(now);
  assert.deepEqual(textsOf(await now.ben.fetch()), ['lost once']);
});

test('an agent without an address converses with one that has, while its network drops again and again', async () => {
  const world = await InProcessWorld.start({ INBOX_LEASE_MS: '500' });
  await using _world = world;
  await using network = await CutProxy.start(() => world.url);
  const agent = await world.startAgent();
  const { ann, ben } = await world.twoFriends(agent);
  await ann.connectPolling('behind a firewall');
  const far = new Client(() => network.url, 'ann', ann.apiKey);
  const turns = 30;
  agent.behave = (_request, response, { json }) => {
    response.writeHead(200).end();
    void ben.send(ann, `answer ${String(json['message'])}`, { idempotency_key: String(json['message_id']) });
  };

  const got: Fetched[] = [];
  const known = new Set<string>();
  const acknowledged = new Set<string>();
  let through = 0;
  let flaky: NodeJS.Timeout | undefined;
  // It holds longer after nothing came through: a busy machine needs more time.
  const dropAfter = (ms: number) => {
    const before = through;
    flaky = setTimeout(() => {
      network.cut();
      setTimeout(() => network.mend(), 20);
      dropAfter(through > before ? HOLDS_MS : ms * 2);
    }, ms);
  };
  dropAfter(HOLDS_MS);
  after(() => clearTimeout(flaky));
  const persist = async <T>(attempt: () => Promise<T>): Promise<T> => {
    const value = await eventually(attempt);
    through += 1;
    return value;
  };
  for (let turn = 0; turn < turns; turn++) {
    await persist(() => far.send(ben, String(turn), { idempotency_key: `turn ${turn}` }));
    while (!known.has(`answer ${turn}`)) {
      const fetched: Fetched[] = await persist(() => far.fetch('wait=5'));
      for (const message of fetched) {
        assert.ok(!acknowledged.has(message.delivery_id), 'what was acknowledged came again');
        known.add(message.message);
      }
      got.push(...fetched);
      await persist(async () => ({ n: await far.acknowledge(fetched) }));
      for (const { delivery_id } of fetched) acknowledged.add(delivery_id);
    }
  }
  clearTimeout(flaky);
  network.mend();

  assert.equal(new Set(agent.received.map(({ json }) => json['message_id'])).size, turns);
  assert.equal(new Set(got.map(({ message_id }) => message_id)).size, turns);
  await eventually(async () => {
    const messages = await ann.ok('GET', '/messages?limit=100');
    return (
      messages.length === 2 * turns &&
      messages.every(({ status }: { status: string }) => status === 'delivered')
    );
  });
});
