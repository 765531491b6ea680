import { readdirSync, readFileSync } from 'node:fs';

/** Kernel ticks in /proc; 100 on every Linux that Node runs on (USER_HZ). */
const TICKS_PER_SECOND = 100;
/** Their positions in `/proc/<pid>/stat`, counted from the closing bracket of the name (proc(5)). */
const PARENT_FIELD = 1;
const UTIME_FIELD = 11;
/** utime and stime, of the process and of its children that have ended. */
const TIME_FIELDS = 4;
/** Of the numbers in the first line of `/proc/stat`: user, nice, system, (idle, iowait,) irq, softirq, steal. */
const BUSY_FIELDS: readonly number[] = [0, 1, 2, 5, 6, 7];

interface Usage {
  parent: number;
  cpuMs: number;
}

/** The process and all that descend from it. Empty when it has ended. */
export function familyOf(pid: number): number[] {
  return [...family(pid).keys()];
}

/** Processor time (ms) of a process and its descendants, including ended ones that were waited for. */
export function familyCpuMs(pid: number): number {
  let sum = 0;
  for (const { cpuMs } of family(pid).values()) sum += cpuMs;
  return sum;
}

/** Processor time (ms) of the whole machine since it started, including what its hypervisor took. */
export function machineCpuMs(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const ticks = line.trim().split(/ +/).slice(1).map(Number);
  return (BUSY_FIELDS.reduce((sum, field) => sum + (ticks[field] ?? 0), 0) * 1000) / TICKS_PER_SECOND;
}

function family(pid: number): Map<number, Usage> {
  const all = new Map<number, Usage>();
  for (const name of readdirSync('/proc')) {
    const usage = /^\d+$/.test(name) ? usageOf(name) : undefined;
    if (usage) all.set(Number(name), usage);
  }
  const found = new Map<number, Usage>();
  const add = (member: number) => {
    const usage = all.get(member);
    if (usage === undefined) return;
    found.set(member, usage);
    for (const [child, { parent }] of all) if (parent === member && !found.has(child)) add(child);
  };
  add(pid);
  return found;
}

/** Undefined when it has ended. */
function usageOf(pid: string): Usage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const times = fields.slice(UTIME_FIELD, UTIME_FIELD + TIME_FIELDS).map(Number);
    const ticks = times.reduce((sum, time) => sum + time, 0);
    return { parent: Number(fields[PARENT_FIELD]), cpuMs: (ticks * 1000) / TICKS_PER_SECOND };
  } catch {
    return undefined;
  }
}
