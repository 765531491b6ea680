import type { Socket } from 'node:net';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import { Client, type ClientBase, type ClientConfig } from 'pg';
import { SetupError } from '../../errors.ts';
import { ConnectionLost, endsConnection, isStalePlan, sqlState } from './errors.ts';
import { NUMBERS } from './numbers.ts';
import type { Servers } from './servers.ts';

/** Statements prepared on a connection; the product has fewer different ones. One that has more is replaced. */
const MAX_PREPARED = 500;
/** How long (ms) to wait for a new connection. */
const CONNECT_MS = 5000;
/** An idle connection is probed after this (ms), so that one to a host that is gone ends. */
const KEEP_ALIVE_AFTER_MS = 10_000;

/** How long (ms) the server may take to end a connection. */
const GOODBYE_MS = 1000;

/**
 * Each statement of the product is written for one plan: it goes through indexes, row by row, and touches few rows. The planner
 * cannot know that: it takes parameters that are lists for a hundred rows, and tables that grow for what they were when they were
 * last analyzed, and then reads whole tables, by plans that stay prepared. Compiling a plan (`jit`) takes longer than running it.
 */
const PLANNER_OFF = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'jit'];

const FIRST_QUESTION = `select pg_is_in_recovery() as is_replica,
  ${PLANNER_OFF.map((name) => `set_config('${name}', 'off', false)`).join(', ')}`;

/** How to connect by a socket. `queryMs` is how long an answer may take: longer means that the server is gone. */
export function clientConfig(url: string, socket: Socket, queryMs?: number): ClientConfig {
  return {
    connectionString: url,
    stream: () => socket,
    types: NUMBERS,
    pipeline: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    connectionTimeoutMillis: CONNECT_MS,
    fallback_application_name: 'mahilo',
    ...(queryMs !== undefined && { query_timeout: queryMs }),
  };
}

/** What a statement did: the rows that it returns, and how many it changed. */
export interface Ran {
  rows: readonly unknown[];
  changes: number;
}

/** A statement as a connection has it prepared; without a name it is prepared each time. */
interface Prepared {
  name?: string;
  text: string;
}

/** A connection to the server. What is asked at once is sent at once, and answered in order. */
export class PostgresConnection implements DatabaseConnection {
  readonly #client: ClientBase;
  readonly #prepares: boolean;
  readonly #prepared = new Map<string, Prepared>();
  /** Names are given once: the server keeps what it has under one. */
  #names = 0;
  #isLost = false;

  constructor(client: ClientBase, prepares = true) {
    this.#client = client;
    this.#prepares = prepares;
    // Without a listener the end of a connection would end the process.
    client.on('error', () => {
      this.#isLost = true;
    });
    client.on('end', () => {
      this.#isLost = true;
    });
  }

  /** Whether it can be used for another statement. */
  get isUsable(): boolean {
    return !this.#isLost && this.#names < MAX_PREPARED;
  }

  /** Runs a statement, which stays prepared. `?` stands for a parameter, as `$1` does. */
  async run(text: string, parameters: readonly unknown[] = []): Promise<Ran> {
    const ask = () => this.#ask({ ...this.#preparedOf(text), values: [...parameters] });
    const { rows, rowCount } = await ask().catch((error: unknown) => {
      if (!isStalePlan(error)) throw error;
      this.#prepared.clear();
      // A transaction is over with it, and is run again as a whole.
      if (this.#client.getTransactionStatus() !== 'I') throw error;
      return ask();
    });
    return { rows, changes: rowCount ?? 0 };
  }

  /** Runs statements without parameters, several with semicolons between them. @returns the last one's command tag. */
  async command(text: string): Promise<string> {
    // `pg` gives a result for each of them.
    const results: unknown = await this.#ask({ text });
    const last = (Array.isArray(results) ? results.at(-1) : results) as { command: string };
    return last.command;
  }

  /** @throws ConnectionLost when the server is a replica, which takes no writes: another one is the primary. */
  async assertPrimary(): Promise<void> {
    const { rows } = await this.run(FIRST_QUESTION);
    const [row] = rows as { is_replica: number }[];
    if (row?.is_replica === 0) return;
    this.#isLost = true;
    throw new ConnectionLost('The server of PostgreSQL is a replica');
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes } = await this.run(sql, parameters);
    return { rows: rows as R[], numAffectedRows: BigInt(changes) };
  }

  // biome-ignore lint/correctness/useYield: it never has a row.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('The product reads in pages, and never as a stream.');
  }

  async #ask(query: { name?: string; text: string; values?: unknown[] }) {
    try {
      return await this.#client.query<Record<string, unknown>>(query);
    } catch (error) {
      const reason = asLost(error);
      if (reason instanceof ConnectionLost || endsConnection(reason)) this.#isLost = true;
      throw reason;
    }
  }

  #preparedOf(text: string): Prepared {
    const known = this.#prepared.get(text);
    if (known !== undefined) return known;
    const prepared: Prepared = { text: numbered(text) };
    if (this.#prepares) prepared.name = `s${this.#names}`;
    this.#names += 1;
    this.#prepared.set(text, prepared);
    return prepared;
  }
}

/** Statements of hot paths write `?` for a parameter; no text of the product has a `?` of another meaning. */
function numbered(text: string): string {
  let parameters = 0;
  return text.includes('$1') ? text : text.replaceAll('?', () => `$${++parameters}`);
}

/** A connection of its own, outside of any pool. */
export class OwnConnection {
  readonly url: string;
  readonly connection: PostgresConnection;
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<void>;
  readonly #client: Client;
  readonly #socket: Socket;

  private constructor(servers: Servers, url: string, answerMs: number) {
    this.url = url;
    this.#socket = servers.socketTo(url);
    this.#client = new Client(clientConfig(url, this.#socket, answerMs));
    this.connection = new PostgresConnection(this.#client, servers.prepares);
    this.ended = new Promise((resolve) => {
      this.#socket.once('close', () => resolve());
    });
  }

  /** @throws ConnectionLost when no primary can be reached, and errors of the server. */
  static async open(servers: Servers, answerMs: number): Promise<OwnConnection> {
    return servers.tryEach(async (url) => {
      try {
        const own = new OwnConnection(servers, url, answerMs);
        await own.#connected();
        void own.ended.then(() => servers.failed(url));
        return own;
      } catch (error) {
        throw asLost(error);
      }
    });
  }

  async #connected(): Promise<void> {
    try {
      await this.#client.connect();
      await this.connection.assertPrimary();
    } catch (error) {
      this.#socket.destroy();
      throw error;
    }
  }

  /** Calls `listener` for each notification of other connections. */
  onNotification(listener: () => void): void {
    const { processID } = this.#client as { processID?: number };
    this.#client.on('notification', ({ processId }) => {
      if (processId !== processID) listener();
    });
  }

  /** Says goodbye, and waits for no answer: the other side may be gone. */
  close(): void {
    void this.#client.end().catch(() => undefined);
    setTimeout(() => this.#socket.destroy(), GOODBYE_MS).unref();
  }
}

/** What is no answer of the server means that the connection is gone; a fault of ours stays what it is. */
export function asLost(error: unknown): unknown {
  if (sqlState(error) !== '' || error instanceof TypeError || error instanceof RangeError) return error;
  const { code, message, syscall } = error as { code?: unknown; message?: unknown; syscall?: unknown };
  if (syscall === 'open') return new SetupError(`A file that DATABASE_URL names: ${message}`);
  return new ConnectionLost(`PostgreSQL cannot be reached (${code ?? message})`, { cause: error });
}
