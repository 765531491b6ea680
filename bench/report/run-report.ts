import { availableParallelism, cpus } from 'node:os';
import type { Result } from '../case.ts';
import { judge } from './judgement.ts';

/** A run, for machines to read. */
export function runReport(results: readonly Result[], quick: boolean): string {
  const report = {
    date: new Date().toISOString(),
    machine: {
      cores: availableParallelism(),
      processor: cpus()[0]?.model.trim(),
      platform: `${process.platform} ${process.arch}`,
      node: process.version,
    },
    quick,
    results: results.map((result) => ({ ...result, ...judge(result) })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
