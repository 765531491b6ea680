import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import type { Schema } from '../db/schema.ts';
import type { Random } from '../random.ts';
import type { KeyRing } from '../sealing/key-ring.ts';
import { seal, unsealWithRing } from '../sealing/seal.ts';

/** Connections in one batch: few enough that the write lock is held only briefly. */
const BATCH = 200;

/**
 * How many callback secrets are sealed under which secret. A connection has two for a day after a rotation of its
 * own; the headers that its receiver wants count as one more.
 */
export interface SecretCounts {
  current: number;
  previous: number;
  /** No key of the ring opens them. */
  lost: number;
}

interface Row {
  id: string;
  callback_secret: Buffer | null;
  previous_secret: Buffer | null;
  callback_headers: Buffer | null;
}

const COLUMNS = ['callback_secret', 'previous_secret', 'callback_headers'] as const;

/**
 * Counts the callback secrets by the secret that seals them. Reads every connection once, in batches, and takes no
 * lock; stops soon after `limit`, if there is one.
 */
export async function countSecrets(
  db: Kysely<Schema>,
  keys: KeyRing,
  limit: number = Number.POSITIVE_INFINITY,
): Promise<SecretCounts> {
  const counts: SecretCounts = { current: 0, previous: 0, lost: 0 };
  let looked = 0;
  for await (const batch of connections(db)) {
    if (looked >= limit) break;
    looked += batch.length;
    for (const secret of secretsOf(batch, keys)) counts[secret.under] += 1;
  }
  return counts;
}

/**
 * Seals every callback secret that another key of the ring seals under the current one, in small batches, so that
 * others can write in between. Safe while the processes run, and when several do it at once.
 * @returns how many were resealed.
 */
export async function resealSecrets(
  db: Database,
  keys: KeyRing,
  random: Random,
  options: { signal?: AbortSignal; onBatch?: (looked: number, resealed: number) => void } = {},
): Promise<number> {
  let looked = 0;
  let resealed = 0;
  for await (const batch of connections(db.kysely)) {
    if (options.signal?.aborted) break;
    const old = secretsOf(batch, keys).filter(({ under }) => under === 'previous');
    if (old.length > 0) {
      await db.write(async (trx) => {
        for (const secret of old) await replace(trx, secret, keys, random);
      });
    }
    looked += batch.length;
    resealed += old.length;
    options.onBatch?.(looked, resealed);
  }
  return resealed;
}

/** All connections, by id. Uses the primary key. */
async function* connections(db: Kysely<Schema>): AsyncGenerator<Row[]> {
  let position = '';
  for (;;) {
    const rows = await db
      .selectFrom('connections')
      .select(['id', ...COLUMNS])
      .where('id', '>', position)
      .orderBy('id')
      .limit(BATCH)
      .execute();
    if (rows.length === 0) return;
    yield rows;
    position = rows.at(-1)?.id ?? position;
  }
}

interface FoundSecret {
  id: string;
  column: (typeof COLUMNS)[number];
  sealed: Buffer;
  secret: string;
  under: keyof SecretCounts;
}

function secretsOf(rows: readonly Row[], keys: KeyRing): FoundSecret[] {
  return rows.flatMap((row) =>
    COLUMNS.flatMap((column) => {
      const sealed = row[column];
      return sealed === null ? [] : [{ id: row.id, column, sealed, ...opened(sealed, row.id, keys) }];
    }),
  );
}

function opened(sealed: Buffer, id: string, ring: KeyRing): Pick<FoundSecret, 'secret' | 'under'> {
  try {
    const { secret, keys } = unsealWithRing(ring, sealed, id);
    return { secret, under: keys === ring.current ? 'current' : 'previous' };
  } catch {
    return { secret: '', under: 'lost' };
  }
}

/** Names the bytes it replaces: a secret that was rotated meanwhile stays. Uses the primary key. */
async function replace(
  trx: Transaction<Schema>,
  { id, column, sealed, secret }: FoundSecret,
  keys: KeyRing,
  random: Random,
): Promise<void> {
  const resealed = seal(keys.current.sealing, secret, id, random);
  await sql`
    update connections set ${sql.ref(column)} = ${resealed} where id = ${id} and ${sql.ref(column)} = ${sealed}
  `.execute(trx);
}
