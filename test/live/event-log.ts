import BetterSqlite3 from 'better-sqlite3';
import type { Seen } from './clients.ts';

/** The events of a user in the database. */
export function logOf(file: string, username: string): Seen[] {
  const db = new BetterSqlite3(file, { readonly: true });
  const rows = db
    .prepare<[string], { id: number; type: string; data_json: string; created_at: number }>(
      'select events.* from events join users on users.id = user_id where username = ? order by events.id',
    )
    .all(username);
  db.close();
  return rows.map(({ id, type, data_json, created_at }) => ({
    id: String(id),
    type,
    timestamp: new Date(created_at).toISOString(),
    data: JSON.parse(data_json),
  }));
}
