import type { Client } from 'pg';
import { openDatabase } from '../../src/db/open.ts';
import type { TestStore } from '../test-store.ts';
import { connectTo, dropDatabase, makeDatabase, newDatabaseUrl } from './databases.ts';

/** The advisory lock under which the product writes. */
const WRITER_LOCK = '1298229356, 1';

/** A database with today's schema, which all others of this process begin as: it migrates once. */
let template: Promise<string> | undefined;

/** A database of its own on a server. */
export class PostgresStore implements TestStore {
  readonly url: string;
  readonly #server: string;
  #made: Promise<void> | undefined;
  #client: Promise<Client> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(server: string) {
    this.#server = server;
    this.url = newDatabaseUrl(server);
  }

  make(): Promise<void> {
    this.#made ??= this.#clone();
    return this.#made;
  }

  /** With the schema, which each process would need a second for. */
  prepare(): Promise<void> {
    return this.make();
  }

  makeBare(): Promise<void> {
    this.#made ??= makeDatabase(this.#server, this.url);
    return this.#made;
  }

  async #clone(): Promise<void> {
    template ??= migratedDatabase(this.#server);
    await makeDatabase(this.#server, this.url, await template);
  }

  async query<Row extends object>(text: string, ...parameters: readonly unknown[]): Promise<Row[]> {
    let n = 0;
    const numbered = text.replaceAll('?', () => {
      n += 1;
      return `$${n}`;
    });
    const done = this.#last.then(async () => (await this.#connected()).query<Row>(numbered, [...parameters]));
    // A connection does one thing after the other, and one that failed is no concern of the next.
    this.#last = done.catch(() => undefined);
    return (await done).rows;
  }

  /** One connection for all; another when the server has ended it. */
  #connected(): Promise<Client> {
    if (this.#client !== undefined) return this.#client;
    const forget = () => {
      this.#client = undefined;
    };
    const connecting = connectTo(this.url);
    connecting.then((client) => client.once('end', forget).once('error', forget), forget);
    this.#client = connecting;
    return connecting;
  }

  async lock(): Promise<AsyncDisposable> {
    const client = await connectTo(this.url);
    await client.query(`select pg_advisory_lock(${WRITER_LOCK})`);
    return { [Symbol.asyncDispose]: () => client.end() };
  }

  async isLockFree(): Promise<boolean> {
    const [tried] = await this.query<{ is_free: boolean }>(
      `select pg_try_advisory_xact_lock(${WRITER_LOCK}) as is_free`,
    );
    return tried?.is_free === true;
  }

  /** No connection is told to refuse; what waits for the lock is refused after a while. */
  refuseWrites(): Promise<AsyncDisposable> {
    return this.lock();
  }

  async commits(): Promise<number> {
    const [sum] = await this.query<{ n: number }>(
      'select coalesce(sum(last_commit), 0)::bigint as n from writers',
    );
    return sum?.n ?? 0;
  }

  async contents(): Promise<Buffer> {
    const tables = await this.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = 'public'",
    );
    const parts: Buffer[] = [];
    for (const { name } of tables)
      for (const row of await this.query(`select * from "${name}"`))
        for (const value of Object.values(row))
          parts.push(Buffer.isBuffer(value) ? value : Buffer.from(String(value)));
    return Buffer.concat(parts);
  }

  async drop(): Promise<void> {
    if (this.#made === undefined) return;
    await this.#made;
    await this.#client?.then(
      (client) => client.end(),
      () => undefined,
    );
    await dropDatabase(this.#server, this.url);
  }
}

async function migratedDatabase(server: string): Promise<string> {
  const url = newDatabaseUrl(server);
  await makeDatabase(server, url);
  await (await openDatabase(url)).close();
  return url;
}
