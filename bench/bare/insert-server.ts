/**
 * What accepting a message cannot do without: Fastify, one route that validates, one INSERT in a transaction of its own.
 * Arguments: port, database file, SQLite's `synchronous`; without a file it stores nothing.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { fastify } from 'fastify';

interface Body {
  recipient: string;
  message: string;
}

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

const [port, file, synchronous = 'full'] = process.argv.slice(2);
const store = file === undefined ? () => undefined : openStore(file, synchronous);

const app = fastify();
app.get('/health', () => ({ status: 'ok' }));
app.post<{ Body: Body }>('/api/v1/messages/send', { schema: SCHEMA }, (request, reply) => {
  const id = randomUUID();
  store(id, request.body);
  reply.send({ message_id: id, status: 'pending' });
});
await app.listen({ host: '127.0.0.1', port: Number(port) });

function openStore(path: string, sync: string): (id: string, body: Body) => void {
  mkdirSync(dirname(path), { recursive: true });
  const db = new BetterSqlite3(path);
  db.pragma('journal_mode = wal');
  db.pragma(`synchronous = ${sync}`);
  db.exec(
    'create table messages (id text primary key, recipient text not null, body text not null, created_at integer not null)',
  );
  const insert = db.prepare('insert into messages values (?, ?, ?, ?)');
  return (id, { recipient, message }) => insert.run(id, recipient, message, Date.now());
}
