/**
 * The least that accepting a message takes: Fastify, one route that validates, and one INSERT in its own transaction.
 * Arguments: port, DATABASE_URL, whether a commit waits for the disk (`full` or `off`). Without a database it stores nothing.
 * With a pair of people as JSON, the database has the product's tables, and each transaction writes all the rows that the product
 * writes for a message.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemClock } from '@mahilo/shared/clock';
import { idSource } from '@mahilo/shared/ids';
import { isPostgresUrl } from '@mahilo/shared/postgres-url';
import { systemRandom } from '@mahilo/shared/random';
import BetterSqlite3 from 'better-sqlite3';
import { fastify } from 'fastify';
import { archiveStatements } from '../fill/archive-statements.ts';
import type { Names } from '../rig/people.ts';
import { postgresStore } from './postgres-store.ts';
import type { Body, Store } from './store.ts';

const SCHEMA = {
  body: {
    type: 'object',
    required: ['recipient', 'message'],
    properties: {
      recipient: { type: 'string', minLength: 1, maxLength: 100 },
      message: { type: 'string', minLength: 1 },
    },
  },
  response: {
    200: { type: 'object', properties: { message_id: { type: 'string' }, status: { type: 'string' } } },
  },
} as const;

const [port, url, synchronous = 'full', pair] = process.argv.slice(2);
const store = url === undefined ? () => randomUUID() : await openStore(url);

const app = fastify();
app.get('/health', () => ({ status: 'ok' }));
app.post<{ Body: Body }>('/api/v1/messages/send', { schema: SCHEMA }, (request, reply) => {
  const answer = (id: string) => reply.send({ message_id: id, status: 'pending' });
  const stored = store(request.body);
  if (typeof stored === 'string') answer(stored);
  else stored.then(answer, (error) => reply.send(error));
});
await app.listen({ host: '127.0.0.1', port: Number(port) });

async function openStore(at: string): Promise<Store> {
  return isPostgresUrl(at) ? postgresStore(at, synchronous, pair && JSON.parse(pair)) : fileStore(at);
}

function fileStore(path: string): Store {
  mkdirSync(dirname(path), { recursive: true });
  const db = new BetterSqlite3(path);
  db.pragma('journal_mode = wal');
  db.pragma(`synchronous = ${synchronous}`);
  return pair === undefined ? oneInsert(db) : allRows(db, JSON.parse(pair));
}

function oneInsert(db: BetterSqlite3.Database): Store {
  db.exec(
    'create table messages (id text primary key, recipient text not null, body text not null, created_at integer not null)',
  );
  const insert = db.prepare('insert into messages values (?, ?, ?, ?)');
  return ({ recipient, message }) => {
    const id = randomUUID();
    insert.run(id, recipient, message, Date.now());
    return id;
  };
}

function allRows(db: BetterSqlite3.Database, { sender, recipient, connectionId }: Names): Store {
  const newId = idSource(systemClock, systemRandom);
  const rows = archiveStatements(db);
  const insert = db.transaction((messageId: string, deliveryId: string, message: string) => {
    const now = Date.now();
    rows.message(messageId, sender, recipient, message, 'pending', now, null);
    rows.delivery(deliveryId, messageId, recipient.id, connectionId, 'pending', 0, now, null);
    rows.received(messageId, deliveryId, sender, recipient, connectionId, now);
  });
  return ({ message }) => {
    const id = newId('msg');
    insert.immediate(id, id.replace('msg', 'dlv'), message);
    return id;
  };
}
