import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { SetupError } from '../errors.ts';
import { initial } from './migrations/0001-initial.ts';
import { directoryVersion } from './migrations/0002-directory-version.ts';
import { groups } from './migrations/0003-groups.ts';
import { policies } from './migrations/0004-policies.ts';
import { operating } from './migrations/0005-operating.ts';
import { accessVersion } from './migrations/0006-access-version.ts';
import { bounds } from './migrations/0007-bounds.ts';
import { storedBytes } from './migrations/0008-stored-bytes.ts';
import { apiKeys } from './migrations/0009-api-keys.ts';
import { flatReads } from './migrations/0010-flat-reads.ts';
import { people } from './migrations/0011-people.ts';
import { delivery } from './migrations/0012-delivery.ts';
import { secretCheck } from './migrations/0013-secret-check.ts';
import { groupNames } from './migrations/0017-group-names.ts';
import { presentClients } from './migrations/0018-present-clients.ts';
import { policyEffects } from './migrations/0019-policy-effects.ts';
import { decisions } from './migrations/0020-decisions.ts';
import { callbackShape } from './migrations/0021-callback-shape.ts';
import { eventSegments } from './migrations/0025-event-segments.ts';
import { eventSubscriptions } from './migrations/0026-event-subscriptions.ts';
import { answers } from './migrations/0027-answers.ts';
import { browserSessions } from './migrations/0031-browser-sessions.ts';
import { publicKeys } from './migrations/0032-public-keys.ts';
import { keyHash } from './migrations/0033-key-hash.ts';
import { friendLinks } from './migrations/0037-friend-links.ts';
import { operators } from './migrations/0038-operators.ts';
import { groupLinks } from './migrations/0039-group-links.ts';
import { UNTIL_0032 } from './postgres/schema/until-0032.ts';
import type { SchemaChange } from './words/schema-change.ts';

/** From before PostgreSQL, for which the last one makes the schema of all of them. */
const SQLITE_ALONE: Readonly<Record<string, Migration>> = {
  '0001-initial': initial,
  '0002-directory-version': directoryVersion,
  '0003-groups': groups,
  '0004-policies': policies,
  '0005-operating': operating,
  '0006-access-version': accessVersion,
  '0007-bounds': bounds,
  '0008-stored-bytes': storedBytes,
  '0009-api-keys': apiKeys,
  '0010-flat-reads': flatReads,
  '0011-people': people,
  '0012-delivery': delivery,
  '0013-secret-check': secretCheck,
  '0017-group-names': groupNames,
  '0018-present-clients': presentClients,
  '0019-policy-effects': policyEffects,
  '0020-decisions': decisions,
  '0021-callback-shape': callbackShape,
  '0025-event-segments': eventSegments,
  '0026-event-subscriptions': eventSubscriptions,
  '0027-answers': answers,
  '0031-browser-sessions': browserSessions,
  '0032-public-keys': publicKeys,
};
const LAST_ALONE = '0032-public-keys';

/** All later ones. */
const FOR_BOTH: Readonly<Record<string, SchemaChange>> = {
  '0033-key-hash': keyHash,
  '0037-friend-links': friendLinks,
  '0038-operators': operators,
  '0039-group-links': groupLinks,
};

/** All migrations of SQLite, by name; they run in the order of their names. */
export const migrations: Readonly<Record<string, Migration>> = {
  ...SQLITE_ALONE,
  ...each(FOR_BOTH, ({ sqlite }) => running(sqlite)),
};

/** The same of PostgreSQL. */
export const postgresMigrations: Readonly<Record<string, Migration>> = {
  ...each(SQLITE_ALONE, (_, name) => running(name === LAST_ALONE ? UNTIL_0032 : [])),
  ...each(FOR_BOTH, ({ postgres }) => running(postgres)),
};

function each<From, To>(
  named: Readonly<Record<string, From>>,
  to: (from: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(named).map(([name, from]) => [name, to(from, name)]));
}

function running(statements: readonly string[]): Migration {
  return {
    async up(db) {
      for (const statement of statements) await sql.raw(statement).execute(db);
    },
  };
}

/** What an operator can do with a database whose schema no release has. */
export const UNRELEASED =
  'a revision between two releases of Mahilo Registry has written it. Use that revision, or restore a backup of a release.';

/**
 * Compared with the schema of this code. One that is ahead is newer, and yet this code may go on with it, beside processes of
 * the newer version.
 */
export type SchemaAge = 'current' | 'older' | 'ahead' | 'newer';

/**
 * How the name of a migration ends that only adds what older code neither needs nor minds: the code whose newest one has this
 * number, or a later one, goes on with it. So it can tell from the name alone.
 */
const BESIDE = /-beside-(\d{4})$/;

/**
 * The age of a schema, by the names of the migrations that have run on it.
 * @throws SetupError when no release has run these in this order.
 */
export function schemaAgeOf(executed: readonly string[]): SchemaAge {
  const names = Object.keys(migrations).toSorted();
  const run = executed.toSorted();
  const shared = Math.min(names.length, run.length);
  if (run.slice(0, shared).some((name, i) => name !== names[i])) {
    throw new SetupError(
      `The database has migrations that no release has in this order (${run.join(', ')}): ${UNRELEASED}`,
    );
  }
  if (run.length > names.length) {
    const [newest = ''] = names.slice(-1);
    return run.slice(names.length).every((name) => mayRunBeside(newest, name)) ? 'ahead' : 'newer';
  }
  return run.length < names.length ? 'older' : 'current';
}

function mayRunBeside(newest: string, migration: string): boolean {
  const since = BESIDE.exec(migration)?.[1];
  return since !== undefined && newest >= since;
}
