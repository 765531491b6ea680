import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { exitWithMistake, optionsOrExit } from '@mahilo/operator/command-line';
import { succeeds } from './process/command.ts';

/** A test that has not ended by then hangs. */
const TEST_TIMEOUT_MS = 300_000;
const TEST_NAME_PREFIX = 'Tests: ';

const hasColors = process.stdout.isTTY && process.stdout.hasColors();

type Command = readonly [program: string, ...programArguments: string[]];

/** What `npm test` checks, under a name for people: commands that must succeed, or the tests in some files. */
interface Step {
  name: string;
  commands?: readonly Command[];
  testFiles?: readonly string[];
}

const STEPS: readonly Step[] = [
  {
    name: 'Types',
    commands: [['tsc']],
  },
  { name: 'Style', commands: [['biome', 'ci', `--colors=${hasColors ? 'force' : 'off'}`]] },
  { name: 'Unused code', commands: [['knip']] },
  ...['shared', 'api', 'worker', 'operator'].map((name) => ({
    name: `${TEST_NAME_PREFIX}${name}`,
    testFiles: [`packages/${name}/{src,test}/**/*.test.ts`],
  })),
  { name: `${TEST_NAME_PREFIX}whole product`, testFiles: ['test/**/*.test.ts'] },
];

const HELP = `Checks everything, and stops at the first failure: npm test [-- option… text…]

  --only STEP   Runs this step only; may be given several times. A step of tests goes by its last part, too.
  --help        Shows this.
  text…         Runs only tests, and of those only the files whose path contains one of the texts.

Steps: ${STEPS.map(({ name }) => name).join(', ')}.`;

type Outcome = 'passed' | 'failed' | 'skipped';

async function testAll(): Promise<boolean> {
  const { values, positionals: texts } = optionsOrExit(HELP, {
    options: { only: { type: 'string', multiple: true } },
    allowPositionals: true,
  });
  const chosen = values.only?.map(stepNamed) ?? STEPS.filter((step) => step.testFiles || texts.length === 0);
  const outcomes: Outcome[] = [];
  for (const step of chosen) {
    const outcome = await runStep(step, texts);
    if (outcome === 'failed') return false;
    outcomes.push(outcome);
  }
  if (!outcomes.includes('passed')) exitWithMistake('There was nothing to run.');
  return true;
}

function stepNamed(text: string): Step {
  const wanted = text.toLowerCase();
  const found = STEPS.find(({ name }) =>
    [name, name.replace(TEST_NAME_PREFIX, '')].some((known) => known.toLowerCase() === wanted),
  );
  return found ?? exitWithMistake(`There is no step "${text}".`);
}

async function runStep(step: Step, texts: readonly string[]): Promise<Outcome> {
  const commands = step.commands ?? testCommands(step.testFiles ?? [], texts);
  if (commands.length === 0) {
    report('yellow', `- ${step.name}: skipped, no test file${texts.length > 0 ? ' matches' : ' yet'}`);
    return 'skipped';
  }
  const startedAt = performance.now();
  report('bold', `▶ ${step.name}`);
  for (const [program, ...programArguments] of commands) {
    if (!(await succeeds(program, programArguments))) {
      report('red', `✖ ${step.name} failed (${secondsSince(startedAt)})`);
      return 'failed';
    }
  }
  report('green', `✔ ${step.name} (${secondsSince(startedAt)})\n`);
  return 'passed';
}

function testCommands(patterns: readonly string[], texts: readonly string[]): Command[] {
  const files = globSync(patterns)
    .filter((file) => texts.length === 0 || texts.some((text) => file.includes(text)))
    .sort();
  if (files.length === 0) return [];
  const options = [
    '--test-reporter=spec',
    `--test-concurrency=${availableParallelism()}`,
    `--test-timeout=${TEST_TIMEOUT_MS}`,
  ];
  return [[process.execPath, '--test', ...options, ...files]];
}

function secondsSince(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

function report(style: 'bold' | 'red' | 'green' | 'yellow', text: string): void {
  console.log(styleText(style, text));
}

process.chdir(join(import.meta.dirname, '..'));
process.exitCode = (await testAll()) ? 0 : 1;
