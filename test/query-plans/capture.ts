// Preloaded into a process: writes each statement that it prepares into the file QUERY_LOG.
import { appendFileSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';

const { prepare } = BetterSqlite3.prototype;

BetterSqlite3.prototype.prepare = function (this: BetterSqlite3.Database, statement: string) {
  const file = process.env['QUERY_LOG'];
  if (file) appendFileSync(file, `${JSON.stringify(statement)}\n`);
  return prepare.call(this, statement);
} as typeof prepare;
