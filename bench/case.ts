import type { Conditions } from './rig/conditions.ts';
import type { Lab } from './rig/lab.ts';

/** One line of the table. */
export interface Result {
  /** The case, and which part of it. */
  case: string;
  unit: string;
  measured: number;
  /** The bare pipeline's figure in the same unit, and what it is. */
  baseline?: { name: string; value: number };
  /** The values that are judged, in the rounds' order: ratios measured / baseline, or differences, or plain figures. */
  rounds: readonly number[];
  /** `ratio`: times the baseline; `ms more`: above the baseline; `plain`: a figure by itself. */
  judgedAs: 'ratio' | 'ms more' | 'plain';
  /** Absent when the case only reports. */
  target?: { atLeast: number } | { atMost: number };
  note?: string;
  /** Processor time a message, of all processes of the side that is measured and of the bare pipeline (µs). */
  cost?: { ours: number; baseline?: number };
  /** What the machine was like meanwhile. */
  conditions?: Conditions;
  /** What a case with a set time of a sync waits for most. */
  bound?: 'processor' | 'disk';
}

export interface Case {
  name: string;
  /** One sentence for `--help`. */
  about: string;
  run(lab: Lab): Promise<Result[]>;
}
