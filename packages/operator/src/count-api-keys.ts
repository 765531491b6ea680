import type { Schema } from '@mahilo/shared/db/schema';
import type { KeyRing } from '@mahilo/shared/sealing/key-ring';
import { type Kysely, sql } from 'kysely';

/** API keys by the secret that their hash is under. */
export interface ApiKeyCounts {
  current: number;
  previous: number;
  /** Under a secret that is not in the ring: they do not work. */
  lost: number;
  /** Made before it was recorded; known once they are used. */
  unknown: number;
}

/** Counts the API keys by the secret they are under. Reads every key's row once, one for each user. */
export async function countApiKeys(db: Kysely<Schema>, keys: KeyRing): Promise<ApiKeyCounts> {
  const { rows } = await sql<{ secret_key_id: string | null; keys: number }>`
    select secret_key_id, count(*) as keys from api_keys group by secret_key_id
  `.execute(db);
  const counts: ApiKeyCounts = { current: 0, previous: 0, lost: 0, unknown: 0 };
  for (const row of rows) counts[kindOf(row.secret_key_id, keys)] += row.keys;
  return counts;
}

function kindOf(id: string | null, ring: KeyRing): keyof ApiKeyCounts {
  if (id === null) return 'unknown';
  if (id === ring.current.id) return 'current';
  return ring.all.some((keys) => keys.id === id) ? 'previous' : 'lost';
}
