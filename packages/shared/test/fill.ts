import { sql } from 'kysely';
import type { OutboxState } from '../src/db/schema.ts';
import type { TestDatabase } from './database.ts';
import { numbersTo, zeroed } from './numbers.ts';

/** Messages for a connection, written as fast as the database can. */
export async function fill(
  here: TestDatabase,
  connectionId: string,
  count: number,
  state: Extract<OutboxState, 'pending' | 'delivered'>,
): Promise<void> {
  const now = here.clock.ms;
  const id = sql`${sql.lit(`${state}_${connectionId}_`)} || ${zeroed(9)}`;
  const settledAt = state === 'pending' ? null : now;
  await sql`
    ${numbersTo(count)}
    insert into messages (id, sender_id, sender_username, sender_agent, recipient_type, recipient_id, recipient, body,
      payload_type, status, created_at)
    select 'msg_' || ${id}, ${here.sender}, 'ann', 'test', 'user', ${here.recipient}, 'ben', 'hello', 'text/plain',
      ${state}, ${sql.lit(now)} from n
  `.execute(here.db.kysely);
  await sql`
    ${numbersTo(count)}
    insert into outbox (id, message_id, recipient_id, connection_id, state, due_at, created_at, settled_at)
    select 'dlv_' || ${id}, 'msg_' || ${id}, ${here.recipient}, ${connectionId}, ${state}, ${sql.lit(now)} - i,
      ${sql.lit(now)}, ${sql.lit(settledAt)} from n
  `.execute(here.db.kysely);
}
