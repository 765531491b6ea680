import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const policies: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table policies (
    id text primary key not null,
    user_id text not null references users (id),
    scope text not null check (scope in ('global', 'user', 'group')),
    target_id text,
    policy_type text not null check (policy_type in ('heuristic', 'llm')),
    content text not null,
    priority integer not null check (priority between 0 and 100),
    enabled integer not null check (enabled in (0, 1)),
    created_at integer not null,
    check ((scope = 'global') = (target_id is null))
  ) without rowid`,
  `create index policies_by_user on policies (user_id)`,
  `create index policies_by_target on policies (user_id, scope, target_id)`,
  // Of a group they are the group's, whoever wrote them.
  `create index policies_by_group on policies (target_id) where scope = 'group'`,
];
