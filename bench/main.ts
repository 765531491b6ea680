import { writeFileSync } from 'node:fs';
import type { Case, Result } from './case.ts';
import { accept } from './cases/accept.ts';
import { acceptAlone } from './cases/accept-alone.ts';
import { deliver } from './cases/deliver.ts';
import { flat } from './cases/flat.ts';
import { history } from './cases/history.ts';
import { idle } from './cases/idle.ts';
import { latency } from './cases/latency.ts';
import { neighbours } from './cases/neighbours.ts';
import { workers } from './cases/workers.ts';
import { helpText, type Options, readOptions, UsageError } from './options.ts';
import { chartOf } from './report/chart.ts';
import { writeFigures } from './report/document.ts';
import { runReport } from './report/run-report.ts';
import { tableOf } from './report/table.ts';
import { warmUp } from './rig/as-shipped.ts';
import { Lab } from './rig/lab.ts';
import { killAllStarted } from './rig/started-process.ts';

const CASES: readonly Case[] = [
  accept,
  acceptAlone,
  deliver,
  latency,
  flat,
  neighbours,
  workers,
  idle,
  history,
];
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2), CASES);
    if (options === undefined) {
      process.stdout.write(helpText(CASES));
      return 0;
    }
    return await bench(options);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${helpText(CASES)}`);
    return EXIT_USAGE;
  }
}

async function bench({ cases, json, chart, document, ...place }: Options): Promise<number> {
  const begin = performance.now();
  const progress = (line: string) => {
    const seconds = Math.round((performance.now() - begin) / 1000);
    process.stderr.write(`${String(seconds).padStart(5)} s  ${line}\n`);
  };
  using lab = new Lab({ ...place, progress });
  cleanUpWhenStopped(lab);
  warmUp(lab);
  const { results, failed } = await runCases(cases, lab);
  process.stdout.write(`\n${tableOf(results)}\n`);
  if (lab.quick) process.stdout.write('\nThese sizes are for a smoke test: the figures mean nothing.\n');
  if (json !== undefined) writeFileSync(json, runReport(results, lab.quick));
  if (chart !== undefined) writeFileSync(chart, chartOf(results));
  if (document !== undefined) writeFigures(document, results);
  return failed ? EXIT_FAILED : 0;
}

/** A case that cannot be measured does not keep the others from being measured. */
async function runCases(cases: readonly Case[], lab: Lab): Promise<{ results: Result[]; failed: boolean }> {
  const results: Result[] = [];
  let failed = false;
  for (const one of cases) {
    try {
      results.push(...(await one.run(lab)));
    } catch (error) {
      failed = true;
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      lab.progress(`${one.name} could not be measured: ${reason}`);
    }
  }
  return { results, failed };
}

function cleanUpWhenStopped(lab: Lab): void {
  process.on('exit', () => {
    killAllStarted();
    lab[Symbol.dispose]();
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => process.exit(EXIT_FAILED));
}
