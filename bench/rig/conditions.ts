import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { percentile } from '../statistics.ts';
import type { Lab } from './lab.ts';
import { familyCpuMs, machineCpuMs } from './processor-time.ts';

/** What the machine was like while something was measured. */
export interface Conditions {
  /** How long the disk of the databases took to sync one page (ms). */
  fsyncP50: number;
  fsyncP99: number;
  /** What other processes used of all processors meanwhile (% of one core); another machine's share of ours included. */
  foreignPercent: number;
}

const PROBE = join(import.meta.dirname, 'fsync-probe.ts');

/** Does `work` between two looks at the disk, and watches what others use of the processors meanwhile. */
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

/** Times (ms) of syncs in the directory of the databases, by a process with this environment. */
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
