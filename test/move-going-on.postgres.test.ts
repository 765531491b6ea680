import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectTo } from '@mahilo/shared/test/postgres/databases';
import { SqliteStore } from '@mahilo/shared/test/sqlite-store';
import { Webhook } from 'standardwebhooks';
import { lastId, logged, SSE } from './live/clients.ts';
import type { AgentDouble } from './world/agent-double.ts';
import { compileCache, ROOT } from './world/compile-cache.ts';
import { eventually } from './world/eventually.ts';
import { InProcessWorld } from './world/in-process-world.ts';

const FAILING: AgentDouble['behave'] = (_request, response) => response.writeHead(500).end('no');

/** Moves in a process of its own, which is killed as soon as `moment` resolves. @returns the signal that ended it. */
async function moveKilledAt(
  [from, to]: readonly [string, string],
  moment: () => Promise<unknown>,
): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, ['scripts/admin.ts', 'move', '--from', from, '--to', to], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...compileCache() },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  await moment();
  child.kill('SIGKILL');
  const [, signal] = await ended;
  return signal;
}

async function move(world: InProcessWorld, [from, to]: readonly [string, string]): Promise<void> {
  // Of a process that was killed the server may hear a moment later.
  await eventually(async () => {
    const { code, stderr } = await world.admin(['move', '--from', from, '--to', to]);
    if (/is in use by/.test(stderr)) return false;
    assert.equal(code, 0, stderr);
    return true;
  });
}

/** Runs an API and a worker on a database meanwhile. */
async function running<T>(world: InProcessWorld, url: string, use: () => Promise<T>): Promise<T> {
  const api = await world.startApi({ DATABASE_URL: url });
  const worker = await world.startWorker({ DATABASE_URL: url });
  try {
    return await use();
  } finally {
    await worker.close();
    await api.close();
  }
}

test('what is under way goes on after a move, there and back: keys, secrets, retries that wait, streams', async () => {
  await using world = new InProcessWorld({ MAX_RETRIES: '100' });
  const [file, back] = [new SqliteStore(world.directory).url, join(world.directory, 'back.db')];
  await world.store.makeBare();
  const agent = await world.startAgent();
  const begun = await running(world, file, async () => {
    const { ann, ben, secret } = await world.twoFriends(agent);
    await world.prove(ann, ben);
    agent.behave = FAILING;
    return { ann, ben, secret };
  });
  const { ann, ben, secret } = begun;
  let seen = '0';
  /** A message whose callback fails, on one database. @returns how often it was tried there. */
  const leaveWaiting = (url: string, text: string) =>
    running(world, url, async () => {
      agent.behave = FAILING;
      const before = agent.received.length;
      await using stream = await SSE.watch(world.url, ann, seen);
      const { message_id: id } = await ann.send(ben, text);
      await agent.callback(before + 1);
      await ben.ok('GET', '/auth/me');
      await eventually(async () => (await ann.ok('GET', `/messages/${id}`)).deliveries[0].attempts > 0);
      seen = logged(stream).length > 0 ? lastId(stream) : seen;
      return id;
    });
  /** Goes on with it on the other database. */
  const goOn = (url: string, id: string) =>
    running(world, url, async () => {
      const waiting = await ann.ok('GET', `/messages/${id}`);
      assert.equal(waiting.status, 'pending');
      await using stream = await SSE.watch(world.url, ann, seen);
      agent.received.length = 0;
      agent.behave = (_request, response) => response.writeHead(200).end('ok');
      const { headers, body, json } = await agent.callback();
      assert.equal(json['message_id'], id);
      assert.ok(Number(headers['x-mahilo-attempt']) > 1, 'it is a later attempt of the same delivery');
      new Webhook(secret).verify(body, headers as Record<string, string>);
      await eventually(() =>
        logged(stream).some(({ type, data }) => type === 'delivery_status' && data['message_id'] === id),
      );
      assert.ok(logged(stream).every((event) => Number(event.id) > Number(seen)));
      seen = lastId(stream);
    });

  const first = await leaveWaiting(file, 'one');
  await move(world, [file, world.store.url]);
  await goOn(world.store.url, first);
  const second = await leaveWaiting(world.store.url, 'two');
  await move(world, [world.store.url, back]);
  await goOn(back, second);
});

test('a move that is killed half-way has changed nothing, and is made again', async () => {
  await using world = new InProcessWorld();
  const { store } = world;
  const [file, back] = [new SqliteStore(world.directory).url, join(world.directory, 'back.db')];
  await running(world, file, async () => {
    const { ann, ben } = await world.twoFriends(await world.startAgent());
    for (const text of ['one', 'two']) await ann.send(ben, text);
  });
  await store.make();

  // The tables before that of the events are full then.
  const [gate, onlooker] = [await connectTo(store.url), await connectTo(store.url)];
  await gate.query('begin; lock table events in share mode');
  const isAtGate = () =>
    eventually(async () => {
      const { rows } = await onlooker.query(
        "select 1 from pg_locks where relation = 'events'::regclass and not granted",
      );
      return rows.length > 0;
    });
  assert.equal(await moveKilledAt([file, store.url], isAtGate), 'SIGKILL');
  await gate.end();
  assert.ok(existsSync(file));
  assert.deepEqual((await onlooker.query('select id from users')).rows, []);
  await onlooker.end();
  await move(world, [file, store.url]);

  const partialAppears = () =>
    new Promise<void>((resolve) => {
      const watcher = watch(world.directory, (_event, name) => {
        if (!name?.includes('.moving-')) return;
        watcher.close();
        resolve();
      });
    });
  assert.equal(await moveKilledAt([store.url, back], partialAppears), 'SIGKILL');
  assert.ok(!existsSync(back));
  await move(world, [store.url, back]);
  await running(world, back, async () => {
    await world.nobody.register('cyd');
  });
});
