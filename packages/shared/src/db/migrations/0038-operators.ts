import type { SchemaChange } from '../words/schema-change.ts';
import { TEXT } from '../words/text.ts';

/** Operators at a browser: who may be one, which sessions are theirs, the agents that they hold, and the traffic that they see. */
export const operators: SchemaChange = {
  sqlite: [
    'alter table users add column operator_since integer',
    'alter table sessions add column is_operator integer not null default 0',
    'alter table sign_in_links add column is_operator integer not null default 0',
    'alter table connections add column held_at integer',
    'alter table connections add column held_reason text',
    `create table stats_minutes (
      at integer not null,
      process text not null,
      accepted integer not null,
      delivered integer not null,
      failed integer not null,
      attempts integer not null,
      requests integer not null,
      unauthorized integer not null,
      limited integer not null,
      errors integer not null,
      waits_json text,
      callbacks_json text,
      primary key (at, process)
    ) without rowid`,
    'create index users_disabled on users (username) where disabled_at is not null',
  ],
  postgres: [
    'alter table users add column operator_since bigint',
    'alter table sessions add column is_operator integer not null default 0',
    'alter table sign_in_links add column is_operator integer not null default 0',
    'alter table connections add column held_at bigint',
    `alter table connections add column held_reason ${TEXT}`,
    `create table stats_minutes (
      at bigint not null,
      process ${TEXT} not null,
      accepted bigint not null,
      delivered bigint not null,
      failed bigint not null,
      attempts bigint not null,
      requests bigint not null,
      unauthorized bigint not null,
      limited bigint not null,
      errors bigint not null,
      waits_json ${TEXT},
      callbacks_json ${TEXT},
      primary key (at, process)
    )`,
    'create index users_disabled on users (username) where disabled_at is not null',
  ],
};
