import { writeFileSync } from 'node:fs';
import type { Case, Result } from '../case.ts';
import type { Options } from '../options.ts';
import { chartOf } from '../report/chart.ts';
import { measuredOn, writeSection } from '../report/document.ts';
import { runReport } from '../report/run-report.ts';
import { markdownTableOf, tableOf } from '../report/table.ts';
import { underConditions } from '../rig/conditions.ts';
import type { Lab } from '../rig/lab.ts';
import { machine } from '../rig/machine.ts';

/**
 * Measures cases against their bare pipelines, and writes the results.
 * @returns whether all of them could be measured.
 */
export async function runCases(lab: Lab, cases: readonly Case[], options: Options): Promise<boolean> {
  const { results, failed } = await measureAll(cases, lab);
  process.stdout.write(`\n${tableOf(results)}\n`);
  if (lab.quick) process.stdout.write('\nThese sizes are for a smoke test: the figures mean nothing.\n');
  if (options.json !== undefined) writeFileSync(options.json, runReport(results, lab.quick));
  if (options.chart !== undefined) writeFileSync(options.chart, chartOf(results));
  const on = measuredOn(new Date().toISOString(), machine());
  const section = lab.server === undefined ? 'figures' : 'postgres';
  for (const file of options.documents) writeSection(file, section, `${on}:\n\n${markdownTableOf(results)}`);
  return !failed;
}

/** A case that fails does not stop the others. */
async function measureAll(cases: readonly Case[], lab: Lab): Promise<{ results: Result[]; failed: boolean }> {
  const results: Result[] = [];
  let failed = false;
  for (const one of cases) {
    if (one.needs !== undefined && (one.needs === 'server') !== (lab.server !== undefined)) {
      lab.progress(`${one.name}: skipped: it is about a ${one.needs}`);
      continue;
    }
    try {
      const { value, conditions } = await underConditions(lab, () => one.run(lab));
      results.push(...value.map((result) => ({ ...judgedOn(lab, result), conditions })));
    } catch (error) {
      failed = true;
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      lab.progress(`${one.name} could not be measured: ${reason}`);
    }
  }
  return { results, failed };
}

/** The targets are for files. */
function judgedOn(lab: Lab, result: Result): Result {
  if (lab.server === undefined) return result;
  const { target: _target, ...others } = result;
  return others;
}
