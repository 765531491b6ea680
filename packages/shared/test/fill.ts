import { sql } from 'kysely';
import type { OutboxState } from '../src/db/schema.ts';
import type { TestDatabase } from './database.ts';

/** Messages for a connection, written as fast as SQLite can. */
export async function fill(
  here: TestDatabase,
  connectionId: string,
  count: number,
  state: Extract<OutboxState, 'pending' | 'delivered'>,
): Promise<void> {
  const now = here.clock.ms;
  const numbers = sql`with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})`;
  const id = sql`printf('%s_%s_%08d', ${state}, ${connectionId}, n)`;
  await sql`
    insert into messages (id, sender_id, sender_username, sender_agent, recipient_type, recipient_id, recipient, body,
      payload_type, status, created_at)
    ${numbers} select 'msg_' || ${id}, ${here.sender}, 'ann', 'test', 'user', ${here.recipient}, 'ben', 'hello',
      'text/plain', iif(${state} = 'pending', 'pending', 'delivered'), ${now} from numbers
  `.execute(here.db.kysely);
  await sql`
    insert into outbox (id, message_id, recipient_id, connection_id, state, due_at, created_at, settled_at)
    ${numbers} select 'dlv_' || ${id}, 'msg_' || ${id}, ${here.recipient}, ${connectionId}, ${state}, ${now} - n, ${now},
      iif(${state} = 'pending', null, ${now}) from numbers
  `.execute(here.db.kysely);
}
