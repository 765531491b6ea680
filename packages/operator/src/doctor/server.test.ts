import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@mahilo/shared/clock';
import type { Database, Safety } from '@mahilo/shared/db/database';
import { migrations } from '@mahilo/shared/db/migrations';
import type { Schema } from '@mahilo/shared/db/schema';
import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import type { ServerFacts } from '../database/server-facts.ts';
import { examineServer } from './server.ts';

/** A server with which all is well, as an owner of the database sees it who may do nothing else. */
const WELL: ServerFacts = {
  version: '18.4',
  fsync: 'on',
  full_page_writes: 'on',
  autovacuum: 'on',
  now: 0,
  connections: 6,
  max_connections: 100,
  replicas: 0,
  oldest_transaction_ms: 0,
  dead_rows: 0,
  bytes: 1,
};

class Answering extends DummyDriver {
  readonly #facts: ServerFacts;

  constructor(facts: ServerFacts) {
    super();
    this.#facts = facts;
  }

  override async acquireConnection() {
    const connection = await super.acquireConnection();
    const names = Object.keys(migrations).map((name) => ({ name }));
    return Object.assign(connection, {
      executeQuery: async ({ sql }: CompiledQuery) => ({
        rows: sql.includes('kysely_migration') ? names : [this.#facts],
      }),
    });
  }
}

/** What the doctor finds beside that the server answers, and what is promised. */
async function found(differences: Partial<ServerFacts>, safety: Safety = 'disk'): Promise<string[]> {
  const kysely = new Kysely<Schema>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new Answering({ ...WELL, now: systemClock.now(), ...differences }),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  const findings = await examineServer({ kysely, acceptedIsOn: async () => safety } as Database);
  return findings.slice(2).map(({ finding }) => finding);
}

test('replicas of which none is synchronous are told; whether one is, every user can see', async () => {
  assert.deepEqual(await found({}), []);
  assert.deepEqual(await found({ replicas: 2 }, 'disk and replica'), []);
  const [finding] = await found({ replicas: 2 });
  assert.match(finding ?? '', /^2 replicas, none of them synchronous/);
});

test('a synchronous replica that is not connected stops every write, and is told', async () => {
  const [finding] = await found({}, 'disk and replica');
  assert.match(finding ?? '', /^A synchronous replica is wanted .* none is connected/);
});
