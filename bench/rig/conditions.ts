import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { percentile } from '../statistics.ts';
import type { Lab } from './lab.ts';
import { familyCpuMs, machineCpuMs } from './processor-time.ts';

/** The state of the machine during a measurement. */
export interface Conditions {
  /** Time (ms) in which the disk of the databases synced one page. */
  fsyncP50: number;
  fsyncP99: number;
  /** What other processes used of all processors (% of one core), including what the hypervisor took. */
  foreignPercent: number;
}

const PROBE = join(import.meta.dirname, 'fsync-probe.ts');

/** Runs `work` between two probes of the disk, and records what other processes use of the processors. */
export async function underConditions<T>(
  lab: Lab,
  work: () => Promise<T>,
): Promise<{ value: T; conditions: Conditions }> {
  const before = await fsyncTimes(lab);
  const watch = watchOthers();
  const value = await work();
  const foreignPercent = watch();
  const times = [...before, ...(await fsyncTimes(lab))];
  return {
    value,
    conditions: { fsyncP50: percentile(times, 0.5), fsyncP99: percentile(times, 0.99), foreignPercent },
  };
}

/** Sync times (ms) in the directory of the databases, for a process with this environment. */
export async function fsyncTimes(
  lab: Lab,
  environment: Readonly<Record<string, string>> = {},
): Promise<number[]> {
  const syncs = String(lab.size(100, 20));
  const { stdout } = await promisify(execFile)(process.execPath, [PROBE, lab.directory, syncs], {
    env: { ...environment },
  });
  return JSON.parse(stdout) as number[];
}

function watchOthers(): () => number {
  const usedByOthers = () => machineCpuMs() - familyCpuMs(process.pid);
  const [begin, used] = [performance.now(), usedByOthers()];
  return () => Math.max(0, ((usedByOthers() - used) / (performance.now() - begin)) * 100);
}
