import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS, logged } from '../live/clients.ts';
import { logOf } from '../live/event-log.ts';
import { Follower } from '../live/follower.ts';
import type { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import { World } from '../world/world.ts';

const ROUNDS = 4;
const MESSAGES = 150;
const NAMES = ['ann', 'ben', 'cora'] as const;

/** Sends until there is an answer, however often the registry is killed. */
async function sendSurely(sender: Client, recipient: Client, key: string): Promise<void> {
  await eventually(async () => {
    const body = { recipient: recipient.username, message: key, idempotency_key: key };
    const { status } = await sender.call('POST', '/messages/send', body, {}, AbortSignal.timeout(5000));
    return status === 200;
  }, 60_000);
}

test('after a busy run in which everything is killed again and again, every stream has each event once and in order', async () => {
  await using world = new World({ LEASE_MS: '500', MAX_RETRIES: '20' });
  let api = await world.startApi();
  let worker = await world.startWorker();
  const agent = await world.startAgent();
  agent.behave = (_request, response, { headers, json }) => {
    const fails =
      headers['x-mahilo-attempt'] === '1' && Number(String(json['message']).split('-')[1]) % 5 === 0;
    response.writeHead(fails ? 500 : 200).end();
  };
  const people = await Promise.all(NAMES.map((name) => world.nobody.register(name)));
  const followers = people.flatMap((who) => KINDS.map((kind) => new Follower(kind, () => world.url, who)));
  await using _followers = {
    [Symbol.asyncDispose]: async () =>
      void (await Promise.all(followers.map((f) => f[Symbol.asyncDispose]()))),
  };
  for (const who of people) await who.connect(agent.url);
  for (const [i, who] of people.entries()) await who.befriend(people[(i + 1) % 3] ?? who);

  let sent = 0;
  const sending = people.map(async (who, i) => {
    for (let n = 0; n < MESSAGES / 3; n++) {
      await sendSurely(who, people[(i + 1 + (n % 2)) % 3] ?? who, `${who.username}-${n}`);
      sent += 1;
    }
  });
  for (let round = 1; round <= ROUNDS; round++) {
    await eventually(() => sent >= (round * MESSAGES) / (ROUNDS + 2));
    await api.kill('SIGKILL');
    api = await world.startApi();
    for (const follower of followers.slice(0, 3)) follower.cut();
    await worker.kill('SIGKILL');
    worker = await world.startWorker();
  }
  await Promise.all(sending);

  const expected = await eventually(async () => {
    const logs = await Promise.all(NAMES.map((name) => logOf(world, name)));
    const settled = logs.flat().filter(({ type }) => type === 'delivery_status');
    return settled.length === MESSAGES && logs;
  }, 60_000);
  for (const [i, who] of people.entries()) {
    const log = expected[i];
    assert.ok(log && log.length > MESSAGES / 3);
    for (const [k, kind] of KINDS.entries()) {
      const follower = followers[i * KINDS.length + k];
      await eventually(() => follower && follower.seen.length >= log.length);
      assert.deepEqual(follower?.seen, log, `${kind.name}, live, for ${who.username}`);
      assert.ok(Number(follower?.connections) > 1, 'it was cut off');
      await using replay = await kind.watch(world.url, who, '0');
      await eventually(() => logged(replay).length >= log.length);
      assert.deepEqual(logged(replay), log, `${kind.name}, from the beginning, for ${who.username}`);
      assert.equal(replay.seen[0]?.data['events_lost'], false);
    }
  }
});
