/** Who there is, who may write to whom, and where it goes: read for every request, and seldom changed. */
const TABLES = ['users', 'connections', 'friendships'] as const;
/** When a key was last used decides nothing: noting it must not make every process forget what it knows. */
const DECISIVE = 'id, user_id, hash, scope, connection_id, expires_at';

/**
 * Random, and not a counter: a transaction that is undone takes its version back, and what was read under that must never be taken
 * for what a later one has written. No more bits than a number in JavaScript holds.
 */
const NEW_VERSION = '(random() * 9007199254740991)::bigint';

/** One statement renews the version once, and not at all when it changed no row. */
const RENEW = `
  if exists (select from changed) then update access_version set version = ${NEW_VERSION}; end if;
  return null;`;

function onChange(table: string, change: 'insert' | 'update' | 'delete'): string {
  const rows = change === 'delete' ? 'old' : 'new';
  return `create trigger ${table}_${change}_renews_access_version after ${change} on ${table}
    referencing ${rows} table as changed for each statement execute function renew_access_version_if_changed()`;
}

export const ACCESS_VERSION: readonly string[] = [
  'create table access_version (version bigint not null) with (fillfactor = 10)',
  `insert into access_version values (${NEW_VERSION})`,
  `create function renew_access_version_if_changed() returns trigger language plpgsql as $$ begin ${RENEW} end $$`,
  // A trigger for some columns alone is told of no rows, so it looks at each.
  `create function renew_access_version() returns trigger language plpgsql as $$
    begin update access_version set version = ${NEW_VERSION}; return null; end $$`,
  ...TABLES.flatMap((table) => [
    onChange(table, 'insert'),
    onChange(table, 'update'),
    onChange(table, 'delete'),
  ]),
  onChange('api_keys', 'insert'),
  onChange('api_keys', 'delete'),
  `create trigger api_keys_update_renews_access_version after update of ${DECISIVE} on api_keys
    for each row execute function renew_access_version()`,
];
