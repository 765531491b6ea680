import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Database } from '../db/database.ts';
import { VERSION } from '../version.ts';
import type { LogOutput } from './log-output.ts';

/** Upper bounds (s) of what should take milliseconds: commits, requests. */
export const SHORT_SECONDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** A registry with the metrics that every process has. */
export function createRegistry(process: 'api' | 'worker'): Registry {
  const registry = new Registry();
  new Gauge({
    name: 'mahilo_build_info',
    help: 'Always 1; its labels say which process of which version this is.',
    labelNames: ['process', 'version'],
    registers: [registry],
  }).set({ process, version: VERSION }, 1);
  return registry;
}

/** Counts the log lines that this process could not write. */
export function measureLog(registry: Registry, output: Pick<LogOutput, 'lost'>): void {
  let counted = 0;
  new Counter({
    name: 'mahilo_log_lines_lost_total',
    help: 'Log lines that could not be written: the disk is full, or nobody reads them.',
    registers: [registry],
    collect() {
      this.inc(output.lost - counted);
      counted = output.lost;
    },
  });
}

/** Measures the commits of this process. */
export function measureCommits(registry: Registry, db: Pick<Database, 'onCommit'>): void {
  const registers = [registry];
  const durations = new Histogram({
    name: 'mahilo_commit_duration_seconds',
    help: 'Write transactions, from the wait for the lock to the end of the commit; a worker does not wait for the fsync.',
    buckets: [...SHORT_SECONDS],
    registers,
  });
  const sizes = new Histogram({
    name: 'mahilo_commit_group_size',
    help: 'Works that shared one write transaction; messages that were accepted together, or a turn of a worker, are one.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers,
  });
  db.onCommit((durationMs, works) => {
    durations.observe(durationMs / 1000);
    sizes.observe(works);
  });
}
