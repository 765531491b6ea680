import type { Database } from '@mahilo/shared/db/database';
import type { ApiDatabase } from '../src/access/api-database.ts';
import type { Caller } from '../src/access/caller.ts';

/** A caller whose id alone matters; for a database of {@link unchecked}. */
export function callerDouble(id: string): Caller {
  const key = { keyId: 'none', session: null, scope: 'all', connectionId: null } as const;
  const times = { expiresAt: null, lastUsedAt: null };
  return { id, username: 'somebody', ...key, ...times, accessVersion: 0 };
}

/** The database without its check of keys. */
export function unchecked(db: Database): Pick<ApiDatabase, 'kysely' | 'write'> {
  return { kysely: db.kysely, write: (_by, work) => db.write(work) };
}
