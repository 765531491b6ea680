import type BetterSqlite3 from 'better-sqlite3';

/** Sets a pragma and reads it back, because SQLite silently ignores an unknown or misspelt one. @throws Error */
export function setPragma(
  sqlite: BetterSqlite3.Database,
  name: string,
  value: string | number,
  readBack: string | number,
): void {
  sqlite.pragma(`${name} = ${value}`);
  const actual = sqlite.pragma(name, { simple: true });
  if (actual === readBack) return;
  throw new Error(
    `SQLite did not accept ${name} = ${value} (it says ${String(actual)}); is the file on a local disk?`,
  );
}
