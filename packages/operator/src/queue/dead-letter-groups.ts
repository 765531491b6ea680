import type { Schema } from '@mahilo/shared/db/schema';
import { deadLetterRowsOf } from '@mahilo/shared/outbox/dead-letters';
import type { Kysely } from 'kysely';
import { destinationIds, findDestination, hostOf } from './queries.ts';
import { MAX_DESTINATIONS } from './survey.ts';

/** Most dead letters to look at; then the groups are those of the first. */
const LOOKED_AT = 50_000;

/** Dead letters to one host that failed in the same way. */
export interface DeadLetterGroup {
  /** Null: of agents that fetch their messages, or that were deleted. */
  host: string | null;
  error: string;
  count: number;
  agents: number;
  /** When the messages were accepted (ms). */
  oldest_at: number;
  newest_at: number;
}

/** Dead letters in groups, the largest first. `between` runs between two pieces, for others to run. */
export async function groupDeadLetters(
  db: Kysely<Schema>,
  between: () => Promise<void> | void = () => undefined,
): Promise<{ groups: DeadLetterGroup[]; isComplete: boolean }> {
  const groups = new Map<string, DeadLetterGroup>();
  const ids = await destinationIds(db, ['failed'], MAX_DESTINATIONS, between);
  let lookedAt = 0;
  for (const id of ids) {
    lookedAt += await addConnection(db, id, groups, LOOKED_AT - lookedAt, between);
    if (lookedAt >= LOOKED_AT) break;
  }
  return {
    groups: [...groups.values()].sort((one, other) => other.count - one.count),
    isComplete: lookedAt < LOOKED_AT && ids.length < MAX_DESTINATIONS,
  };
}

/** @returns how many dead letters of this connection were looked at. */
async function addConnection(
  db: Kysely<Schema>,
  id: string,
  groups: Map<string, DeadLetterGroup>,
  most: number,
  between: () => Promise<void> | void,
): Promise<number> {
  const destination = await findDestination(db, id, 1);
  if (destination === undefined) return 0;
  const host = hostOf(destination) ?? null;
  const ofThis = new Set<DeadLetterGroup>();
  let lookedAt = 0;
  for await (const rows of deadLetterRowsOf(db, id, 0)) {
    for (const row of rows) ofThis.add(counted(groups, host, row));
    lookedAt += rows.length;
    await between();
    if (lookedAt >= most) break;
  }
  for (const group of ofThis) group.agents += 1;
  return lookedAt;
}

function counted(
  groups: Map<string, DeadLetterGroup>,
  host: string | null,
  { last_error, created_at }: { last_error: string | null; created_at: number },
): DeadLetterGroup {
  const error = last_error ?? '';
  const key = `${host} ${error}`;
  const group = groups.get(key) ?? {
    host,
    error,
    count: 0,
    agents: 0,
    oldest_at: created_at,
    newest_at: created_at,
  };
  group.count += 1;
  group.oldest_at = Math.min(group.oldest_at, created_at);
  group.newest_at = Math.max(group.newest_at, created_at);
  groups.set(key, group);
  return group;
}
