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
}

export interface Case {
  name: string;
  /** One sentence for `--help`. */
  about: string;
  run(lab: Lab): Promise<Result[]>;
}
