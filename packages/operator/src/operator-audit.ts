import { userInfo } from 'node:os';
import { type AuditAction, type AuditActor, type AuditEntry, appendAudit } from '@mahilo/shared/audit/append';
import type { Schema } from '@mahilo/shared/db/schema';
import type { Transaction } from 'kysely';
import { exitWithMistake } from './command-line.ts';

/**
 * The person who runs this tool, by their name on the machine; by their number where the system has no name for it
 * (some containers).
 */
export function operatorActor(): AuditActor {
  return { type: 'operator', name: nameOnMachine() };
}

function nameOnMachine(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** Records what an operator does, in the same transaction. */
export async function auditOperator(
  trx: Transaction<Schema>,
  action: AuditAction,
  subject: string,
  now: number,
  details?: AuditEntry['details'],
): Promise<void> {
  const entry = { actor: operatorActor(), action, subject, ...(details && { details }) };
  await appendAudit(trx, entry, now);
}

/** What cannot be undone needs `--yes`. */
export function confirmedOrExit(isConfirmed: boolean, what: string): void {
  if (!isConfirmed) exitWithMistake(`${what} cannot be undone: say --yes as well.`);
}
