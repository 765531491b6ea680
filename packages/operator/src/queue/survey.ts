import type { Schema } from '@mahilo/shared/db/schema';
import type { Kysely } from 'kysely';
import { COUNTED_AT_MOST, type Destination, destinationIds, findDestination } from './queries.ts';

/** Most agents to look at in one survey. */
export const MAX_DESTINATIONS = 10_000;

export interface SurveyOptions {
  /** How far to count the deliveries of one agent, for each state. */
  countedAtMost?: number;
  /** Between two agents: for others to run, or to say how far it is; before it is known how many there are, with 0. */
  between?(lookedAt: number, of: number): Promise<void> | void;
}

/** What is owed to whom, those with the most first. */
export interface Survey {
  destinations: Destination[];
  /** Whether no agent was left out, and no count stopped early. */
  isComplete: boolean;
}

/** Looks at every agent that something is owed to, or that has dead letters. Its cost does not depend on how much that is. */
export async function surveyQueue(
  db: Kysely<Schema>,
  { countedAtMost = COUNTED_AT_MOST, between = () => undefined }: SurveyOptions = {},
): Promise<Survey> {
  const ids = await destinationIds(db, ['pending', 'leased', 'failed'], MAX_DESTINATIONS, () =>
    between(0, 0),
  );
  const destinations: Destination[] = [];
  // One statement for each: that holds no snapshot for long, so the WAL can be written back meanwhile.
  for (const [index, id] of ids.entries()) {
    await between(index, ids.length);
    const found = await findDestination(db, id, countedAtMost);
    if (found !== undefined) destinations.push(found);
  }
  destinations.sort(
    (a, b) => b.waiting + b.in_flight - a.waiting - a.in_flight || b.dead_letters - a.dead_letters,
  );
  const isCounted = destinations.every((row) => Math.max(row.waiting, row.dead_letters) < countedAtMost);
  return { destinations, isComplete: ids.length < MAX_DESTINATIONS && isCounted };
}
