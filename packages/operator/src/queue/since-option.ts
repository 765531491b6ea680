import { systemClock } from '@mahilo/shared/clock';
import { exitWithMistake } from '../command-line.ts';

const UNIT_MS: Readonly<Record<string, number>> = { min: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time (ms) as an operator enters it: ISO 8601, or a span before now. When absent: the beginning. */
export function sinceTime(given: string | undefined): number {
  if (given === undefined) return 0;
  const [, amount, unit = ''] = /^(\d+) ?(min|h|d)$/.exec(given) ?? [];
  if (amount !== undefined) return systemClock.now() - Number(amount) * (UNIT_MS[unit] ?? 0);
  const at = /^\d{4}-\d{2}-\d{2}/.test(given) ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(at)) {
    exitWithMistake(
      `--since must be a time such as 2026-01-27T12:00:00Z, or 90min, 12h or 7d, but it is "${given}".`,
    );
  }
  return at;
}
