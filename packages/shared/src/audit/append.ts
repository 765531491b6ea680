import type { Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';

/** Everything that the audit trail knows. */
export type AuditAction =
  | 'user.register'
  | 'user.disable'
  | 'user.enable'
  | 'user.delete'
  | 'key.create'
  | 'key.rotate'
  | 'key.revoke'
  | 'key.reset'
  | 'message.erase'
  | 'group.remove'
  | 'invite.create'
  | 'invite.revoke'
  | 'queue.requeue';

/** Who did it: a user, by id, or somebody at the operator's tools, by their name on the machine. */
export interface AuditActor {
  type: 'user' | 'operator';
  name: string;
}

export interface AuditEntry {
  actor: AuditActor;
  action: AuditAction;
  /** The id of what it was done to. */
  subject: string;
  /** What a person needs to understand it; never a secret, nor what a message says. */
  details?: Readonly<Record<string, string | number>>;
}

/** Adds to the audit trail, in the transaction of what it tells. It is append-only: triggers refuse changes. */
export async function appendAudit(
  trx: Transaction<Schema>,
  { actor, action, subject, details }: AuditEntry,
  now: number,
): Promise<void> {
  await trx
    .insertInto('audit')
    .values({
      created_at: now,
      actor_type: actor.type,
      actor: actor.name,
      action,
      subject,
      details_json: details === undefined ? null : JSON.stringify(details),
    })
    .execute();
}

/** Somebody with an API key. */
export function userActor(userId: string): AuditActor {
  return { type: 'user', name: userId };
}
