import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { after, test } from 'node:test';
import { TestDirectory } from '@mahilo/shared/test/directory';
import BetterSqlite3 from 'better-sqlite3';
import type { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import { World } from '../world/world.ts';

const IS_CI = process.env['CI'] === 'true';
const SENDERS = 8;

const tools = new TestDirectory();
after(() => tools[Symbol.dispose]());
const LIBRARY = tools.file('keep-synced.so');
const HOLD = tools.file('hold');
const { status: compiled } = spawnSync('cc', [
  ...['-shared', '-fPIC', '-O2', '-o', LIBRARY],
  `${import.meta.dirname}/power-cut/keep-synced.c`,
  '-ldl',
]);

const skip = compiled === 0 ? false : 'there is no C compiler';
if (IS_CI) test('a C compiler is installed where CI runs', () => assert.equal(skip, false));

/** A world whose processes keep a copy of what was synced of the database. */
function fragileWorld(): World {
  // No process may have to wait for the lease of one that the cut has ended.
  return new World({ LD_PRELOAD: LIBRARY, SYNC_HOLD: HOLD, LEASE_MS: '2000' });
}

/** Cuts the power: every process ends, and only what was synced is left of the database. */
async function cutPower(world: World): Promise<void> {
  await world.killAll();
  for (const file of [world.databaseFile, `${world.databaseFile}-wal`]) copyFileSync(`${file}.synced`, file);
  rmSync(`${world.databaseFile}-shm`, { force: true });
}

function read<T>(world: World, question: (db: BetterSqlite3.Database) => T): T {
  const db = new BetterSqlite3(world.databaseFile);
  try {
    return question(db);
  } finally {
    db.close();
  }
}

const newestEvent = (world: World) =>
  Number(read(world, (db) => db.prepare('select max(id) from events').pluck().get()));

async function statusOf(sender: Client, messageId: unknown): Promise<unknown> {
  return (await sender.ok('GET', `/messages/${messageId}`)).status;
}

test('a power cut may forget an outcome of the last moment: it is delivered again, under new event ids', {
  skip,
}, async () => {
  await using world = fragileWorld();
  const agent = await world.startAgent();
  await world.startApi();
  await world.startWorker();
  const { ann, ben } = await world.twoFriends(agent);
  await world.prove(ann, ben);
  const answers: ServerResponse[] = [];
  agent.behave = (_request, response) => void answers.push(response);
  const { message_id: id } = await ann.send(ben, 'Delivered twice');
  await eventually(() => answers.length === 1);

  writeFileSync(HOLD, '');
  answers[0]?.writeHead(200).end();
  await eventually(async () => (await statusOf(ann, id)) === 'delivered');
  const seen = newestEvent(world);
  await cutPower(world);
  rmSync(HOLD);
  agent.behave = (_request, response) => response.writeHead(200).end();

  const stored = read(world, (db) => db.prepare('select status from messages where id = ?').pluck().get(id));
  assert.equal(stored, 'pending', 'the cut has forgotten the outcome, and not the message');
  await world.startApi();
  await world.startWorker();
  await eventually(async () => (await statusOf(ann, id)) === 'delivered');
  const deliveries = agent.received.filter(({ json }) => json['message_id'] === id);
  assert.equal(deliveries.length, 2);
  assert.equal(new Set(deliveries.map(({ json }) => json['delivery_id'])).size, 1);
  const idsAfter = read(world, (db) =>
    db
      .prepare("select id from events where type = 'delivery_status' and data_json like ?")
      .pluck()
      .all(`%${id}%`),
  );
  assert.ok(idsAfter.length === 1 && Number(idsAfter[0]) > seen, `${idsAfter} after ${seen}`);
});

test('no accepted message is forgotten, whenever the power is cut', { skip }, async () => {
  await using world = fragileWorld();
  const agent = await world.startAgent();
  await world.startApi();
  await world.startWorker();
  const { ann, ben } = await world.twoFriends(agent);
  await world.prove(ann, ben);
  const accepted: unknown[] = [];
  for (const round of [1, 2, 3]) {
    const goal = accepted.length + 40 * round;
    const sendUntilCut = async () => {
      for (;;) {
        const answer = await ann.send(ben, 'Accepted').catch(() => undefined);
        if (answer === undefined) return;
        accepted.push(answer.message_id);
      }
    };
    const sending = Array.from({ length: SENDERS }, sendUntilCut);
    await eventually(() => accepted.length >= goal);
    await cutPower(world);
    await Promise.all(sending);
    read(world, (db) => {
      assert.equal(db.pragma('integrity_check', { simple: true }), 'ok');
      const stored = new Set(db.prepare('select id from messages').pluck().all());
      assert.deepEqual(
        accepted.filter((id) => !stored.has(id)),
        [],
      );
    });
    await world.startApi();
    await world.startWorker();
  }
  await eventually(() => {
    const delivered = new Set(agent.received.map(({ json }) => json['message_id']));
    return accepted.every((id) => delivered.has(id));
  });
});
