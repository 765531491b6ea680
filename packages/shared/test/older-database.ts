import BetterSqlite3 from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { migrations } from '../src/db/migrations.ts';

/** What is in an older database: settled messages between random users, each with its key, delivery, attempt and events. */
interface OlderContents {
  messages: number;
  users: number;
}

const PAGE_SIZE = 2048;

/** Makes a database as an older version wrote it, with the migrations up to `last`. */
export async function olderDatabase(file: string, last: string, contents?: OlderContents): Promise<void> {
  const sqlite = new BetterSqlite3(file);
  sqlite.pragma(`page_size = ${PAGE_SIZE}`);
  sqlite.pragma('journal_mode = wal');
  await migrateUpTo(sqlite, last);
  if (contents !== undefined) {
    sqlite.pragma('journal_mode = memory');
    sqlite.pragma('synchronous = off');
    sqlite.pragma('foreign_keys = off');
    sqlite.pragma('cache_size = -1000000');
    fillOlder(sqlite, contents);
    sqlite.pragma('journal_mode = wal');
  }
  sqlite.close();
}

/** Runs the migrations up to this one, silently. The connection stays open. */
export async function migrateUpTo(sqlite: BetterSqlite3.Database, last: string): Promise<void> {
  const known: Record<string, Migration> = Object.fromEntries(
    Object.entries(migrations).filter(([name]) => name <= last),
  );
  const db = new Kysely<unknown>({
    dialect: new SqliteDialect({
      database: { prepare: (sql) => sqlite.prepare(sql), close: () => undefined },
    }),
  });
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => known },
  }).migrateToLatest();
  if (error !== undefined) throw error;
}

/** Rows that every version can have; ids and texts are as long as the product's. */
function fillOlder(sqlite: BetterSqlite3.Database, { messages, users }: OlderContents): void {
  const numbered = (prefix: string, n: string) => `'${prefix}_' || printf('%026d', ${n})`;
  const rows = (count: number) =>
    `with recursive numbers (n) as (select 1 where ${count} > 0 union all select n + 1 from numbers where n < ${count})`;
  const [from, to] = [
    numbered('usr', `1 + n * 7919 % ${users}`),
    numbered('usr', `1 + n * 104729 % ${users}`),
  ];
  const ids = { message: numbered('msg', 'n'), delivery: numbered('dlv', 'n') };
  const connection = numbered('conn', `1 + n * 104729 % ${users}`);
  // Every tenth is still owed, every seventh an answer, every ninth rejected.
  const owed = 'n % 10 = 0';
  sqlite.exec(`
    begin;
    insert into users (id, username, created_at) ${rows(users)} select ${numbered('usr', 'n')}, 'user' || n, n from numbers;
    insert into api_keys (id, user_id, hash, created_at)
      ${rows(users)} select ${numbered('key', 'n')}, ${numbered('usr', 'n')}, randomblob(32), n from numbers;
    insert into connections (id, user_id, framework, label, description, capabilities_json, routing_priority, mode,
        callback_url, callback_secret, status, created_at)
      ${rows(users)} select ${numbered('conn', 'n')}, ${numbered('usr', 'n')}, 'framework', 'agent', 'What it does.',
        '["chat"]', 0, iif(n % 5 = 0, 'polling', 'callback'), 'https://agent' || n || '.example/callback', randomblob(64),
        'active', n from numbers;
    insert into friendships (id, user_a, user_b, requester_id, status, blocked_by_a, created_at, since)
      ${rows(users - 1)} select ${numbered('fri', 'n')}, ${numbered('usr', 'n')}, ${numbered('usr', 'n + 1')},
        ${numbered('usr', 'n')}, case n % 3 when 0 then 'pending' when 1 then 'accepted' else 'blocked' end, n % 3 = 2, n, n
        from numbers;
    insert into messages (id, sender_id, sender_username, sender_agent, recipient_type, recipient_id, recipient, body,
        payload_type, status, rejection_reason, in_response_to, idempotency_key, request_hash, created_at, delivered_at)
      ${rows(messages)} select ${ids.message}, ${from}, 'sender', 'agent', 'user', ${to}, 'recipient',
        hex(randomblob(120)), 'text/plain', case when ${owed} then 'pending' when n % 9 = 0 then 'rejected' else 'delivered' end,
        iif(n % 9 = 0, 'no', null), iif(n % 7 = 0, ${numbered('msg', 'n - 1')}, null), hex(randomblob(16)), randomblob(32), n, n
        from numbers;
    insert into outbox (id, message_id, recipient_id, connection_id, state, attempts, due_at, created_at, settled_at)
      ${rows(messages)} select ${ids.delivery}, ${ids.message}, ${to}, ${connection},
        iif(${owed}, 'pending', 'delivered'), 1, n, n, iif(${owed}, null, n) from numbers;
    insert into delivery_attempts (delivery_id, attempt, started_at, duration_ms, outcome, status_code, response_excerpt)
      ${rows(messages)} select ${ids.delivery}, 1, n, 3, 'delivered', 200, 'ok' from numbers;
    insert into events (user_id, type, data_json, created_at)
      ${rows(messages * 2)} select iif(n % 2, ${to}, ${from}), iif(n % 2, 'message_received', 'delivery_status'),
        '{"message_id":"' || ${ids.message} || '","delivery_id":"' || ${ids.delivery} || '","sender":"sender"}', n from numbers;
    commit`);
}
