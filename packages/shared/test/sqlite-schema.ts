import { type DescribedSchema, describedColumn, describedIndex } from './schema-description.ts';
import type { TestStore } from './test-store.ts';

interface Part {
  type: 'table' | 'index' | 'trigger';
  name: string;
  tbl_name: string;
  /** Null for an index that a key has. */
  sql: string | null;
}

interface Column {
  name: string;
  type: string;
  notnull: 0 | 1;
  dflt_value: string | null;
  pk: number;
}

/** The schema of a SQLite file. */
export async function sqliteSchema(store: TestStore): Promise<DescribedSchema> {
  const parts = (
    await store.query<Part>(
      "select type, name, tbl_name, sql from sqlite_schema where name not like 'kysely%' and name not like 'sqlite%stat%'",
    )
  ).filter(({ name, tbl_name }) => !/^kysely|^sqlite_(sequence|stat)/.test(`${tbl_name} ${name}`));
  const tables = parts.filter(({ type }) => type === 'table').toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const columns: Record<string, string[]> = {};
  const keys: string[] = [];
  const references: string[] = [];
  for (const { name } of tables) {
    const found = await store.query<Column>(`pragma table_info(${name})`);
    columns[name] = found.map(toColumn).toSorted();
    const primary = found.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
    if (primary.length > 0) keys.push(`${name} (${primary.map((column) => column.name).join(', ')})`);
    keys.push(...(await uniqueKeys(store, name)));
    references.push(...(await referencesOf(store, name)));
  }
  const indexes = parts.filter(({ type, sql }) => type === 'index' && sql !== null);
  return {
    columns,
    indexes: Object.fromEntries(
      indexes.map((index) => [index.name, toIndex(index)] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
    keys: keys.toSorted(),
    references: references.toSorted(),
    checks: Object.fromEntries(
      tables.map(({ name, sql }) => [name, sql?.match(/\bcheck ?\(/g)?.length ?? 0]),
    ),
    triggers: parts
      .filter(({ type }) => type === 'trigger')
      .map(({ name }) => name)
      .toSorted(),
    otherCollations: [],
  };
}

function toColumn({ name, type, notnull, dflt_value, pk }: Column): string {
  return describedColumn({ name, type, isNullable: notnull === 0 && pk === 0, default: dflt_value });
}

function toIndex({ tbl_name: table, sql }: Part): string {
  const [, unique, columns = '', condition] =
    /^create (unique )?index \w+ on \w+ \((.*?)\)(?:\s+where (.*))?$/is.exec(sql ?? '') ?? [];
  return describedIndex({
    table,
    columns: columns.split(','),
    condition: condition ?? null,
    isUnique: unique !== undefined,
  });
}

async function uniqueKeys(store: TestStore, table: string): Promise<string[]> {
  const all = await store.query<{ name: string; origin: string }>(`pragma index_list(${table})`);
  const keys: string[] = [];
  for (const { name } of all.filter(({ origin }) => origin === 'u')) {
    const columns = await store.query<{ name: string }>(`pragma index_info(${name})`);
    keys.push(`${table} (${columns.map((column) => column.name).join(', ')})`);
  }
  return keys;
}

async function referencesOf(store: TestStore, table: string): Promise<string[]> {
  const all = await store.query<{ from: string; table: string; to: string; on_delete: string }>(
    `pragma foreign_key_list(${table})`,
  );
  return all.map(
    ({ from, table: other, to, on_delete }) =>
      `${table}.${from} → ${other}.${to}${on_delete === 'CASCADE' ? ' cascade' : ''}`,
  );
}
