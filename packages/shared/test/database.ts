import type { Insertable } from 'kysely';
import type { Database } from '../src/db/database.ts';
import type { Schema } from '../src/db/schema.ts';
import { idSource } from '../src/ids.ts';
import { enqueue } from '../src/outbox/enqueue.ts';
import type { Urgency } from '../src/outbox/lanes.ts';
import { TestDirectory } from './directory.ts';
import { seededRandom } from './seeded-random.ts';
import { SettableClock } from './settable-clock.ts';
import { openTestDatabase, testStore } from './store.ts';
import type { TestStore } from './test-store.ts';

/** The required columns of a message, for tests that write one by hand. */
export type NewMessage = Insertable<Schema['messages']>;

/** A new database with two users, a settable clock, and the same ids in every run. */
export class TestDatabase implements AsyncDisposable {
  readonly clock = new SettableClock();
  readonly random = seededRandom();
  readonly newId = idSource(this.clock, this.random);
  readonly db: Database;
  readonly store: TestStore;
  readonly sender = this.newId('usr');
  readonly recipient = this.newId('usr');
  readonly #directory: TestDirectory;

  constructor(db: Database, store: TestStore, directory: TestDirectory) {
    this.db = db;
    this.store = store;
    this.#directory = directory;
  }

  async addUsers(): Promise<void> {
    const user = (id: string, username: string) => ({
      id,
      username,
      display_name: null,
      created_at: this.clock.ms,
    });
    await this.db.kysely
      .insertInto('users')
      .values([user(this.sender, 'ann'), user(this.recipient, 'ben')])
      .execute();
  }

  /** Another agent of the recipient. */
  async addConnection(differences: Partial<Insertable<Schema['connections']>> = {}): Promise<string> {
    const id = this.newId('conn');
    await this.db.kysely
      .insertInto('connections')
      .values({
        id,
        user_id: this.recipient,
        framework: 'test',
        label: id,
        description: null,
        capabilities_json: '[]',
        routing_priority: 0,
        mode: 'callback',
        callback_url: 'https://agent.example/callback',
        callback_secret: Buffer.from('sealed'),
        status: 'active',
        proven_at: this.clock.ms,
        created_at: this.clock.ms,
        ...differences,
      })
      .execute();
    return id;
  }

  /** Inserts a message without deliveries. */
  message(differences: Partial<NewMessage> = {}): NewMessage {
    return {
      id: this.newId('msg'),
      sender_id: this.sender,
      sender_username: 'ann',
      sender_agent: 'test',
      recipient_type: 'user',
      recipient_id: this.recipient,
      recipient: 'ben',
      body: 'hello',
      payload_type: 'text/plain',
      status: 'pending',
      created_at: this.clock.ms,
      ...differences,
    };
  }

  /** Sends one message to these connections. */
  async send(...connectionIds: string[]): Promise<{ messageId: string; deliveryIds: string[] }> {
    return this.#send(connectionIds, 'single');
  }

  /** Sends one message to these connections, as to a group. */
  async sendInBulk(...connectionIds: string[]): Promise<{ messageId: string; deliveryIds: string[] }> {
    return this.#send(connectionIds, 'bulk');
  }

  async #send(connectionIds: readonly string[], urgency: Urgency) {
    const message = this.message();
    const deliveries = connectionIds.map((connectionId) => ({
      id: this.newId('dlv'),
      messageId: message.id,
      recipientId: this.recipient,
      connectionId,
      urgency,
    }));
    await this.db.write(async (trx) => {
      await trx.insertInto('messages').values(message).execute();
      await enqueue(trx, deliveries, this.clock.ms);
    });
    return { messageId: message.id, deliveryIds: deliveries.map(({ id }) => id) };
  }

  /** Sends one message to a connection. @returns the id of its delivery. */
  async sendOne(connectionId: string): Promise<string> {
    const { deliveryIds } = await this.send(connectionId);
    return String(deliveryIds[0]);
  }

  /** Sends messages of one delivery each to a connection. @returns the ids of the deliveries. */
  async sendMany(connectionId: string, count: number): Promise<string[]> {
    return Promise.all(Array.from({ length: count }, () => this.sendOne(connectionId)));
  }

  /** The path of the database, for tests of what only SQLite has. */
  get file(): string {
    return this.store.url;
  }

  async delivery(id: string) {
    return this.db.kysely.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  }

  async lane(connectionId: string) {
    return this.db.kysely
      .selectFrom('lanes')
      .selectAll()
      .where('connection_id', '=', connectionId)
      .executeTakeFirstOrThrow();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.db.close();
    await this.store.drop();
    this.#directory[Symbol.dispose]();
  }
}

/** `open` is for tests of opening a database. */
export async function testDatabase(open?: (url: string) => Promise<Database>): Promise<TestDatabase> {
  const directory = new TestDirectory();
  const store = testStore(directory.path);
  const db = open === undefined ? await openTestDatabase(store) : await openBare(store, open);
  const here = new TestDatabase(db, store, directory);
  await here.addUsers();
  return here;
}

async function openBare(store: TestStore, open: (url: string) => Promise<Database>): Promise<Database> {
  await store.makeBare();
  return open(store.url);
}
