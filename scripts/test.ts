import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { styleText } from 'node:util';
import { exitWithMistake, optionsOrExit } from '@mahilo/operator/command-line';
import { succeeds, succeedsBeside } from './process/run-program.ts';

const ROOT = join(import.meta.dirname, '..');
/** A test that has not ended by then hangs. */
const TEST_TIMEOUT_MS = 300_000;
/** Processes of tests that run at the same time: one more than processors, since tests also wait. */
const LANES = availableParallelism() + 1;
/** Files that share a process: loading what they import costs more than most of them. */
const FILES_PER_PROCESS = 8;
const TEST_NAME_PREFIX = 'Tests: ';
const CI_NAME_PREFIX = 'CI: ';
/** Each file in it is a step of its own that only CI runs, since it takes long or needs a program that few have. */
const CI_TEST_FILES = 'test/ci/*.test.ts';
/** Tests that wait more than they compute: begun first, each in its own process, they leave the processor to the others. */
const LONG_WAITS: readonly string[] = [
  'test/chaos.test.ts',
  'test/demo.test.ts',
  'test/start.test.ts',
  'test/workers.test.ts',
];

const TEST_OPTIONS = ['--test-reporter=spec', `--test-timeout=${TEST_TIMEOUT_MS}`];

const hasColors = process.stdout.isTTY && process.stdout.hasColors();

type Command = readonly [program: string, ...programArguments: string[]];

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
  { name: 'Types', commands: [['tsc']] },
  { name: 'Style', commands: [['biome', 'ci', `--colors=${hasColors ? 'force' : 'off'}`]] },
  { name: 'Imports', commands: [[process.execPath, 'scripts/check-imports.ts']] },
  { name: 'Unused code', commands: [['knip']] },
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

const HELP = `Checks everything, and stops at the first failure: npm test [-- option… text…]

  --only STEP   Runs this step only; may be given several times. What stands before its colon may be left out.
  --help        Shows this.
  text…         Runs only tests, and of those only the files whose path contains one of the texts.

Steps: ${STEPS.map(({ name }) => name).join(', ')}.
Only in .ci/run: ${CI_STEPS.map(({ name }) => name).join(', ')}.`;

type Outcome = 'passed' | 'failed' | 'skipped';

async function testAll(): Promise<boolean> {
  const { values, positionals: texts } = optionsOrExit(HELP, {
    options: { only: { type: 'string', multiple: true } },
    allowPositionals: true,
  });
  const chosen = values.only?.map(stepNamed) ?? (texts.length === 0 ? STEPS : stepsWith(texts));
  const outcomes: Outcome[] = [];
  for (const step of chosen) {
    const outcome = await runStep(step, texts);
    if (outcome === 'failed') return false;
    outcomes.push(outcome);
  }
  if (!outcomes.includes('passed')) exitWithMistake('There was nothing to run.');
  return true;
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

async function runStep(step: Step, texts: readonly string[]): Promise<Outcome> {
  const files = filesOf(step.testFiles, texts);
  if (step.testFiles !== undefined && files.length === 0) {
    report('yellow', `- ${step.name}: skipped, no test file${texts.length > 0 ? ' matches' : ' yet'}`);
    return 'skipped';
  }
  const startedAt = performance.now();
  report('bold', `▶ ${step.name}`);
  if (!(await (step.commands ? succeed(step.commands) : pass(files)))) {
    report('red', `✖ ${step.name} failed (${secondsSince(startedAt)})`);
    return 'failed';
  }
  report('green', `✔ ${step.name} (${secondsSince(startedAt)})\n`);
  return 'passed';
}

async function succeed(commands: readonly Command[]): Promise<boolean> {
  for (const [program, ...programArguments] of commands)
    if (!(await succeeds(program, programArguments))) return false;
  return true;
}

/** Whether the tests in these files pass. Each lane takes the next files as soon as it has none. */
async function pass(files: readonly string[]): Promise<boolean> {
  const groups = inGroups(files);
  const run = groups.length === 1 ? succeeds : succeedsBeside;
  let passed = true;
  const lane = async () => {
    for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
      const command = [...TEST_OPTIONS, 'scripts/test/together.ts', ...group];
      passed = (await run(process.execPath, command)) && passed;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return passed;
}

/** The files of each process, in the order in which they begin. */
function inGroups(files: readonly string[]): string[][] {
  const short = files.filter((file) => !LONG_WAITS.includes(file));
  const size = Math.min(FILES_PER_PROCESS, Math.ceil(short.length / LANES));
  return [
    ...files.filter((file) => LONG_WAITS.includes(file)).map((file) => [file]),
    ...Map.groupBy(short, (file) => Math.floor(short.indexOf(file) / size)).values(),
  ];
}

/** The test files that fit. */
function filesOf(testFiles: TestFiles | undefined, texts: readonly string[]): string[] {
  if (testFiles === undefined) return [];
  const { include, exclude = [] } = testFiles;
  return globSync(include, { cwd: ROOT, exclude })
    .filter((file) => texts.length === 0 || texts.some((text) => file.includes(text)))
    .sort();
}

function secondsSince(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

function report(style: 'bold' | 'red' | 'green' | 'yellow', text: string): void {
  console.log(styleText(style, text));
}

process.chdir(ROOT);
// What tests import is compiled once, as is what they start (test/world/compile-cache.ts).
process.env['NODE_COMPILE_CACHE'] ??= join(ROOT, 'node_modules/.cache/compile');
process.exitCode = (await testAll()) ? 0 : 1;
