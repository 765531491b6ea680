import type { Conditions } from './rig/conditions.ts';
import type { Lab } from './rig/lab.ts';

/** One line of the table. */
export interface Result {
  /** The case, and which part of it. */
  case: string;
  unit: string;
  measured: number;
  /** The figure of the bare pipeline in the same unit, and its description. */
  baseline?: { name: string; value: number };
  /** The judged values, one for each round: ratios measured / baseline, differences, or plain figures. */
  rounds: readonly number[];
  /** `ratio`: measured / baseline; `ms more`: measured − baseline; `plain`: no baseline. */
  judgedAs: 'ratio' | 'ms more' | 'plain';
  /** Absent where a case only reports. */
  target?: { atLeast: number } | { atMost: number };
  note?: string;
  /** Processor time a message (µs): of all processes of the product, and of the bare pipeline. */
  cost?: { ours: number; baseline?: number };
  /** The state of the machine during the case. */
  conditions?: Conditions;
  /** What a case with a set sync time mostly waits for. */
  bound?: 'processor' | 'disk';
}

export interface Case {
  name: string;
  /** One sentence for `--help`. */
  about: string;
  /** What it is about, if not about any database: a file, or a server. */
  needs?: 'file' | 'server';
  run(lab: Lab): Promise<Result[]>;
}
