import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CompiledQuery, Kysely } from 'kysely';
import { errorText } from '../errors.ts';
import { nameOf } from '../postgres-url.ts';
import { systemRandom } from '../random.ts';
import type { Database, Upkeep } from './database.ts';
import { migratePostgres } from './migrate-postgres.ts';
import { ChangeWatch } from './postgres/change-watch.ts';
import { PostgresQueueDialect } from './postgres/dialect.ts';
import { acceptedIsOn } from './postgres/durability.ts';
import { isTransient } from './postgres/errors.ts';
import { serverGauges } from './postgres/gauges.ts';
import type { ServerOptions } from './postgres/options.ts';
import { ReaderDriver } from './postgres/readers.ts';
import { PostgresRowLocks } from './postgres/row-locks.ts';
import { assertFit, explained } from './postgres/server.ts';
import { Servers } from './postgres/servers.ts';
import { DatabaseTime } from './postgres/time.ts';
import { PostgresTransactions } from './postgres/transactions.ts';
import { WriterDriver, type WriterMode } from './postgres/writer.ts';
import type { Schema } from './schema.ts';
import { assertSchemaUsable } from './schema-age.ts';
import type { UpgradeSurroundings } from './upgrade.ts';
import { type CommitListener, GroupCommit, type Work } from './write.ts';

const READERS = 4;
/** An answer that takes longer (ms) does not come any more. That its server is gone is known earlier; see {@link ChangeWatch}. */
const ANSWER_MS = 60_000;
/** How often (ms) a process that starts asks whether the server can be reached. */
const RETRY_MS = 1000;

const NOW = '(extract(epoch from clock_timestamp()) * 1000)';
/** Processes that have written nothing for so long (ms) are gone, or leave another row with their next commit. */
const WRITER_GONE_AFTER_MS = 86_400_000;

/**
 * Who opens a database: a process waits until the server can be reached, and brings the schema up to date, one of several that
 * start together. An upgrading tool does not wait, and another one leaves the schema as it is, too.
 */
export type Opener = 'process' | 'upgrading tool' | 'tool';

/**
 * Opens a database of a PostgreSQL server.
 * @throws SetupError when only a person can mend what is wrong.
 */
export async function openPostgres(
  url: string,
  opener: Opener,
  { says }: Pick<UpgradeSurroundings, 'says'>,
  options: ServerOptions,
): Promise<Database> {
  const name = nameOf(url);
  const servers = new Servers(url, options.prepares);
  const open = async () => {
    await prepared(servers, opener, says);
    return new PostgresDatabase(servers, name, options).opened();
  };
  try {
    return await (opener === 'process' ? onceReachable(name, says, open) : open());
  } catch (error) {
    throw explained(error, name);
  }
}

/** Checks the server, and the schema. */
async function prepared(servers: Servers, opener: Opener, says: (sentence: string) => void): Promise<void> {
  const kysely = kyselyOn(new ReaderDriver(servers, 2));
  try {
    await assertFit((text) => asked(kysely, text));
    await (opener === 'tool' ? assertSchemaUsable(kysely) : migratePostgres(kysely, says));
  } finally {
    await kysely.destroy();
  }
}

/** Tries again while the server is away, starts, or recovers; says so, once for each reason. */
async function onceReachable<T>(
  name: string,
  says: (sentence: string) => void,
  attempt: () => Promise<T>,
): Promise<T> {
  let said = '';
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isTransient(error)) throw error;
      const sentence = `Waiting for the database ${name}: ${errorText(error)}.`;
      if (sentence !== said) says(sentence);
      said = sentence;
      await sleep(RETRY_MS);
    }
  }
}

async function asked(db: Kysely<Schema>, text: string): Promise<readonly unknown[]> {
  return (await db.executeQuery(CompiledQuery.raw(text))).rows;
}

function kyselyOn(driver: ReaderDriver | WriterDriver): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new PostgresQueueDialect(driver) });
}

/** A connection on which a process writes, in transactions that are alone or beside others, and the works that wait for it. */
class Writer {
  readonly #kysely: Kysely<Schema>;
  readonly #groupCommit: GroupCommit;

  constructor(servers: Servers, mode: WriterMode, committed: CommitListener) {
    const driver = new WriterDriver(servers, systemRandom.bytes(16).toString('hex'), mode);
    this.#kysely = kyselyOn(driver);
    const locks = mode === 'beside' ? new PostgresRowLocks(driver) : undefined;
    this.#groupCommit = new GroupCommit(new PostgresTransactions(this.#kysely, driver, locks), committed);
  }

  write<T>(work: Work<T>): Promise<T> {
    return this.#groupCommit.write(work);
  }

  async close(): Promise<void> {
    await this.#groupCommit.idle();
    await this.#kysely.destroy();
  }
}

/** What a process has open of a database of PostgreSQL. */
class PostgresDatabase {
  readonly #name: string;
  readonly #notes: string;
  readonly #reader: Kysely<Schema>;
  readonly #alone: Writer;
  readonly #beside: Writer;
  readonly #commitListeners = new Set<CommitListener>();
  readonly #changes: ChangeWatch;
  readonly #time: DatabaseTime;
  #version: Promise<number> | undefined;

  constructor(servers: Servers, name: string, { readers = READERS, listenUrl, notes }: ServerOptions) {
    this.#name = name;
    this.#notes = notes ?? resolve('data', 'postgres');
    this.#reader = kyselyOn(new ReaderDriver(servers, readers, ANSWER_MS));
    const listenedTo = listenUrl === undefined ? servers : new Servers(listenUrl);
    this.#changes = new ChangeWatch(listenedTo, this.#ask, (url) => {
      listenedTo.gone(url);
      if (servers !== listenedTo) servers.gone(servers.url);
    });
    this.#time = new DatabaseTime(async () => {
      const [row] = (await this.#ask(`select ${NOW} as now`)) as { now: number }[];
      return Number(row?.now);
    });
    const committed: CommitListener = (durationMs, works) => {
      this.#changes.committed();
      for (const listener of this.#commitListeners) listener(durationMs, works);
    };
    this.#alone = new Writer(servers, 'alone', committed);
    this.#beside = new Writer(servers, 'beside', committed);
  }

  readonly #ask = (text: string) => asked(this.#reader, text);

  async opened(): Promise<Database> {
    await this.#time.adjust().catch(async (error: unknown) => {
      await this.#close();
      throw error;
    });
    return {
      kysely: this.#reader,
      write: (work) => this.#alone.write(work),
      writeBeside: (work) => this.#beside.write(work),
      onCommit: (listener) => {
        this.#commitListeners.add(listener);
        return { [Symbol.dispose]: () => void this.#commitListeners.delete(listener) };
      },
      onChange: (listener) => this.#changes.onChange(listener),
      dataVersion: () => this.#changes.version,
      accessVersion: () => this.#accessVersion(),
      upkeep: this.#upkeep,
      gauges: serverGauges(this.#ask),
      clock: this.#time,
      name: this.#name,
      notes: this.#notes,
      acceptedIsOn: () => acceptedIsOn(this.#ask),
      close: () => this.#close(),
    };
  }

  readonly #upkeep: Upkeep = {
    often: async () => undefined,
    seldom: async () => {
      await this.#ask(`delete from writers where seen_at < ${NOW} - ${WRITER_GONE_AFTER_MS}`);
    },
    hasRoom: async () => true,
    loss: () => undefined,
  };

  /** All that ask in one turn of the event loop share a question. */
  #accessVersion(): Promise<number> {
    this.#version ??= (async () => {
      await new Promise(setImmediate);
      this.#version = undefined;
      const [row] = (await this.#ask('select version from access_version')) as { version: number }[];
      if (row === undefined) throw new Error('The database has no access version.');
      return row.version;
    })();
    return this.#version;
  }

  async #close(): Promise<void> {
    await Promise.all([this.#alone.close(), this.#beside.close()]);
    this.#changes[Symbol.dispose]();
    this.#time[Symbol.dispose]();
    await this.#reader.destroy();
  }
}
