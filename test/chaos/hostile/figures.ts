/** What honest people measure: durations (ms) and failures. */
export interface Figures {
  send: number[];
  delivery: number[];
  health: number[];
  failures: string[];
}

export const KINDS = ['send', 'delivery', 'health'] as const;

export function noFigures(): Figures {
  return { send: [], delivery: [], health: [], failures: [] };
}

/** The 99th percentile (nearest rank); NaN of nothing. */
export function p99(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
}
