import type { SchemaChange } from '../words/schema-change.ts';
import { TEXT } from '../words/text.ts';

const INDEXES = [
  'create unique index group_links_by_token on group_links (token_hash)',
  'create index group_links_by_group on group_links (group_id, id)',
  'create index group_links_by_user on group_links (user_id, id)',
];

/** Links that make whoever opens them a member of a group. */
export const groupLinks: SchemaChange = {
  sqlite: [
    `create table group_links (
      id text primary key not null,
      token_hash blob not null,
      group_id text not null references groups (id),
      user_id text not null references users (id),
      uses_left integer not null,
      created_at integer not null,
      expires_at integer not null
    ) without rowid`,
    ...INDEXES,
  ],
  postgres: [
    `create table group_links (
      id ${TEXT} primary key,
      token_hash bytea not null,
      group_id ${TEXT} not null references groups (id),
      user_id ${TEXT} not null references users (id),
      uses_left integer not null,
      created_at bigint not null,
      expires_at bigint not null
    )`,
    ...INDEXES,
  ],
};
