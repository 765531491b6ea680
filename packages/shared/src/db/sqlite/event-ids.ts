import type { RunNow } from './dialect.ts';

/** More events than are ever written between two syncs of the disk. */
const GAP = 1_000_000;

/**
 * Leaves a gap in the ids of events. A power cut may forget a worker's newest events after somebody has seen them; later
 * ones must not have their ids, or who follows the log from the last id they have seen would miss them. Without an
 * event there is nothing to do: those of workers come after an event of the API, which is durable.
 */
export function skipForgottenIds(runNow: RunNow): void {
  runNow(`update sqlite_sequence set seq = seq + ${GAP} where name = 'events'`, []);
}
