import type { Result } from '../case.ts';
import { median } from '../statistics.ts';

/** A result, judged by its target. */
export interface Judgement {
  value: number;
  lowest: number;
  highest: number;
  /** Undefined without a target. */
  met: boolean | undefined;
  /** How close to the target: 1 just meets it, more is better. Undefined without a target. */
  score: number | undefined;
}

/** Where nothing at all is better than the target allows, the score has no bound. */
const BEST_SCORE = 100;

export function judge({ rounds, target }: Result): Judgement {
  const value = median(rounds);
  const figures = { value, lowest: Math.min(...rounds), highest: Math.max(...rounds) };
  if (target === undefined) return { ...figures, met: undefined, score: undefined };
  if ('atLeast' in target) {
    return { ...figures, met: value >= target.atLeast, score: value / target.atLeast };
  }
  const score = value > 0 ? Math.min(target.atMost / value, BEST_SCORE) : BEST_SCORE;
  return { ...figures, met: value <= target.atMost, score };
}

const UNITS = { ratio: ' ×', 'ms more': ' ms more', plain: '' } as const;

/** A judged figure as people read it. */
export function valueText({ judgedAs }: Result, value: number): string {
  return `${numberText(value)}${UNITS[judgedAs]}`;
}

/** The target as text, or a dash. */
export function targetText(result: Result): string {
  const { target } = result;
  if (target === undefined) return '–';
  return 'atLeast' in target
    ? `≥ ${target.atLeast}${UNITS[result.judgedAs]}`
    : `≤ ${target.atMost}${UNITS[result.judgedAs]}`;
}

/** At most three significant digits. */
export function numberText(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return Number(value.toPrecision(3)).toString();
}
