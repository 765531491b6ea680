import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pRetry from 'p-retry';
import { Client, types } from 'pg';
import { sqlState } from '../../src/db/postgres/errors.ts';
import { nameOf, serverUrlsOf } from '../../src/postgres-url.ts';

/** The databases of a run begin with it; what stands behind it names the process. */
const PREFIX = 'mahilo_test_';
/** An SQLSTATE; see PostgreSQL's appendix A. */
const INSUFFICIENT_PRIVILEGE = '42501';

/** Its types do not know that it may leave the process alone. */
type RefableClient = Client & Pick<NodeJS.Timeout, 'ref' | 'unref'>;

/** The connection that makes and drops databases. It bears the name of this process's databases while that lives. */
class Maintenance {
  readonly prefix = `${PREFIX}${randomBytes(4).toString('hex')}`;
  readonly #url: string;
  #client: RefableClient | undefined;
  #last: Promise<unknown>;
  #waiting = 0;

  constructor(url: string) {
    this.#url = url;
    this.#last = this.#connected().then(dropForgotten);
  }

  async run(text: string): Promise<void> {
    this.#waiting += 1;
    this.#client?.ref();
    try {
      const done = this.#last.then(async () => (await this.#connected()).query(text));
      // A connection does one thing after the other, and one that failed is no concern of the next.
      this.#last = done.catch(() => undefined);
      await done;
    } finally {
      this.#waiting -= 1;
      // A process that has nothing more to do ends, whether this is connected or not.
      if (this.#waiting === 0) this.#client?.unref();
    }
  }

  /** Another connection, when a server that crashed has ended the one before. */
  async #connected(): Promise<RefableClient> {
    if (this.#client !== undefined) return this.#client;
    const client = (await connectTo(this.#url, this.prefix)) as RefableClient;
    const forget = () => {
      if (this.#client === client) this.#client = undefined;
    };
    client.on('error', forget).on('end', forget);
    this.#client = client;
    return client;
  }
}

/** Of the databases of this role: others may run their tests on the same server. */
const OWN = `starts_with(datname, '${PREFIX}') and pg_get_userbyid(datdba) = current_user`;
/** Those of a process that lives. */
const IN_USE = `exists (select 1 from pg_stat_activity
  where starts_with(application_name, '${PREFIX}') and starts_with(pg_database.datname, application_name))`;

/** Drops what processes have left: the database that others begin as, and all, if they were killed. */
async function dropForgotten(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select datname as name from pg_database where ${OWN} and not ${IN_USE}`,
  );
  for (const { name } of rows) await dropped(name, (text) => client.query(text));
}

/** How often, and how long after each other (ms), to look whether a process that has ended is gone for the server, too. */
const [LOOKS, LOOK_EVERY_MS] = [20, 100] as const;

/** Drops what processes that have ended have left on a server. */
export async function leaveNothing(server: string): Promise<void> {
  const client = await connectTo(server);
  try {
    for (let look = 0; look < LOOKS; look += 1) {
      await dropForgotten(client);
      const { rows } = await client.query(`select 1 from pg_database where ${OWN}`);
      if (rows.length === 0) return;
      await pause(LOOK_EVERY_MS);
    }
  } finally {
    await client.end();
  }
}

const maintenances = new Map<string, Maintenance>();
let made = 0;

function maintenanceOf(server: string): Maintenance {
  const known = maintenances.get(server) ?? new Maintenance(server);
  maintenances.set(server, known);
  return known;
}

/** The URL for a new database on the server. It is not there yet. */
export function newDatabaseUrl(server: string): string {
  made += 1;
  // Its options stand behind the name of a database, and may have slashes.
  return server.replace(/(?<=\/\/[^/?]*)\/[^?]*/, `/${maintenanceOf(server).prefix}_${made}`);
}

/** Makes an empty database, or one that is like `template`, which nobody may use meanwhile. */
export async function makeDatabase(server: string, url: string, template?: string): Promise<void> {
  const like = template === undefined ? '' : ` template "${nameIn(template)}" strategy file_copy`;
  await maintenanceOf(server).run(`create database "${nameIn(url)}"${like}`);
}

export async function dropDatabase(server: string, url: string): Promise<void> {
  await dropped(nameIn(url), (text) => maintenanceOf(server).run(text));
}

/** Waits for a worker that is vacuuming it: that is the superuser's process, and whoever is none cannot end it. */
async function dropped(name: string, run: (text: string) => Promise<unknown>): Promise<void> {
  await pRetry(() => run(`drop database if exists "${name}" with (force)`), {
    retries: 100,
    minTimeout: 100,
    factor: 1,
    shouldRetry: ({ error }) => sqlState(error) === INSUFFICIENT_PRIVILEGE,
  });
}

function nameIn(url: string): string {
  return /[^/]*$/.exec(nameOf(url))?.[0] ?? '';
}

/**
 * A connection of its own to a database, on the host that is the primary if there are several. Numbers are numbers, as in SQLite.
 * @throws Error when there is none.
 */
export async function connectTo(url: string, applicationName?: string): Promise<Client> {
  let reason: unknown = new Error('No host of these is a primary.');
  for (const one of serverUrlsOf(url) ?? []) {
    const client = new Client({
      connectionString: one,
      types: {
        getTypeParser: (oid, format) =>
          oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format),
      },
    });
    // A server that ends closes it, which is no fault of the test.
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ is_replica: boolean }>(
        'select pg_is_in_recovery() as is_replica',
      );
      if (rows[0]?.is_replica === false) {
        // What the URL says would go before an option of the client.
        if (applicationName !== undefined)
          await client.query("select set_config('application_name', $1, false)", [applicationName]);
        return client;
      }
      await client.end();
    } catch (error) {
      reason = error;
    }
  }
  throw reason;
}
