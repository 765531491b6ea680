import type { DatabaseConnection, Driver, TransactionSettings } from 'kysely';
import { Client, Pool, type PoolClient } from 'pg';
import { asLost, clientConfig, PostgresConnection } from './connection.ts';
import type { Servers } from './servers.ts';

/** An idle connection of the pool ends after this (ms). */
const IDLE_MS = 60_000;

/** How long (ms) to wait for a connection while all are in use, and for a new one. */
const WAIT_MS = 10_000;

/** A pool of connections, for what reads, and for tools. */
export class ReaderDriver implements Driver {
  readonly #pool: Pool;
  readonly #servers: Servers;
  readonly #connections = new WeakMap<PoolClient, PostgresConnection>();
  readonly #clients = new WeakMap<DatabaseConnection, PoolClient>();

  /** `queryMs` is how long an answer may take. Without it a statement has all the time it needs, as migrations do. */
  constructor(servers: Servers, max: number, queryMs?: number) {
    /** Each connection goes to the server that is the primary at that time. */
    class CurrentClient extends Client {
      constructor() {
        super(clientConfig(servers.url, servers.socketTo(servers.url), queryMs));
      }
    }
    this.#servers = servers;
    this.#pool = new Pool({
      Client: CurrentClient,
      max,
      idleTimeoutMillis: IDLE_MS,
      connectionTimeoutMillis: WAIT_MS,
    });
    // The pool makes another one.
    this.#pool.on('error', () => undefined);
  }

  async init(): Promise<void> {}

  /** @throws ConnectionLost when the server cannot be reached, and errors of the server. */
  async acquireConnection(): Promise<PostgresConnection> {
    return this.#servers.tryEach(async () => {
      try {
        const client = await this.#pool.connect();
        return this.#connections.get(client) ?? (await this.#madeOf(client));
      } catch (error) {
        throw asLost(error);
      }
    });
  }

  async #madeOf(client: PoolClient): Promise<PostgresConnection> {
    const connection = new PostgresConnection(client, this.#servers.prepares);
    try {
      await connection.assertPrimary();
    } catch (error) {
      client.release(true);
      throw error;
    }
    this.#connections.set(client, connection);
    this.#clients.set(connection, client);
    return connection;
  }

  async releaseConnection(connection: PostgresConnection): Promise<void> {
    this.#clients.get(connection)?.release(!connection.isUsable);
  }

  async beginTransaction(connection: PostgresConnection, settings: TransactionSettings): Promise<void> {
    await connection.command(settings.accessMode === 'read only' ? 'begin read only' : 'begin');
  }

  async commitTransaction(connection: PostgresConnection): Promise<void> {
    const tag = await connection.command('commit');
    if (tag !== 'COMMIT')
      throw new Error('The transaction was rolled back, since a statement in it had failed.');
  }

  async rollbackTransaction(connection: PostgresConnection): Promise<void> {
    if (!connection.isUsable) return;
    await connection.command('rollback').catch(() => undefined);
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }
}
