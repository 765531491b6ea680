import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { idSource, type NewId } from '@mahilo/shared/ids';
import BetterSqlite3 from 'better-sqlite3';
import { messageText } from '../rig/message-text.ts';
import type { Pair } from '../rig/people.ts';
import { archiveStatements, type Statements } from './archive-statements.ts';
import { withoutIndexes } from './without-indexes.ts';

const DAY_MS = 86_400_000;
/** The archive reaches back this far (ms): less than RETENTION_DAYS, so that nothing of it is deleted meanwhile. */
const REACH_MS = 25 * DAY_MS;
/** Of this many messages of a pair, its sender receives one and sends the others. */
const RECEIVED_ONE_IN = 4;
/** The settled messages are spread evenly over this time (ms). */
export const SPREAD_MS = REACH_MS - DAY_MS;
const PAGE_CACHE_KIB = 2_000_000;

export interface Archive {
  /** Who has them, evenly; the sender of a pair sends most of them and receives the rest. */
  between: readonly Pair[];
  /** Settled messages, each delivered at the first attempt. */
  settled: number;
  /** Somebody whose agent is gone, and how many messages wait for it. */
  dead: Pair;
  waiting: number;
}

/**
 * Fills a database with what an operator has after a long time. No process of the product may have it open.
 * The rows are those that the product writes, except for the last waiting one: see `owe`.
 * @returns the id of the message in the middle of the settled ones.
 */
export function fillArchive(file: string, archive: Archive): string {
  const db = new BetterSqlite3(file);
  let middle = '';
  try {
    db.pragma('locking_mode = exclusive');
    db.pragma('journal_mode = memory');
    db.pragma('synchronous = off');
    db.pragma('foreign_keys = off');
    db.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
    withoutIndexes(db, ['messages', 'outbox', 'delivery_attempts', 'events'], () => {
      db.transaction(() => {
        middle = fill(archiveStatements(db), archive);
      })();
    });
    db.pragma('journal_mode = wal');
  } finally {
    db.close();
  }
  writeOut(file);
  return middle;
}

function fill(statements: Statements, { between, settled, dead, waiting }: Archive): string {
  const start = Date.now() - REACH_MS;
  let at = start;
  const newId = quickIds(() => at);
  let middle = '';
  for (let n = 0; n < settled; n++) {
    at = start + Math.floor((n / settled) * SPREAD_MS);
    const pair = between[Math.floor(Math.random() * between.length)];
    if (pair === undefined) throw new Error('There must be somebody who has the messages.');
    const { sender, recipient, connectionId } = pair;
    const [from, to] = n % RECEIVED_ONE_IN === 0 ? [recipient, sender] : [sender, recipient];
    const messageId = newId('msg');
    const deliveryId = newId('dlv');
    const done = at + 5;
    statements.message(messageId, from, to, messageText(n), 'delivered', at, done);
    statements.delivery(deliveryId, messageId, to.id, connectionId, 'delivered', 1, at, done);
    statements.attempt(deliveryId, done);
    statements.received(messageId, deliveryId, from, to, connectionId, at);
    statements.settled(messageId, deliveryId, from, done);
    if (n === Math.floor(settled / 2)) middle = messageId;
  }
  for (let n = 0; n < waiting; n++) {
    at = start + SPREAD_MS + Math.floor((n / waiting) * DAY_MS);
    const messageId = newId('msg');
    const deliveryId = newId('dlv');
    const { sender, recipient, connectionId } = dead;
    statements.message(messageId, sender, recipient, messageText(n), 'pending', at, null);
    statements.delivery(deliveryId, messageId, recipient.id, connectionId, 'pending', 0, at, null);
    statements.received(messageId, deliveryId, sender, recipient, connectionId, at);
  }
  return middle;
}

/** Ids like the product's. A pool of random bytes feeds them: one call for each id would cost more than the rows. */
function quickIds(now: () => number): NewId {
  let pool = randomBytes(65_536);
  let used = 0;
  const bytes = (size: number) => {
    if (used + size > pool.length) {
      pool = randomBytes(pool.length);
      used = 0;
    }
    used += size;
    return pool.subarray(used - size, used);
  };
  return idSource({ now }, { bytes, fraction: Math.random });
}

/** Makes the system write the file now and not during the measurement. No process may have it open: sqlite.org/howtocorrupt.html §2.2. */
function writeOut(file: string): void {
  const descriptor = openSync(file, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
