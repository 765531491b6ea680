import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Lab } from './lab.ts';

const SOURCE = join(import.meta.dirname, 'disk-of-set-speed.c');

/** The environment of processes for which a sync takes a set time. */
export type SetDisk = (syncMs: number) => Readonly<Record<string, string>>;

/** Compiles the library that sets the time of a sync; a sentence why not where that cannot be done. */
export function setDisk(lab: Lab): SetDisk | string {
  const library = join(lab.directory, 'disk-of-set-speed.so');
  const { error, status, stderr } = spawnSync(
    'gcc',
    ['-O2', '-shared', '-fPIC', '-D_GNU_SOURCE', '-o', library, SOURCE],
    { encoding: 'utf8' },
  );
  if (error) return `The time of a sync cannot be set without a C compiler: ${error.message}`;
  if (status !== 0) return `The library that sets the time of a sync cannot be compiled: ${stderr}`;
  return (syncMs) => ({ LD_PRELOAD: library, BENCH_FSYNC_US: String(Math.round(syncMs * 1000)) });
}
