import type BetterSqlite3 from 'better-sqlite3';

/** Does `work` without the indexes of these tables, and makes them anew: many rows are sorted once faster than each is put in its place. */
export function withoutIndexes(
  db: BetterSqlite3.Database,
  tables: readonly string[],
  work: () => void,
): void {
  const indexes = db
    .prepare<[string], { name: string; sql: string }>(
      `select name, sql from sqlite_master
        where type = 'index' and sql is not null and tbl_name in (select value from json_each(?))`,
    )
    .all(JSON.stringify(tables));
  for (const { name } of indexes) db.exec(`drop index ${name}`);
  work();
  for (const { sql } of indexes) db.exec(sql);
}
