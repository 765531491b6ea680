import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import type { Surroundings } from '../world/surroundings.ts';
import { KINDS, lastId, logged, type Watcher } from './clients.ts';

/** Together 20 MB, more than the kernel buffers for a client (some MB on loopback). */
const EVENTS = 5000;
const EVENT_BYTES = 4000;

interface Scene {
  world: Surroundings;
  ann: Client;
  /** Writes events for Ann as another process would, numbered from `first` on. */
  append(first: number, count: number): Promise<void>;
}

/** Its log says whom it dropped. */
const impatient = new InProcessWorld({ STREAM_HEARTBEAT_MS: '500', LOG_LEVEL: 'info' });
const patient = new InProcessWorld({ STREAM_HEARTBEAT_MS: '60000' });
let api: Awaited<ReturnType<InProcessWorld['startApi']>>;
before(async () => {
  api = await impatient.startApi();
  await patient.startApi();
});
after(async () => {
  await impatient[Symbol.asyncDispose]();
  await patient[Symbol.asyncDispose]();
});

async function sceneIn(world: Surroundings): Promise<Scene> {
  const ann = await world.newcomer('ann');
  const { user_id: userId } = await ann.ok('GET', '/auth/me');
  const append = async (first: number, count: number) => {
    const filler = 'x'.repeat(EVENT_BYTES);
    const rows = from(first, count).map((n) => [userId, JSON.stringify({ n, filler })]);
    const values = rows.map(() => "(?, 'friend_request', ?, 0)").join(', ');
    const insert = `insert into events (user_id, type, data_json, created_at) values ${values}`;
    await world.store.query(insert, ...rows.flat());
  };
  return { world, ann, append };
}

const numbers = (watcher: Watcher) => logged(watcher).map(({ data }) => Number(data['n']));
const from = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

for (const kind of KINDS) {
  test(`${kind.name}: a reader that stops is dropped, and goes on where it was when it comes back`, async () => {
    const { world, ann, append } = await sceneIn(impatient);
    const loggedBefore = api.log().length;
    await using watcher = await kind.watch(world.url, ann);
    await eventually(() => watcher.seen.length === 1);
    watcher.pause();
    await append(0, EVENTS);
    // A busy machine fills the buffer later: then the API first misses the answer to its heartbeats.
    await eventually(() =>
      api
        .log()
        .slice(loggedBefore)
        .some(({ reason }) => /^The client does not (read|answer)/.test(String(reason))),
    );
    watcher.resume();
    await watcher.over;
    const seen = numbers(watcher);
    assert.ok(seen.length < EVENTS);
    assert.deepEqual(seen, from(0, seen.length));
    let last = lastId(watcher);
    // On a busy machine this reader may be too slow for the short heartbeat, too; then it reconnects.
    while (seen.length < EVENTS) {
      await using again = await kind.watch(world.url, ann, last);
      let isOver = false;
      void again.over.then(() => {
        isOver = true;
      });
      await eventually(() => isOver || seen.length + again.seen.length === EVENTS + 1);
      seen.push(...numbers(again));
      last = lastId(again);
    }
    assert.deepEqual(seen, from(0, EVENTS));
  });

  test(`${kind.name}: a reader that is slow but reads gets everything, once and in order, from the log`, async () => {
    const { world, ann, append } = await sceneIn(patient);
    await using watcher = await kind.watch(world.url, ann);
    await eventually(() => watcher.seen.length === 1);
    const pausing = setInterval(() => {
      watcher.pause();
      setTimeout(() => watcher.resume(), 20);
    }, 40);
    try {
      for (let part = 0; part < 5; part++) await append((part * EVENTS) / 5, EVENTS / 5);
      await eventually(() => watcher.seen.length === 1 + EVENTS);
    } finally {
      clearInterval(pausing);
    }
    await append(EVENTS, 10);
    await eventually(() => watcher.seen.length === 1 + EVENTS + 10);
    assert.deepEqual(numbers(watcher), from(0, EVENTS + 10));
  });
}
