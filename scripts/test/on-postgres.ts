import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leaveNothing } from '@mahilo/shared/test/postgres/databases';
import { PostgresServer } from '@mahilo/shared/test/postgres/server';
import { readImports } from '../imports/read.ts';

/** Where every test gets its database: what does not reach it has nothing to do with one. */
const STORE = 'packages/shared/test/store.ts';

/** Has the tests that are started from now on keep their databases on a PostgreSQL server. */
export class OnPostgres implements AsyncDisposable {
  readonly #url: string;
  /** Undefined: it is somebody's. */
  readonly #server: PostgresServer | undefined;
  readonly #directory = mkdtempSync(join(tmpdir(), 'mahilo-test-run-'));
  readonly #leftOut = join(this.#directory, 'left-out');

  private constructor(url: string, server?: PostgresServer) {
    this.#url = url;
    this.#server = server;
    process.env['TEST_DATABASE_URL'] = url;
    process.env['TESTS_LEFT_OUT'] = this.#leftOut;
  }

  /** Takes the server that TEST_DATABASE_URL names, else starts one. @throws Error when there is none to start. */
  static async begin(): Promise<OnPostgres> {
    const named = process.env['TEST_DATABASE_URL'];
    if (named) return new OnPostgres(named);
    const server = await PostgresServer.start();
    return new OnPostgres(server.url, server);
  }

  /** Says what was left out, and why. */
  report(): string {
    const reasons = linesOf(this.#leftOut);
    const counted = Map.groupBy(reasons, (reason) => reason);
    const each = [...counted].map(([reason, { length }]) => `  ${length} × ${reason}`).sort();
    return [`Left out, since they are about SQLite: ${reasons.length} tests or whole files`, ...each].join(
      '\n',
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#server === undefined ? leaveNothing(this.#url) : this.#server[Symbol.asyncDispose]());
    rmSync(this.#directory, { recursive: true });
  }
}

/** The test files that have something to do with the database. */
export function touchingDatabase(root: string): ReadonlySet<string> {
  const importers = Map.groupBy(readImports(root), ({ to }) => to);
  const reached = new Set([STORE]);
  // A set tells of what is added while it is read.
  for (const file of reached) for (const { from } of importers.get(file) ?? []) reached.add(from);
  return reached;
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}
