import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schema } from '@mahilo/shared/db/schema';
import { TestDirectory } from '@mahilo/shared/test/directory';
import { testStore } from '@mahilo/shared/test/store';
import { sql, type Transaction } from 'kysely';
import type { Pages } from './pages.ts';
import { postgresTarget } from './postgres-ends.ts';
import { MOVED_TABLES } from './tables.ts';

const ROWS = 300;

/** Copies messages, and what is owed of them, as a move does. @returns how often another index than that of the key was read. */
async function copied(trx: Transaction<Schema>, pages: Pages): Promise<number> {
  await sql`insert into messages (id, sender_id, sender_username, sender_agent, recipient_type, recipient_id, recipient, body,
      payload_type, status, created_at)
    select 'msg_' || lpad(n::text, 26, '0'), 'usr_' || repeat('a', 26), 'ann', 'test', 'user', 'usr_b', 'ben', repeat('x', 1000), 'text/plain', 'pending', 0
    from generate_series(1, ${ROWS}) as n`.execute(trx);
  const messages = MOVED_TABLES.find(({ name }) => name === 'messages');
  assert.ok(messages !== undefined);
  for await (const _page of pages(messages));
  await sql`insert into outbox (id, message_id, recipient_id, connection_id, state, due_at, created_at)
    select 'dlv_' || n, 'msg_' || lpad(n::text, 26, '0'), 'usr_b', 'conn_b', 'pending', 0, 0
    from generate_series(1, ${ROWS}) as n`.execute(trx);
  const { rows } = await sql<{ n: number }>`
    select pg_stat_get_xact_numscans('messages_by_sender'::regclass) as n`.execute(trx);
  return rows[0]?.n ?? 0;
}

test('a reference is checked by its primary key, also where a killed move has left what is counted as pages without a row', async () => {
  using directory = new TestDirectory();
  const store = testStore(directory.path);
  await store.make();
  {
    await using target = await postgresTarget(store.url);
    const killed = target.fill(0, async (trx, pages) => {
      await copied(trx, pages);
      throw new Error('killed');
    });
    await assert.rejects(killed, /killed/);
    await store.query('analyze');
    const [left] = await store.query<{ pages: number; rows: number }>(
      "select relpages as pages, reltuples as rows from pg_class where relname = 'messages'",
    );
    assert.ok(left !== undefined && left.pages > 1 && left.rows === 0, JSON.stringify(left));
    assert.equal(await target.fill(0, copied), 0);
  }
  await store.drop();
});
