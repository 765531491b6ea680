import { connectTo } from '@mahilo/shared/test/postgres/databases';
import type { BenchDatabase } from './database.ts';

const ASK_EVERY_MS = 5;

let made = 0;

/** A database of a PostgreSQL server that runs on this machine. */
export class ServerDatabase implements BenchDatabase {
  readonly #port: number;
  readonly #name: string;
  #made: Promise<void> | undefined;

  constructor(port: number) {
    made += 1;
    this.#port = port;
    this.#name = `bench_${made}`;
  }

  get url(): string {
    return this.urlThrough(this.#port);
  }

  /** DATABASE_URL for those who reach the server through another port. */
  urlThrough(port: number): string {
    return urlOf(port, this.#name);
  }

  make(): Promise<void> {
    this.#made ??= this.#create();
    return this.#made;
  }

  async #create(): Promise<void> {
    const client = await connectTo(urlOf(this.#port, 'postgres'));
    await client.query(`create database ${this.#name}`);
    await client.end();
  }

  async messages(): Promise<number> {
    const client = await connectTo(this.url);
    const { rows } = await client.query<{ n: number }>('select count(*) as n from messages');
    await client.end();
    return rows[0]?.n ?? 0;
  }

  async settled(connectionIds: readonly string[]): Promise<void> {
    const client = await connectTo(this.url);
    const owed = async () => {
      const { rows } = await client.query<{ owed: boolean }>({
        name: 'owed',
        text: `select exists (select 1 from outbox where connection_id = any ($1) and state = 'pending')
          or exists (select 1 from outbox where connection_id = any ($1) and state = 'leased') as owed`,
        values: [connectionIds],
      });
      return rows[0]?.owed === true;
    };
    while (await owed()) await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    await client.end();
  }
}

function urlOf(port: number, name: string): string {
  return `postgres://postgres@127.0.0.1:${port}/${name}`;
}
