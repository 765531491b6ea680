import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { KeyRing } from '@mahilo/shared/sealing/key-ring';
import { type Kysely, sql } from 'kysely';

/** How many API keys have a hash under which secret. */
export interface ApiKeyCounts {
  current: number;
  previous: number;
  /** Under a secret that is not in the ring: these keys do not work. */
  lost: number;
  /** Older than this record; known once they are used. */
  unknown: number;
}

/** Counts the API keys by the secret of their hash. Reads every key once. */
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

/** Who has an API key whose hash is not under this secret, by name, at most so many. Reads every key. */
export const usersNotUnder = statement<[secretKeyId: string, limit: number], { username: string }>(`
  select distinct username from api_keys join users on users.id = api_keys.user_id
  where secret_key_id is null or secret_key_id <> ? order by username limit ?`);
