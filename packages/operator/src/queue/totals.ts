import type { Destination } from './queries.ts';

type Counts = Pick<Destination, 'waiting' | 'in_flight' | 'dead_letters'>;

/** What is owed to several destinations together. */
export function totals(all: readonly Counts[]): Counts {
  const sum = (of: keyof Counts) => all.reduce((total, row) => total + row[of], 0);
  return { waiting: sum('waiting'), in_flight: sum('in_flight'), dead_letters: sum('dead_letters') };
}
