import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './documents/markdown.ts';

/** What only SQLite understands, or what means something else elsewhere: `db/words` has the words for it. */
const SQLITE_ONLY: readonly RegExp[] = [
  /\biif\s*\(/,
  /\bifnull\s*\(/,
  /\bjsonb?_(each|extract|quote|tree|group_array)\b/,
  /[a-z_"] ->> /,
  /\bindexed by\b/,
  /\browid\b/,
  /\bcollate nocase\b/,
  /\bgroup_concat\(/,
  /\bsqlite_(schema|master|sequence|version)\b/,
  /\binsert or (ignore|replace)\b/,
  /\bcross join\b[^`']{0,60}\bon\b/,
  /\b(and|or|where) \+[a-z_.]+ (=|in\b)/,
  /\bis not (\d+\b|\?|'[a-z_]+'[\s)`])/,
  // Of several values; of a column it is the aggregate of both.
  /(?<!Math\.)\b(max|min)\((?:[^()`]|\([^()`]*\))*,/,
  /\(\? is null or\b/,
];

/** What only PostgreSQL understands. */
const POSTGRES_ONLY: readonly RegExp[] = [
  /::(text|bigint|int|integer|jsonb?|bytea|boolean)\b/,
  /\bfor (no key )?update\b(?! to)/,
  /\bskip locked\b/,
  /\bpg_[a-z_]+\(/,
  /\bunnest\(/,
  /\b(greatest|least)\(/,
  /\bdistinct on\b/,
  /= any\(/,
  /\bilike\b/,
];

/** Each derived table needs a name: PostgreSQL asks for one before 16. */
function namelessTables(source: string): string[] {
  return [...source.matchAll(/\b(?:from|join) \(\s*select\b/g)].flatMap(({ index }) => {
    const end = closingOf(source, source.indexOf('(', index));
    return /^\s*as [a-z_$]/.test(source.slice(end + 1)) ? [] : [source.slice(index, index + 60)];
  });
}

function closingOf(source: string, opening: number): number {
  let depth = 0;
  for (let at = opening; at < source.length; at++) {
    if (source[at] === '(') depth += 1;
    if (source[at] === ')' && --depth === 0) return at;
  }
  return source.length;
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}

/** Texts in quotes and backquotes that may be SQL, with what stands between them: a statement has many pieces. */
function foundIn(source: string): string[] {
  const code = withoutComments(source);
  const patterns = [...SQLITE_ONLY, ...POSTGRES_ONLY];
  return [...patterns.flatMap((pattern) => pattern.exec(code)?.[0] ?? []), ...namelessTables(code)];
}

const MAY =
  /\.test\.ts$|\/db\/(sqlite|postgres|words|migrations)\/|\/db\/(open[a-z-]*|identity|migrate[a-z-]*|upgrade[a-z-]*)\.ts$|\/operator\/src\/database\//;

test('statements are written for every dialect, but where only one of them is meant', () => {
  const files = globSync('packages/{shared,api,worker,operator}/src/**/*.ts', { cwd: ROOT });
  const found = files
    .filter((file) => !MAY.test(file))
    .flatMap((file) => foundIn(readFileSync(join(ROOT, file), 'utf8')).map((text) => `${file}: ${text}`));
  assert.deepEqual(found, []);
});

for (const text of [
  'select iif(a, b, c)',
  'select max(a, b) from x',
  'set x = min(coalesce(a, b), ?)',
  "where data_json ->> 'id' = ?",
  'from x indexed by y',
  'from jsonb_each(?)',
  'from a cross join b on a.id = b.id',
  "status is not 'blocked'",
  'select count(*) from (select 1 from x limit 3)',
  'select 1 from x where id = any(?)',
  'select greatest(a, b)',
  'select ?::text',
]) {
  test(`it would be noticed: ${text}`, () => {
    assert.notDeepEqual(foundIn(`statement(\`${text}\`)`), []);
  });
}

for (const text of [
  'select max(id) as last, min(at) as first from x',
  'select count(*) from (select 1 from (select 2) as b) as a',
  'is not null and is distinct from 0',
]) {
  test(`it is for every dialect: ${text}`, () => {
    assert.deepEqual(foundIn(`statement(\`${text}\`)`), []);
  });
}
