import assert from 'node:assert/strict';
import { test } from 'node:test';
import { thoroughly } from '@mahilo/shared/test/thoroughly';
import BetterSqlite3 from 'better-sqlite3';
import type { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { World } from '../world/world.ts';
import { KINDS, logged, type Seen } from './clients.ts';
import { Follower } from './follower.ts';

const ROUNDS = thoroughly({ inCi: 4, elsewhere: 2 });
const MESSAGES = thoroughly({ inCi: 150, elsewhere: 90 });
const NAMES = ['ann', 'ben', 'cora'] as const;

/** The log of a user, as it stands in the database. */
function logOf(file: string, username: string): Seen[] {
  const db = new BetterSqlite3(file, { readonly: true });
  const rows = db
    .prepare<[string], { id: number; type: string; data_json: string; created_at: number }>(
      'select events.* from events join users on users.id = user_id where username = ? order by events.id',
    )
    .all(username);
  db.close();
  return rows.map(({ id, type, data_json, created_at }) => ({
    id: String(id),
    type,
    timestamp: new Date(created_at).toISOString(),
    data: JSON.parse(data_json),
  }));
}

/** Sends until it is answered, however often the registry is killed meanwhile. */
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

  const expected = await eventually(() => {
    const logs = NAMES.map((name) => logOf(world.databaseFile, name));
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

test('a stream that resumes from before what retention has deleted says so, and has all that is left', async () => {
  await using world = new InProcessWorld();
  await world.startApi();
  const [ann, ben] = [await world.nobody.register('ann'), await world.nobody.register('ben')];
  await ann.befriend(ben);
  for (let n = 0; n < 5; n++) {
    const { friendship_id } = (await ben.ok('GET', '/friends')).map(({ id }: { id: string }) => ({
      friendship_id: id,
    }))[0];
    await ben.ok('DELETE', `/friends/${friendship_id}`);
    await ann.befriend(ben);
  }
  const before = logOf(world.databaseFile, 'ben');
  assert.equal(before.length, 6);
  // As retention does it; a worker would do so only after ten minutes of a clock that it can believe.
  const db = new BetterSqlite3(world.databaseFile);
  db.prepare('delete from events where id <= ?').run(before[3]?.id);
  db.close();
  const left = logOf(world.databaseFile, 'ben');
  assert.equal(left.length, 2);
  for (const kind of KINDS) {
    await using late = await kind.watch(world.url, ben, before[1]?.id);
    await eventually(() => late.seen.length === 3);
    assert.equal(late.seen[0]?.data['events_lost'], true);
    assert.deepEqual(logged(late), left);
    // Whoever goes on from there has lost nothing more.
    await using again = await kind.watch(world.url, ben, late.seen[0]?.id);
    await eventually(() => again.seen.length === 3);
    assert.equal(again.seen[0]?.data['events_lost'], false);
    await using exact = await kind.watch(world.url, ben, before[4]?.id);
    await eventually(() => exact.seen.length === 2);
    assert.equal(exact.seen[0]?.data['events_lost'], false);
  }
});
