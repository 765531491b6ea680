import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Database } from '@mahilo/shared/db/database';
import { Person } from './person.ts';
import { testApp } from './test-app.ts';
import { until } from './until.ts';

const AGENTS = 200;
const POLLS = 20;

interface Asked {
  sql: string;
  parameters: readonly unknown[];
}

/** A database that records the statements outside of transactions. */
function noting(db: Database, asked: Asked[]): Partial<Database> {
  const kysely = new Proxy(db.kysely, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return name === 'executeQuery'
        ? (query: Asked) => {
            asked.push(query);
            return value.call(target, query);
          }
        : value.bind(target);
    },
  });
  return { kysely };
}

/** How often polls looked for waiting messages of a connection or a user. */
function looks(asked: readonly Asked[], id: string): number {
  return asked.filter(({ sql, parameters }) => sql.includes("state = 'pending'") && parameters.includes(id))
    .length;
}

/** Waits until nobody asks the database any more. */
async function quiet(asked: readonly Asked[]): Promise<void> {
  for (let same = 0, before = -1; same < 200; await turn()) {
    same = before === asked.length ? same + 1 : 0;
    before = asked.length;
  }
}

test('a message wakes the polls of its own agent alone, and those of all agents look at that one', async (t) => {
  const asked: Asked[] = [];
  const environment = { RATE_LIMIT: '1000000', AGENTS_PER_USER: '1000' };
  const here = await testApp((db) => noting(db, asked), environment);
  t.after(() => here[Symbol.asyncDispose]());
  const [ann, ben] = [await Person.register(here.app, 'ann'), await Person.register(here.app, 'ben')];
  await ann.befriend(ben);
  const ids: string[] = [];
  for (let n = 0; n < AGENTS; n++) ids.push(await ben.connectPolling(`agent ${n}`));
  asked.length = 0;
  // Their message never comes: they must not be woken.
  const polled = ids.slice(1, POLLS + 1);
  const named = polled.map((id) => ben.ok('GET', `/inbox?wait=30&connection_id=${id}`));
  const unnamed = Array.from({ length: POLLS }, () => ben.ok('GET', '/inbox?wait=30'));
  // Requests take turns by the clock: on a busy machine some begin late. A poll of one agent looks for single messages, and
  // then for those to groups.
  await until(() => polled.every((id) => looks(asked, id) >= 2) && looks(asked, ben.id) >= POLLS);
  await quiet(asked);

  asked.length = 0;
  await ann.send(ben, 'hello', { recipient_connection_id: ids[0] });
  const [first] = await Promise.race(unnamed);
  await quiet(asked);
  assert.equal(first.message, 'hello');
  const ofOthers = ids.slice(1);
  assert.deepEqual(
    asked.filter(({ parameters }) => ofOthers.some((id) => parameters.includes(id))),
    [],
  );
  const ofAll = asked.filter(
    ({ sql, parameters }) => sql.includes('connections') && parameters[0] === ben.id,
  );
  assert.deepEqual(ofAll, [], 'nobody looks through all of them');
  assert.ok(asked.some(({ parameters }) => parameters.includes(ids[0])));

  await here.app.close();
  await Promise.allSettled([...named, ...unnamed]);
});
