import { once } from 'node:events';
import type { Database } from '@mahilo/shared/db/database';
import { openDatabase } from '@mahilo/shared/db/open';
import type { Schema } from '@mahilo/shared/db/schema';
import { appendEvents } from '@mahilo/shared/events/append';
import { createLogger } from '@mahilo/shared/observe/log';
import { postgresServer } from '@mahilo/shared/test/dialect';
import { TestDirectory } from '@mahilo/shared/test/directory';
import { testStore } from '@mahilo/shared/test/store';
import type { TestStore } from '@mahilo/shared/test/test-store';
import { type Insertable, sql } from 'kysely';
import { Feed } from '../src/live/feed.ts';

export const ANN = 'usr_ann';
export const BEN = 'usr_ben';

/** A database with two users that both the API and another process have open. */
export class EventPlace implements AsyncDisposable {
  readonly #directory: TestDirectory;
  readonly #store: TestStore;
  readonly db: Database;
  readonly other: Database;
  readonly feed: Feed;
  /** Statements of the API's connection that read events. */
  reads = 0;

  private constructor(directory: TestDirectory, store: TestStore, db: Database, other: Database) {
    this.#directory = directory;
    this.#store = store;
    this.db = db;
    this.other = other;
    const kysely = db.kysely.withPlugin({
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => {
        this.reads += 1;
        return result;
      },
    });
    this.feed = new Feed({ ...db, kysely }, createLogger('test', 'silent'));
  }

  static async open(): Promise<EventPlace> {
    const directory = new TestDirectory();
    const store = testStore(directory.path);
    await store.make();
    const open = () => openDatabase(store.url);
    const place = new EventPlace(directory, store, await open(), await open());
    const user = (id: string) => ({ id, username: id, display_name: null, created_at: 0 });
    await place.db.kysely
      .insertInto('users')
      .values([user(ANN), user(BEN)])
      .execute();
    return place;
  }

  async append(userId: string, n: number, db = this.db): Promise<void> {
    await this.appendAll(userId, [n], db);
  }

  /** Events with these numbers, in one commit. */
  async appendAll(userId: string, numbers: readonly number[], db = this.db): Promise<void> {
    const events = numbers.map((n) => ({ userId, type: 'friend_request' as const, data: { n } }));
    await db.write((trx) => appendEvents(trx, events, 0));
  }

  /** Events with ids of their own; those that are appended later come behind them. */
  async insert(events: (Insertable<Schema['events']> & { id: number })[]): Promise<void> {
    await this.db.kysely.insertInto('events').values(events).execute();
    if (postgresServer() === undefined) return;
    const last = Math.max(...events.map(({ id }) => id));
    await sql`select setval(pg_get_serial_sequence('events', 'id'), ${sql.lit(last)})`.execute(
      this.db.kysely,
    );
  }

  /** Another process changes something about users or keys. */
  async renewAccessVersion(): Promise<void> {
    await this.other.kysely.updateTable('users').set({ display_name: 'Somebody' }).execute();
  }

  /** Listens as this user, and keeps the events. */
  async listen(
    userId: string,
  ): Promise<Disposable & { heard: number[]; until(count: number): Promise<void> }> {
    const heard: number[] = [];
    const target = new EventTarget();
    const subscription = this.feed.subscribe(userId, ({ data }) => {
      heard.push(Number(data['n']));
      target.dispatchEvent(new Event('heard'));
    });
    await subscription.ready;
    return {
      heard,
      async until(count) {
        while (heard.length < count) await once(target, 'heard');
      },
      [Symbol.dispose]: () => subscription[Symbol.dispose](),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.feed.close();
    await this.db.close();
    await this.other.close();
    await this.#store.drop();
    this.#directory[Symbol.dispose]();
  }
}
