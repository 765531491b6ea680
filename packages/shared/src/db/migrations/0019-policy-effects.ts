import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Policies that allow, ask or deny, for what their selectors name, and for as long as they last. SQLite cannot change the
 * old checks, so the table is written anew.
 */
export const policyEffects: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table new_policies (
    id text primary key not null,
    user_id text not null references users (id),
    scope text not null check (scope in ('global', 'user', 'role', 'group')),
    target_id text,
    evaluator text not null check (evaluator in ('structured', 'heuristic', 'llm')),
    effect text not null check (effect in ('allow', 'ask', 'deny')),
    direction text,
    resource text,
    action text,
    content text not null,
    priority integer not null check (priority between 0 and 100),
    enabled integer not null check (enabled in (0, 1)),
    source text not null,
    effective_from integer,
    expires_at integer,
    max_uses integer check (max_uses > 0),
    remaining_uses integer check (remaining_uses between 0 and max_uses),
    derived_from_message_id text,
    learning_provenance_json text,
    created_at integer not null,
    updated_at integer,
    check ((scope = 'global') = (target_id is null)),
    check ((max_uses is null) = (remaining_uses is null))
  ) without rowid`,
  // Until now each forbade whatever broke its rules, of everything that was sent.
  `insert into new_policies (id, user_id, scope, target_id, evaluator, effect, content, priority, enabled, source, created_at)
    select id, user_id, scope, target_id, policy_type, 'deny', content, priority, enabled, 'legacy_migrated', created_at
    from policies`,
  'drop table policies',
  'alter table new_policies rename to policies',
  'create index policies_by_user on policies (user_id)',
  'create index policies_by_target on policies (user_id, scope, target_id)',
  // Of a group they are the group's, whoever wrote them.
  `create index policies_by_group on policies (target_id) where scope = 'group'`,
  'create index policies_by_expiry on policies (expires_at) where expires_at is not null',
  'create index policies_used_up on policies (updated_at) where remaining_uses = 0',
];
