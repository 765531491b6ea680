import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/database.ts';
import type { Schema } from '../db/schema.ts';
import { SetupError } from '../errors.ts';
import type { Random } from '../random.ts';
import type { KeyRing } from '../sealing/key-ring.ts';
import { seal, unsealWithRing } from '../sealing/seal.ts';
import { countSecrets } from './sealed-secrets.ts';

/** What is sealed is known; whether it opens is what tells. */
const TEXT = 'the secret of this registry';
const CONTEXT = 'secret check';
const ROW = 1;
/** Connections whose secrets are tried in a database that has no check value yet. */
const SAMPLE = 200;

/** `right` of the current or the previous secret; `unknown`: the database has no check value yet. */
export type SecretVerdict = 'right' | 'wrong' | 'unknown';

/** Whether the secrets of a ring belong to a database. Reads one row. */
export async function judgeSecret(db: Kysely<Schema>, keys: KeyRing): Promise<SecretVerdict> {
  const row = await db.selectFrom('secret_check').select('sealed').where('id', '=', ROW).executeTakeFirst();
  if (row === undefined) return 'unknown';
  return underWhich(row.sealed, keys) === undefined ? 'wrong' : 'right';
}

/**
 * For whoever is about to write with the keys. A database that has no check value gets one, unless what is in it is under
 * another secret.
 * @throws SetupError when neither SECRET_KEY nor SECRET_KEY_PREVIOUS is the secret of this database.
 */
export async function assertSecretRight(db: Database, keys: KeyRing, random: Random): Promise<void> {
  let verdict = await judgeSecret(db.kysely, keys);
  if (verdict === 'unknown' && (await fitsContents(db.kysely, keys))) {
    await db.write((trx) =>
      trx
        .insertInto('secret_check')
        .values({ id: ROW, sealed: sealCheck(keys, random) })
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
    // Of several processes that start together, the first one's stays.
    verdict = await judgeSecret(db.kysely, keys);
  }
  if (verdict === 'right') return;
  throw new SetupError(
    `SECRET_KEY is not the one that ${db.name} was written under: no API key would work, and no callback could be signed. Give the right one; while it is being changed, the one before as SECRET_KEY_PREVIOUS; if it is lost: docs/troubleshooting.md, "SECRET_KEY is lost".`,
  );
}

/** Whether the check value needs the previous secret: without it no process would start. Reads one row. */
export async function isCheckUnderPrevious(db: Kysely<Schema>, keys: KeyRing): Promise<boolean> {
  const row = await db.selectFrom('secret_check').select('sealed').where('id', '=', ROW).executeTakeFirst();
  return row !== undefined && underWhich(row.sealed, keys) === 'previous';
}

/** Seals the check value under the current secret, if it is under the previous one. */
export async function resealCheck(db: Database, keys: KeyRing, random: Random): Promise<void> {
  if (await isCheckUnderPrevious(db.kysely, keys)) await writeCheck(db, keys, random);
}

/** Makes the current secret that of the database, whatever it was before. */
export async function writeCheck(db: Database, keys: KeyRing, random: Random): Promise<void> {
  const sealed = sealCheck(keys, random);
  await db.write((trx) =>
    trx
      .insertInto('secret_check')
      .values({ id: ROW, sealed })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ sealed }))
      .execute(),
  );
}

function sealCheck(keys: KeyRing, random: Random): Buffer {
  return seal(keys.current.sealing, TEXT, CONTEXT, random);
}

function underWhich(sealed: Buffer, ring: KeyRing): 'current' | 'previous' | undefined {
  try {
    return unsealWithRing(ring, sealed, CONTEXT).keys === ring.current ? 'current' : 'previous';
  } catch {
    return undefined;
  }
}

/** Whether something in a database of an older version is under these secrets, or nothing is under any. */
async function fitsContents(db: Kysely<Schema>, keys: KeyRing): Promise<boolean> {
  const { current, previous, lost } = await countSecrets(db, keys, SAMPLE);
  if (current + previous > 0) return true;
  const ids = keys.all.map(({ id }) => id);
  const { rows } = await sql<{ ours: number; others: number }>`
    select exists (select 1 from api_keys where secret_key_id in (${sql.join(ids)})) as ours,
      exists (select 1 from api_keys where secret_key_id not in (${sql.join(ids)})) as others
  `.execute(db);
  return rows[0]?.ours === 1 || (lost === 0 && rows[0]?.others !== 1);
}
