import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { postgresServer } from '../../test/dialect.ts';
import { SettableClock } from '../../test/settable-clock.ts';
import { MahiloError } from '../errors.ts';
import { GroupCommit, type Work, type WriteTransactions } from './write.ts';

const addUser =
  (id: string): Work<string> =>
  async (trx) => {
    await trx.insertInto('users').values({ id, username: id, display_name: null, created_at: 0 }).execute();
    return id;
  };

/** The added users that another connection can see, so the committed ones. */
async function committedUsers({ store }: TestDatabase): Promise<unknown[]> {
  const users = await store.query<{ id: string }>("select id from users where id like 'new%' order by id");
  return users.map(({ id }) => id);
}

/** Works that fit into one transaction with either database, also on a slow machine. */
const FEW = 8;

const names = (count: number) => Array.from({ length: count }, (_, i) => `new${String(i).padStart(4, '0')}`);

async function commitsDuring({ store }: TestDatabase, action: () => Promise<unknown>): Promise<number> {
  const before = await store.commits();
  await action();
  return (await store.commits()) - before;
}

test('works that arrive together share one commit, and each has its own answer', async () => {
  await using here = await testDatabase();
  let answers: string[] = [];
  const commits = await commitsDuring(here, async () => {
    answers = await Promise.all(names(FEW).map((name) => here.db.write(addUser(name))));
  });
  assert.equal(commits, 1);
  assert.deepEqual(answers, names(FEW));
  assert.deepEqual(await committedUsers(here), names(FEW));
});

test('works that arrive in the same turn of the event loop from different callbacks share one commit', async () => {
  await using here = await testDatabase();
  const commits = await commitsDuring(here, () => {
    const later = async (name: string, ticks: number) => {
      for (let tick = 0; tick < ticks; tick++) await undefined;
      await here.db.write(addUser(name));
    };
    return Promise.all(names(10).map(later));
  });
  assert.equal(commits, 1);
});

test('a group of many is split', async () => {
  await using here = await testDatabase();
  const commits = await commitsDuring(here, () =>
    Promise.all(names(600).map((name) => here.db.write(addUser(name)))),
  );
  // More on a machine on which sixty take long.
  assert.ok(commits >= (postgresServer() === undefined ? 3 : 10), `${commits} commits`);
  assert.ok(commits < 600);
});

test('a transaction that has taken long takes no more works: others wait for the lock', async () => {
  const clock = new SettableClock();
  const commits: string[][] = [];
  const transactions: WriteTransactions = {
    maxGroup: FEW,
    async run(work) {
      commits.push([]);
      return work(Object.create(null), async () => ({ rows: [], changes: 0 }));
    },
  };
  const told: number[] = [];
  const group = new GroupCommit(transactions, (_ms, works) => told.push(works), clock);
  const answers = names(5).map((name) =>
    group.write(async () => {
      commits.at(-1)?.push(name);
      clock.ms += 150;
      return name;
    }),
  );
  assert.deepEqual(await Promise.all(answers), names(5));
  const [one, two, three, four, five] = names(5);
  assert.deepEqual(commits, [[one, two], [three, four], [five]]);
  assert.deepEqual(told, [2, 2, 1]);
});

test('nobody is answered before the commit: what is answered is what others can see', async () => {
  await using here = await testDatabase();
  const seenAtAnswer = await Promise.all(
    names(FEW).map(async (name) => {
      await here.db.write(addUser(name));
      return (await committedUsers(here)).length;
    }),
  );
  assert.deepEqual(new Set(seenAtAnswer), new Set([FEW]));
});

test('a work that throws is undone alone, and its error is its own answer', async () => {
  await using here = await testDatabase();
  const failing: Work<string> = async (trx) => {
    await addUser('new-undone')(trx);
    throw new MahiloError('USERNAME_EXISTS', 'This one is taken.');
  };
  let outcomes: PromiseSettledResult<string>[] = [];
  const commits = await commitsDuring(here, async () => {
    const [first, second] = [addUser('new1'), addUser('new2')];
    outcomes = await Promise.allSettled([first, failing, second].map((work) => here.db.write(work)));
  });
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.match(String(outcomes[1]?.status === 'rejected' && outcomes[1].reason), /This one is taken/);
  assert.equal(commits, 1);
  assert.deepEqual(await committedUsers(here), ['new1', 'new2']);
});

test('a work that breaks a constraint is undone alone', async () => {
  await using here = await testDatabase();
  const outcomes = await Promise.allSettled(
    ['new1', 'new1', 'new2'].map((name) => here.db.write(addUser(name))),
  );
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.match(String(outcomes[1]?.status === 'rejected' && outcomes[1].reason), /unique constraint/i);
  assert.deepEqual(await committedUsers(here), ['new1', 'new2']);
});

test('a work sees what the works before it in its group have done', async () => {
  await using here = await testDatabase();
  const count: Work<number> = async (trx) =>
    (await trx.selectFrom('users').select('id').where('id', 'like', 'new%').execute()).length;
  const [, seen] = await Promise.all([here.db.write(addUser('new1')), here.db.write(count)]);
  assert.equal(seen, 1);
});

test('a work that was asked for while others are written comes next', async () => {
  await using here = await testDatabase();
  const commits = await commitsDuring(here, async () => {
    let second: Promise<string> | undefined;
    await here.db.write(async (trx) => {
      second = here.db.write(addUser('new2'));
      return addUser('new1')(trx);
    });
    await second;
  });
  assert.equal(commits, 2);
  assert.deepEqual(await committedUsers(here), ['new1', 'new2']);
});

test('a write waits while another process holds the lock, and the event loop goes on', async () => {
  await using here = await testDatabase();
  const lock = await here.store.lock();
  let answered = false;
  const writing = here.db.write(addUser('new1')).then(() => {
    answered = true;
  });
  for (let turns = 0; turns < 20; turns++) await turn();
  assert.equal(answered, false);
  await lock[Symbol.asyncDispose]();
  await writing;
  assert.deepEqual(await committedUsers(here), ['new1']);
});

test('a lock that another process keeps for too long is UNAVAILABLE, with nothing done', async () => {
  await using here = await testDatabase();
  const lock = await here.store.lock();
  const outcomes = await Promise.allSettled(['new1', 'new2'].map((name) => here.db.write(addUser(name))));
  for (const outcome of outcomes) {
    assert.ok(outcome.status === 'rejected' && outcome.reason instanceof MahiloError);
    const { code, status, retryAfterSeconds } = outcome.reason;
    assert.deepEqual([code, status, retryAfterSeconds], ['UNAVAILABLE', 503, 1]);
  }
  await lock[Symbol.asyncDispose]();
  assert.deepEqual(await committedUsers(here), []);
  assert.equal(await here.db.write(addUser('new3')), 'new3');
});

test('each commit is told of once, after it', async () => {
  await using here = await testDatabase();
  const seen: Promise<unknown[]>[] = [];
  {
    using _listener = here.db.onCommit(() => seen.push(committedUsers(here)));
    await Promise.all([here.db.write(addUser('new1')), here.db.write(addUser('new2'))]);
    await Promise.all(seen);
    await here.db.write(addUser('new3'));
    await Promise.all(seen);
  }
  await here.db.write(addUser('new4'));
  assert.deepEqual(await Promise.all(seen), [
    ['new1', 'new2'],
    ['new1', 'new2', 'new3'],
  ]);
});
