import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { TestDirectory } from '../../../test/directory.ts';
import { LateSync } from './late-sync.ts';

const LATEST_MS = 100;

/** A WAL whose syncs end when the test says so. */
class FakeWal {
  readonly paths: string[] = [];
  readonly #syncs: PromiseWithResolvers<void>[] = [];
  isClosed = false;

  readonly open = async (path: string) => {
    this.paths.push(path);
    return {
      datasync: () => {
        const sync = Promise.withResolvers<void>();
        this.#syncs.push(sync);
        return sync.promise;
      },
      close: async () => {
        this.isClosed = true;
      },
    };
  };

  get syncs(): number {
    return this.#syncs.length;
  }

  async end(sync: number, error?: Error): Promise<void> {
    if (error) this.#syncs[sync]?.reject(error);
    else this.#syncs[sync]?.resolve();
    await turn();
  }
}

function scene() {
  const stack = new DisposableStack();
  const file = stack.use(new TestDirectory()).file('some.db');
  const sqlite = stack.adopt(new BetterSqlite3(file), (db) => db.close());
  sqlite.pragma('journal_mode = wal');
  const wal = new FakeWal();
  const sync = new LateSync(sqlite, file, wal.open);
  const durability = () => sqlite.pragma('synchronous', { simple: true });
  return { wal, file, sync, durability, [Symbol.dispose]: () => stack.dispose() };
}

test('one sync of the WAL makes many commits durable, within 100 ms', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  using here = scene();
  for (let commit = 0; commit < 10; commit++) here.sync.committed();
  await turn();
  assert.equal(here.wal.syncs, 0);
  t.mock.timers.tick(LATEST_MS);
  await turn();
  assert.deepEqual([here.wal.syncs, here.wal.paths], [1, [`${here.file}-wal`]]);
  await here.wal.end(0);
  t.mock.timers.tick(LATEST_MS);
  await turn();
  assert.equal(here.wal.syncs, 1, 'nothing more is owed');
});

test('what is committed during a sync is in the next one, and one runs at a time', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  using here = scene();
  here.sync.committed();
  t.mock.timers.tick(LATEST_MS);
  await turn();
  here.sync.committed();
  t.mock.timers.tick(LATEST_MS);
  await turn();
  assert.equal(here.wal.syncs, 1);
  await here.wal.end(0);
  t.mock.timers.tick(LATEST_MS);
  await turn();
  assert.equal(here.wal.syncs, 2);
});

test('the end waits for the sync that is owed', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  using here = scene();
  here.sync.committed();
  const closing = here.sync.close();
  await turn();
  assert.deepEqual([here.wal.syncs, here.wal.isClosed], [1, false]);
  await here.wal.end(0);
  await closing;
  assert.equal(here.wal.isClosed, true);
});

test('after a sync that failed, each commit waits for the disk', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  using here = scene();
  assert.equal(here.durability(), 1);
  here.sync.committed();
  t.mock.timers.tick(LATEST_MS);
  await turn();
  await here.wal.end(0, new Error('EIO'));
  here.sync.committed();
  assert.equal(here.durability(), 2);
});
