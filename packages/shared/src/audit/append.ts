import type { Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';

/** Every action that the audit trail records. */
export type AuditAction =
  | 'user.register'
  | 'user.disable'
  | 'user.enable'
  | 'user.delete'
  | 'key.create'
  | 'key.rotate'
  | 'key.revoke'
  | 'key.reset'
  | 'session.create'
  | 'session.link'
  | 'message.erase'
  | 'group.remove'
  | 'invite.create'
  | 'invite.revoke'
  | 'operator.grant'
  | 'operator.withdraw'
  | 'agent.hold'
  | 'agent.release'
  | 'agent.try_now'
  | 'queue.requeue';

/** Who acted: a user, by id; an operator at the tools, by their name on the machine, or at the console: see {@link consoleActor}. */
export interface AuditActor {
  type: 'user' | 'operator';
  name: string;
}

export interface AuditEntry {
  actor: AuditActor;
  action: AuditAction;
  /** The id of what the action changed. */
  subject: string;
  /** What a person needs to understand the entry; never a secret or the text of a message. */
  details?: Readonly<Record<string, string | number>>;
}

/** Adds to the audit trail, in the transaction of the change. It is append-only: triggers refuse changes. */
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

/** A user who acts through the API. */
export function userActor(userId: string): AuditActor {
  return { type: 'user', name: userId };
}

/** An operator at the console, by their username here. */
export function consoleActor(username: string): AuditActor {
  return { type: 'operator', name: `console:${username}` };
}
