import { connectTo } from '@mahilo/shared/test/postgres/databases';
import type { Watch } from './watch.ts';

export const watchPostgres: Watch = {
  begin: [
    `create table chaos_moves (
      n bigint generated always as identity primary key, id text, from_state text, to_state text,
      from_token text, to_token text, expired_at bigint, at bigint)`,
    `create function chaos_note() returns trigger language plpgsql as $$ begin
      insert into chaos_moves (id, from_state, to_state, from_token, to_token, expired_at, at)
      values (old.id, old.state, new.state, old.lease_token, new.lease_token, old.lease_expires_at,
        (extract(epoch from clock_timestamp()) * 1000)::bigint);
      return null;
    end $$`,
    'create trigger chaos_watch after update on outbox for each row execute function chaos_note()',
  ],
  /** No extension is there to check its files; what refers to something must find it. */
  async integrity(store) {
    const [found] = await store.query<{ orphans: number }>(
      `select (select count(*) from outbox where not exists (select 1 from messages where messages.id = message_id))
        + (select count(*) from delivery_attempts where not exists (select 1 from outbox where outbox.id = delivery_id))
        as orphans`,
    );
    return found?.orphans === 0 ? 'ok' : `${found?.orphans} rows belong to nothing`;
  },
  async holdSnapshot({ url }, ms) {
    const client = await connectTo(url);
    await client.query('begin isolation level repeatable read');
    await client.query('select count(*) from outbox');
    await new Promise((resolve) => setTimeout(resolve, ms));
    // Somebody may have ended the connection meanwhile.
    await client.end().catch(() => undefined);
  },
};
