import type { SchemaChange } from '../words/schema-change.ts';
import { TEXT } from '../words/text.ts';

const INDEXES = [
  'create unique index friend_links_by_token on friend_links (token_hash)',
  'create index friend_links_by_user on friend_links (user_id, id)',
];

/** Links that make two people friends, once. */
export const friendLinks: SchemaChange = {
  sqlite: [
    `create table friend_links (
      id text primary key not null,
      token_hash blob not null,
      user_id text not null references users (id),
      created_at integer not null,
      expires_at integer not null
    ) without rowid`,
    ...INDEXES,
  ],
  postgres: [
    `create table friend_links (
      id ${TEXT} primary key,
      token_hash bytea not null,
      user_id ${TEXT} not null references users (id),
      created_at bigint not null,
      expires_at bigint not null
    )`,
    ...INDEXES,
  ],
};
