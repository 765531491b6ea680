import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { dear } from '@mahilo/shared/test/plans';
import BetterSqlite3 from 'better-sqlite3';
import './query-plans/capture.ts';
import { onlyWithSqlite } from '@mahilo/shared/test/dialect';
import { asWritten, coverageOf, isOf, plain, readReports, sites } from './query-plans/sites.ts';
import { TOUR_SETTINGS, tour } from './query-plans/tour.ts';
import { World } from './world/world.ts';

onlyWithSqlite('the plans of SQLite');

const directory = mkdtempSync(join(tmpdir(), 'mahilo-plans-'));
const log = join(directory, 'statements');
const toolsLog = join(directory, 'statements-of-tools');
const coverage = join(directory, 'coverage');
let ofProcesses: string[];
let ofTools: string[];
let hasRun: ReturnType<typeof coverageOf>;

before(async () => {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const preload = new URL('query-plans/capture.ts', import.meta.url).href;
  await using world = new World(
    {
      ...TOUR_SETTINGS,
      QUERY_LOG: log,
      NODE_V8_COVERAGE: coverage,
      NODE_OPTIONS: `--import ${preload}`,
    },
    { directory },
  );
  await tour(world, { QUERY_LOG: toolsLog });
  const here = await session.post('Profiler.takePreciseCoverage');
  // It would slow down every file that this process runs later.
  await session.post('Profiler.stopPreciseCoverage');
  session.disconnect();
  hasRun = coverageOf([here, ...(existsSync(coverage) ? readReports(coverage) : [])]);
  ofProcesses = readLog(log);
  ofTools = readLog(toolsLog);
});

function readLog(file: string): string[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return [...new Set(lines.map((line) => plain(JSON.parse(line))))];
}

test('the tour comes by every statement of the product', () => {
  const statements = [...ofProcesses, ...ofTools];
  const missed = sites().filter((site) =>
    site.chunks.length > 0 ? !statements.some((statement) => isOf(site, statement)) : !hasRun(site),
  );
  assert.deepEqual(
    missed.map(({ place }) => place),
    [],
  );
});

/** Steps of a statement's plan that scan a table, or sort what no index keeps in order (sqlite.org/eqp.html). */
function dearSteps(sqlite: BetterSqlite3.Database, statement: string): string[] {
  const explained = sqlite.prepare<unknown[], { detail: string }>(`explain query plan ${statement}`);
  const parameters = [...statement.matchAll(/\?/g)].map(() => null);
  const steps = explained.all(parameters).map(({ detail }) => detail);
  return dear({ statement, steps }).filter((step) => !FEW.test(step));
}

function assertCheap(
  statements: readonly string[],
  allowed: readonly (readonly [statement: RegExp, why: string])[],
) {
  const sqlite = new BetterSqlite3(join(directory, 'mahilo.db'), { readonly: true });
  const isUsed = new Set<RegExp>();
  const dear = statements.filter(isQuery).flatMap((statement) => {
    const steps = dearSteps(sqlite, statement);
    const excuse =
      steps.length > 0 ? allowed.find(([pattern]) => pattern.test(asWritten(statement))) : undefined;
    if (excuse !== undefined) isUsed.add(excuse[0]);
    return steps.length === 0 || excuse !== undefined ? [] : [`${statement} → ${steps.join('; ')}`];
  });
  sqlite.close();
  assert.deepEqual(dear, []);
  const unused = allowed.filter(([pattern]) => !isUsed.has(pattern));
  assert.deepEqual(unused, [], 'what needs no excuse any more must have none');
}

const isQuery = (statement: string) => /^(select|insert|update|delete|with)\b/i.test(statement);

/** The rows of these tables are few. */
const FEW =
  /^SCAN (CONSTANT ROW|(workers|access_version|kysely_migration|sqlite_master|sqlite_schema|sqlite_sequence)\b)/;

const FOREIGN_KEY = [
  /^insert into "?(users|connections)"? /,
  'Of a foreign key, and only while one is violated.',
] as const;
const FROM_ONE_END = 'Reads from one end of the table, in its order, and no further than the limit.';

test('in API and worker every statement finds its rows by an index, however much there is', () => {
  assertCheap(ofProcesses, ALLOWED);
});

const ALLOWED = [
  [/order by "?id"?( desc)? limit/, FROM_ONE_END],
  [/from "users" .*order by "username" limit/, FROM_ONE_END],
  [
    /^select count\(\*\) as found from \(select 1 from outbox indexed by .* limit \?\) as counted$/,
    'Counts no further than the limit.',
  ],
  FOREIGN_KEY,
  [/from "policies" where .* order by "policies"."id" desc limit/, 'Sorts what POLICIES_PER_USER bounds.'],
  [/"outbox"."message_id" = \? .*order by "outbox"."id"$/, 'Sorts the deliveries of one message.'],
  [
    / and "messages"."id" = \? .*order by "messages"."id" desc, "outbox"."id" desc/,
    'The same, newest first.',
  ],
  [
    /from "connections" left join "lanes" .* order by "connections"."id" desc limit/,
    'Sorts the agents of one user.',
  ],
  [
    /from group_members where group_id = \? .* order by role = 'admin' desc/,
    'Sorts the members of one group.',
  ],
] as const;

test('the operator’s tools look through no large table but in an index alone', () => {
  assertCheap(ofTools, ALLOWED_TO_TOOLS);
});

const ALLOWED_TO_TOOLS = [
  FOREIGN_KEY,
  [/group by .* as near join users/, 'The doctor counts in indexes.'],
  [/\) as sizes join/, 'Who has most of it, in an index alone.'],
  [/order by stored_bytes desc nulls last limit/, 'What is largest, in an index alone.'],
  [/from api_keys group by secret_key_id$/, 'Asked for when SECRET_KEY changes.'],
  [/^select distinct username from api_keys/, 'The same.'],
  [/from delivery_attempts .* limit \? \) as latest order by attempt$/, 'Sorts what the limit left.'],
  [/order by "?id"?( desc)? limit/, FROM_ONE_END],
] as const;
