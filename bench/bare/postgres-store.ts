import { createHash, randomUUID } from 'node:crypto';
import { systemClock } from '@mahilo/shared/clock';
import { idSource } from '@mahilo/shared/ids';
import { systemRandom } from '@mahilo/shared/random';
import { connectTo } from '@mahilo/shared/test/postgres/databases';
import type { Names } from '../rig/people.ts';
import type { Store } from './store.ts';

/** As many as the pool of `pg` has by default. */
const CONNECTIONS = 10;

/** All rows of a message, in one statement, which is one journey and one transaction. */
const ALL_ROWS = `with message as (
    insert into messages (id, sender_id, sender_username, sender_agent, recipient_type, recipient_id, recipient, body,
      payload_type, status, idempotency_key, key_hash, request_hash, created_at)
    values ($1, $2, $3, 'agent', 'user', $4, $5, $6, 'text/plain', 'pending', $7, $8, $9, $10)),
  delivery as (
    insert into outbox (id, message_id, recipient_id, connection_id, state, attempts, due_at, created_at)
    values ($11, $1, $4, $12, 'pending', 0, $10, $10))
  insert into events (user_id, type, data_json, created_at) values ($4, 'message_received', $13, $10)`;
const REQUEST_HASH = createHash('sha256').update('a request').digest();

/** What the bare server writes into a PostgreSQL server; with `names` all rows of a message between these two. */
export async function postgresStore(url: string, synchronous: string, names?: Names): Promise<Store> {
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => connectTo(url)));
  for (const client of clients)
    await client.query(`set synchronous_commit = ${synchronous === 'full' ? 'on' : 'off'}`);
  let turn = 0;
  const run = (name: string, text: string, values: unknown[]) => {
    turn += 1;
    return clients[turn % CONNECTIONS]?.query({ name, text, values });
  };
  if (names !== undefined) return allRows(run, names);
  await run(
    '',
    'create table messages (id text primary key, recipient text not null, body text not null, created_at bigint not null)',
    [],
  );
  return async ({ recipient, message }) => {
    const id = randomUUID();
    await run('insert', 'insert into messages values ($1, $2, $3, $4)', [id, recipient, message, Date.now()]);
    return id;
  };
}

function allRows(
  run: (name: string, text: string, values: unknown[]) => Promise<unknown> | undefined,
  { sender, recipient, connectionId }: Names,
): Store {
  const newId = idSource(systemClock, systemRandom);
  return async ({ message }) => {
    const id = newId('msg');
    const deliveryId = id.replace('msg', 'dlv');
    const key = randomUUID();
    const data = {
      message_id: id,
      delivery_id: deliveryId,
      sender: sender.username,
      connection_id: connectionId,
    };
    await run('all rows', ALL_ROWS, [
      ...[id, sender.id, sender.username, recipient.id, recipient.username, message],
      ...[key, Number.parseInt(key.slice(-12), 16), REQUEST_HASH, Date.now()],
      ...[deliveryId, connectionId, JSON.stringify(data)],
    ]);
    return id;
  };
}
