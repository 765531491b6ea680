import BetterSqlite3 from 'better-sqlite3';
import { ID_GAP } from './raise-ids.ts';

/** What a copy of an earlier state must not keep: some of it was ended or used since. */
export const SIGNED_OUT = [
  'sessions',
  'browser_logins',
  'sign_in_links',
  'friend_links',
  'group_links',
] as const;

/** What an operator wants to know about a database that replaces another one. */
export interface Contents {
  /** When its newest message was accepted (ms); null: it has none. */
  newest_message_at: number | null;
  waiting: number;
  in_flight: number;
}

/**
 * Makes a copy of an earlier database fit to take its place, and tells what is in it. `now` in ms.
 *
 * Event ids go on above all that were given out after the copy was made, so that who follows the log from the last id
 * they have seen misses nothing. Leases stay: they name workers that are gone, and expire. Browsers are signed out: of a
 * session that was ended after the copy was made, or a link that was used, the copy knows nothing.
 */
export function prepareRestored(file: string, now: number): Contents {
  const sqlite = new BetterSqlite3(file, { fileMustExist: true });
  try {
    const result = sqlite
      .prepare("update sqlite_sequence set seq = max(seq + ?, ?) where name = 'events'")
      .run(ID_GAP, now);
    if (result.changes === 0) {
      sqlite.prepare("insert into sqlite_sequence (name, seq) values ('events', ?)").run(now);
    }
    signEverybodyOut(sqlite);
    const one = (query: string) => sqlite.prepare(query).pluck().get();
    return {
      newest_message_at: one(
        'select max(created_at) from (select created_at from messages order by id desc limit 1)',
      ) as number | null,
      // Each reads a partial index, from end to end.
      waiting: Number(one("select count(*) from outbox where state = 'pending'")),
      in_flight: Number(one("select count(*) from outbox where state = 'leased'")),
    };
  } finally {
    sqlite.close();
  }
}

function signEverybodyOut(sqlite: BetterSqlite3.Database): void {
  const isThere = sqlite.prepare("select 1 from sqlite_master where type = 'table' and name = ?");
  for (const table of SIGNED_OUT) {
    // A backup of an older version has no such table.
    if (isThere.get(table) !== undefined) sqlite.exec(`delete from ${table}`);
  }
}
