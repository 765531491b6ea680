import { readFileSync } from 'node:fs';
import { familyOf } from '../rig/processor-time.ts';
import type { OpenSide } from './side.ts';

/** Clients that send at once. */
export const CLIENTS = 64;

const RECORDED_WITHIN_MS = 60_000;
const ASK_EVERY_MS = 50;

/** Processor time (ms) of all processes of a side. */
export function cpuMsOf(side: OpenSide): number {
  return side.processes().reduce((sum, started) => sum + started.cpuMs(), 0);
}

/** Memory (MiB) of all processes of a side; counts shared pages once. */
export function pssMiBOf(side: OpenSide): number {
  const kilobytes = side
    .processes()
    .flatMap(({ pid }) => familyOf(pid))
    .map((pid) => {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1]);
    });
  return kilobytes.reduce((sum, figure) => sum + figure, 0) / 1024;
}

/**
 * Waits until this many attempts are recorded.
 * @throws Error when they are not: then the figure is wrong.
 */
export async function allRecorded(side: OpenSide, count: number): Promise<void> {
  const deadline = performance.now() + RECORDED_WITHIN_MS;
  for (;;) {
    const recorded = await side.recorded();
    if (recorded >= count) return;
    if (performance.now() > deadline) throw new Error(`Of ${count} attempts ${recorded} are recorded.`);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}
