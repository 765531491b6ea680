import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../world/eventually.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { KINDS, logged } from './clients.ts';

const USERS = 25;
const STREAMS_OF_EACH_KIND = 8;

test('hundreds of streams each get what is theirs, and nothing of anybody else', async () => {
  await using world = await InProcessWorld.start();
  const people = await Promise.all(
    Array.from({ length: USERS }, (_, i) => world.nobody.register(`user-${i}`)),
  );
  const watched = await Promise.all(
    people.map(async (who) => ({
      who,
      watchers: await Promise.all(
        KINDS.flatMap((kind) =>
          Array.from({ length: STREAMS_OF_EACH_KIND }, () => kind.watch(world.url, who)),
        ),
      ),
    })),
  );
  const all = watched.flatMap(({ watchers }) => watchers);
  await eventually(() => all.every(({ seen }) => seen.length === 1));
  await Promise.all(
    people.map((who, i) =>
      who.ok('POST', '/friends/request', { username: people[(i + 1) % USERS]?.username }),
    ),
  );
  await eventually(() => all.every(({ seen }) => seen.length === 2));
  for (const [i, { watchers }] of watched.entries()) {
    const from = people[(i + USERS - 1) % USERS]?.username;
    for (const watcher of watchers)
      assert.deepEqual(
        logged(watcher).map(({ data }) => data['username']),
        [from],
      );
  }
  await Promise.all(all.map((watcher) => watcher[Symbol.asyncDispose]()));
});
