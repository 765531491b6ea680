import { type Figures, KINDS, p99 } from './figures.ts';

/** Honest people may wait this many times as long as without attackers … */
const SLOWER = 3;
/** … or this long (ms), which nobody notices. */
const UNNOTICED_MS = 250;
const MIB = 1024 * 1024;

/** By route and attack: how often each thing happened to it. */
export type AttackCounts = Record<string, Record<string, Record<string, number>>>;

export interface HostileRun {
  alone: Figures;
  attacked: Figures;
  attacks: AttackCounts;
  /** Processes that ended. */
  died: number;
  /** Largest resident sizes (bytes). */
  memory: { api: number; worker: number };
}

export interface HostileVerdict extends HostileRun {
  properties: Readonly<Record<string, boolean>>;
  valid: boolean;
}

/** Judges a run. Pure. */
export function verdictOf(run: HostileRun): HostileVerdict {
  const properties = {
    'no process died': run.died === 0,
    'no honest request failed': run.attacked.failures.length === 0,
    'honest people were measured': KINDS.every(
      (kind) => run.alone[kind].length > 0 && run.attacked[kind].length > 0,
    ),
    ...Object.fromEntries(
      KINDS.map((kind) => [`p99 of ${kind} within ${SLOWER} × or ${UNNOTICED_MS} ms`, isServed(run, kind)]),
    ),
    'every attack was made': Object.values(run.attacks).every((attacks) =>
      Object.values(attacks).every((counts) => Object.keys(counts).length > 0),
    ),
  };
  return { ...run, properties, valid: Object.values(properties).every(Boolean) };
}

function isServed({ alone, attacked }: HostileRun, kind: (typeof KINDS)[number]): boolean {
  return p99(attacked[kind]) <= Math.max(SLOWER * p99(alone[kind]), UNNOTICED_MS);
}

/** The verdict for people. */
export function reportOf({ alone, attacked, attacks, memory, properties }: HostileVerdict): string {
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  const lines = KINDS.map(
    (kind) =>
      `${kind.padEnd(10)} p99 ${ms(p99(alone[kind])).padStart(10)} alone, ${ms(p99(attacked[kind])).padStart(10)} under attack (${attacked[kind].length} of them)`,
  );
  const sizes = `memory     API ${Math.round(memory.api / MIB)} MiB, worker ${Math.round(memory.worker / MIB)} MiB at most`;
  const failures = attacked.failures.slice(0, 5).map((failure) => `  failed: ${failure}`);
  const hostile = Object.entries(attacks).flatMap(([route, made]) =>
    Object.entries(made).map(([name, counts]) => {
      const parts = Object.entries(counts).map(([what, times]) => `${what}: ${times}`);
      return `  ${route.padEnd(7)} ${name.padEnd(31)} ${parts.join(', ')}`;
    }),
  );
  const held = Object.entries(properties).map(([name, holds]) => `  ${holds ? '✔' : '✘'} ${name}`);
  return [...lines, sizes, ...failures, '', ...hostile, '', ...held].join('\n');
}
