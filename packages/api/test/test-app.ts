import assert from 'node:assert/strict';
import { type Clock, systemClock } from '@mahilo/shared/clock';
import { loadSettings } from '@mahilo/shared/config/load';
import type { Database } from '@mahilo/shared/db/database';
import { createEgressClient } from '@mahilo/shared/egress/client';
import { egressPolicy } from '@mahilo/shared/egress/policy';
import { idSource } from '@mahilo/shared/ids';
import { createLogger } from '@mahilo/shared/observe/log';
import { createRegistry } from '@mahilo/shared/observe/metrics';
import { systemRandom } from '@mahilo/shared/random';
import { keyRing } from '@mahilo/shared/sealing/key-ring';
import { TestDirectory } from '@mahilo/shared/test/directory';
import { type ApiDocument, DocumentCheck } from '@mahilo/shared/test/document-check';
import { openTestDatabase, testStore } from '@mahilo/shared/test/store';
import type { TestStore } from '@mahilo/shared/test/test-store';
import { buildApp } from '../src/app.ts';
import type { App } from '../src/deps.ts';
import { ApiTelemetry } from '../src/telemetry.ts';

export interface TestApp extends AsyncDisposable {
  app: App;
  /** Its real database. */
  db: Database;
  store: TestStore;
  /** Answers until now that are not what the document says, each kind once. A test that leaves some fails. */
  undocumented: Map<string, string>;
}

/** What the operator's tools answer, which this API does not run. */
const TOOL_ANSWERS: Readonly<Record<string, object>> = {
  doctor: { ok: true, findings: [{ check: 'disk', level: 'ok', finding: 'Much is free.' }] },
  secret: {
    api_keys: { current: 1, previous: 0, lost: 0, unknown: 0 },
    callback_secrets: { current: 0, previous: 0, lost: 0 },
    check_value_is_previous: false,
    users_not_current: [],
  },
};

/** Shared by all apps of a process, which have the same document. */
let check: DocumentCheck | undefined;

/** Watches for answers that contradict the document. @returns what is wrong with them, each kind once. */
function compareWithDocument(app: App): Map<string, string> {
  const problems = new Map<string, string>();
  app.addHook('onSend', (request, reply, payload, done) => {
    // Streams are not text.
    if (request.method !== 'HEAD' && (payload === null || typeof payload === 'string')) {
      check ??= new DocumentCheck(JSON.parse(JSON.stringify(app.swagger())) as ApiDocument);
      const problem = check.problemOf({
        method: request.method,
        path: request.url.split('?', 1)[0] ?? '',
        status: reply.statusCode,
        contentType: reply.getHeader('content-type')?.toString(),
        body: payload ?? '',
      });
      if (problem !== undefined) problems.set(problem.split(' in {')[0] ?? '', problem);
    }
    done();
  });
  return problems;
}

/** The API in this process, with its own database, of which a test may replace parts, and its own settings. */
export async function testApp(
  replaced: (db: Database) => Partial<Database>,
  environment: Readonly<Record<string, string>> = {},
  clock: Clock = systemClock,
): Promise<TestApp> {
  const settings = loadSettings({ SECRET_KEY: 'a-secret-key-for-tests-that-is-long-enough', ...environment });
  const directory = new TestDirectory();
  const store = testStore(directory.path);
  const db = await openTestDatabase(store);
  const egress = createEgressClient({ policy: egressPolicy(settings), timeoutMs: 1000, userAgent: 'test' });
  const app = await buildApp({
    settings,
    db: { ...db, ...replaced(db) },
    clock,
    random: systemRandom,
    newId: idSource(clock, systemRandom),
    keys: keyRing(settings),
    log: createLogger('api', 'silent'),
    telemetry: new ApiTelemetry(createRegistry('api')),
    egress,
    operatorTool: <Answer>([tool]: readonly string[]) => Promise.resolve(TOOL_ANSWERS[tool ?? ''] as Answer),
  });
  const undocumented = compareWithDocument(app);
  return {
    app,
    db,
    store,
    undocumented,
    async [Symbol.asyncDispose]() {
      await app.close();
      await db.close();
      await store.drop();
      egress.close();
      directory[Symbol.dispose]();
      assert.deepEqual([...undocumented.values()], [], 'the OpenAPI document says something else');
    },
  };
}
