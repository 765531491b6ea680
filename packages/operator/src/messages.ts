import { isoTime, systemClock } from '@mahilo/shared/clock';
import type { Database } from '@mahilo/shared/db/database';
import { eraseDecision } from '@mahilo/shared/decisions/delete';
import { eraseMessage } from '@mahilo/shared/outbox/erase-message';
import { type MessageSize, messageDetails, messagesBySize } from './accounts/sizes.ts';
import type { Command } from './command.ts';
import { databaseUrl, withDatabase } from './context.ts';
import { bytes } from './format.ts';
import { listShowRemove } from './list-show-remove.ts';
import { auditOperator, confirmedOrExit } from './operator-audit.ts';
import { answer, table } from './output.ts';

const HELP = `The messages of the registry, but not what they say: npm run admin -- messages <action> [option…]

  list              Those that take most first; messages from before sizes were stored come last.
    --limit N         At most N of them (50).
  show ID           One (msg_…); \`queue show\` has its deliveries.
  remove ID         Empties a message and marks it as erased; what is not delivered yet is cancelled. Its row stays. One that
                    is held or was denied is deleted.
    --yes             Is needed: it cannot be undone.
  --json            Answers for machines.
  --help            Shows this.`;

export const command: Command = listShowRemove(HELP, 'ID', { list, show, remove });

async function list(limit: number, asJson: boolean): Promise<void> {
  const messages = await withDatabase(databaseUrl(), (db) => messagesBySize(db.kysely, limit));
  answer(asJson, messages.map(shown), () => messageTable(messages));
}

async function show(id: string, asJson: boolean): Promise<void> {
  const message = await withDatabase(databaseUrl(), (db) => messageWithId(db, id));
  answer(asJson, shown(message), () => messageTable([message]));
}

async function remove(id: string, isConfirmed: boolean, asJson: boolean): Promise<void> {
  confirmedOrExit(isConfirmed, 'Removing a message');
  await withDatabase(databaseUrl(), (db) =>
    db.write(async (trx) => {
      const now = systemClock.now();
      const [message] = await messageDetails(trx, id);
      const isErased = message ? await eraseMessage(trx, id, now) : await eraseDecision(trx, id, now);
      if (isErased) await auditOperator(trx, 'message.erase', id, now, message && { sender: message.sender });
      else if (message === undefined) throw noMessage(id);
    }),
  );
  answer(asJson, { message_id: id, status: 'erased' }, () => `${id} is erased.`);
}

async function messageWithId(db: Database, id: string): Promise<MessageSize> {
  const [message] = await messageDetails(db.kysely, id);
  if (message === undefined) throw noMessage(id);
  return message;
}

function noMessage(id: string): Error {
  return new Error(`There is no message ${id}.`);
}

function shown({ id, created_at, erased_at, ...message }: MessageSize) {
  return {
    message_id: id,
    ...message,
    created_at: isoTime(created_at),
    erased_at: erased_at === null ? null : isoTime(erased_at),
  };
}

function messageTable(messages: readonly MessageSize[]): string {
  const rows = messages.map((message) => [
    message.id,
    message.sender,
    message.recipient,
    bytes(message.bytes),
    message.deliveries,
    message.erased_at === null ? message.status : 'erased',
    isoTime(message.created_at),
  ]);
  return table(['Message', 'From', 'To', 'Size', 'Deliveries', 'Status', 'Accepted'], rows);
}
