import { createHash, randomUUID } from 'node:crypto';
import type BetterSqlite3 from 'better-sqlite3';
import type { Named } from '../rig/people.ts';

export type Statements = ReturnType<typeof archiveStatements>;

const REQUEST_HASH = createHash('sha256').update('a request').digest();

/** The rows that the product writes for a message, from its acceptance to its settlement. Times in ms. */
export function archiveStatements(db: BetterSqlite3.Database) {
  const message =
    db.prepare(`insert into messages (id, sender_id, sender_username, sender_agent, recipient_type,
    recipient_id, recipient, body, payload_type, status, idempotency_key, key_hash, request_hash, created_at, delivered_at)
    values (?, ?, ?, 'agent', 'user', ?, ?, ?, 'text/plain', ?, ?, ?, ?, ?, ?)`);
  const delivery =
    db.prepare(`insert into outbox (id, message_id, recipient_id, connection_id, state, attempts, due_at,
    created_at, settled_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const attempt =
    db.prepare(`insert into delivery_attempts (delivery_id, attempt, started_at, duration_ms, outcome,
    status_code, response_excerpt) values (?, 1, ?, 3, 'delivered', 200, 'ok')`);
  const event = db.prepare('insert into events (user_id, type, data_json, created_at) values (?, ?, ?, ?)');
  return {
    message(
      id: string,
      from: Named,
      to: Named,
      text: string,
      status: string,
      at: number,
      done: number | null,
    ) {
      const key = randomUUID();
      // As random as the real one.
      const keyHash = Number.parseInt(key.slice(-12), 16);
      const people = [from.id, from.username, to.id, to.username];
      message.run(id, ...people, text, status, key, keyHash, REQUEST_HASH, at, done);
    },
    delivery(
      id: string,
      messageId: string,
      recipientId: string,
      connectionId: string,
      state: string,
      attempts: number,
      at: number,
      done: number | null,
    ) {
      delivery.run(id, messageId, recipientId, connectionId, state, attempts, at, at, done);
    },
    attempt(deliveryId: string, at: number) {
      attempt.run(deliveryId, at);
    },
    received(
      messageId: string,
      deliveryId: string,
      from: Named,
      to: Named,
      connectionId: string,
      at: number,
    ) {
      const data = {
        message_id: messageId,
        delivery_id: deliveryId,
        sender: from.username,
        connection_id: connectionId,
      };
      event.run(to.id, 'message_received', JSON.stringify(data), at);
    },
    settled(messageId: string, deliveryId: string, from: Named, at: number) {
      const data = {
        message_id: messageId,
        delivery_id: deliveryId,
        status: 'delivered',
        message_status: 'delivered',
      };
      event.run(from.id, 'delivery_status', JSON.stringify(data), at);
    },
  };
}
