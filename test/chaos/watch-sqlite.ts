import BetterSqlite3 from 'better-sqlite3';
import type { Watch } from './watch.ts';

export const watchSqlite: Watch = {
  begin: [
    `create table if not exists chaos_moves (
      n integer primary key autoincrement, id text, from_state text, to_state text,
      from_token text, to_token text, expired_at integer, at integer)`,
    `create trigger if not exists chaos_watch after update on outbox begin
      insert into chaos_moves (id, from_state, to_state, from_token, to_token, expired_at, at)
      values (old.id, old.state, new.state, old.lease_token, new.lease_token, old.lease_expires_at,
        cast(unixepoch('subsec') * 1000 as integer));
    end`,
  ],
  async integrity(store) {
    const [found] = await store.query<{ integrity_check: string }>('pragma integrity_check');
    return String(found?.integrity_check);
  },
  async holdSnapshot({ url }, ms) {
    const sqlite = new BetterSqlite3(url);
    sqlite.exec('begin');
    sqlite.prepare('select count(*) from outbox').get();
    await new Promise((resolve) => setTimeout(resolve, ms));
    sqlite.close();
  },
};
