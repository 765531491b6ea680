import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { Kysely } from 'kysely';

/** A line of the audit trail. */
export interface AuditLine {
  id: number;
  created_at: number;
  actor_type: 'user' | 'operator';
  /** A user's id, or an operator's name. */
  actor: string;
  /** The name of that user. */
  username: string | null;
  action: string;
  subject: string;
  details_json: string | null;
}

/** Lines after one (`after`, 0: none) and of a time (ms) or later, the oldest first. Uses audit_by_time and the primary key. */
export async function auditSince(
  db: Kysely<Schema>,
  { after, since, limit }: { after: number; since: number; limit: number },
): Promise<AuditLine[]> {
  const [first] = await firstSince(db, since);
  return first === undefined ? [] : linesFrom(db, Math.max(first.id, after + 1), since, limit);
}

/** The first line that may be of that time (ms) or later. Uses audit_by_time. */
const firstSince = statement<[since: number], { id: number }>(`
  select id from audit where created_at >= ? order by created_at, id limit 1`);

const LINE = `select audit.id, audit.created_at, actor_type, actor, username, action, subject, details_json from audit
  left join users on actor_type = 'user' and users.id = actor`;

/** Lines in the order in which they were written: a clock may have run backwards. Uses the primary keys. */
const linesFrom = statement<[from: number, since: number, limit: number], AuditLine>(`
  ${LINE} where audit.id >= ? and audit.created_at >= ? order by audit.id limit ?`);

/** Lines before one (`before`), the newest first. Uses the primary keys. */
export const auditBefore = statement<[before: number, limit: number], AuditLine>(`
  ${LINE} where audit.id < ? order by audit.id desc limit ?`);
