import type { Result } from '../case.ts';
import { machine } from '../rig/machine.ts';
import { judge } from './judgement.ts';

/** A run, for machines to read. */
export function runReport(results: readonly Result[], quick: boolean): string {
  const report = {
    date: new Date().toISOString(),
    machine: machine(),
    quick,
    results: results.map((result) => ({ ...result, ...judge(result) })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
