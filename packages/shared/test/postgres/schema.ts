import { type DescribedSchema, describedColumn, describedIndex } from '../schema-description.ts';
import type { TestStore } from '../test-store.ts';

interface Column {
  table: string;
  name: string;
  type: string;
  is_nullable: 'YES' | 'NO';
  default: string | null;
  collation: string | null;
}

interface Index {
  table: string;
  name: string;
  columns: string[];
  condition: string | null;
  is_unique: boolean;
  /** Of a primary or unique key. */
  is_key: boolean;
}

const OURS = "c.relnamespace = 'public'::regnamespace and c.relname not like 'kysely%'";

/** The schema of a database on a server. */
export async function postgresSchema(store: TestStore): Promise<DescribedSchema> {
  const columns = await columnsOf(store);
  const indexes = await indexesOf(store);
  const named = (texts: readonly { text: string }[]) => texts.map(({ text }) => text).toSorted();
  const checks = await store.query<{ table: string; checks: number }>(`
    select c.relname as table, count(k.oid) as checks from pg_class c
    left join pg_constraint k on k.conrelid = c.oid and k.contype = 'c' where ${OURS} and c.relkind = 'r'
    group by c.relname`);
  return {
    columns: Object.fromEntries(
      [...Map.groupBy(columns, ({ table }) => table)].map(([table, own]) => [
        table,
        own.map(toColumn).toSorted(),
      ]),
    ),
    indexes: Object.fromEntries(
      indexes
        .filter(({ is_key }) => !is_key)
        .map(
          ({ name, is_unique, ...index }) =>
            [name, describedIndex({ ...index, isUnique: is_unique })] as const,
        )
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
    keys: indexes
      .filter(({ is_key }) => is_key)
      .map(({ table, columns: own }) => `${table} (${own.join(', ')})`)
      .toSorted(),
    references: named(await referencesOf(store)),
    checks: Object.fromEntries(checks.map(({ table, checks: number }) => [table, number])),
    triggers: named(
      await store.query<{ text: string }>(
        `select t.tgname as text from pg_trigger t join pg_class c on c.oid = t.tgrelid where ${OURS} and not t.tgisinternal`,
      ),
    ),
    otherCollations: columns
      .filter(({ collation }) => collation !== null && collation !== 'C')
      .map(({ table, name }) => `${table}.${name}`),
  };
}

function columnsOf(store: TestStore): Promise<Column[]> {
  return store.query<Column>(`
    select k.table_name as table, k.column_name as name, k.data_type as type, k.is_nullable,
      case when k.is_identity = 'NO' then k.column_default end as default,
      case when k.data_type = 'text' then coalesce(k.collation_name, 'default') end as collation
    from information_schema.columns k join pg_class c on c.relname = k.table_name
    where k.table_schema = 'public' and c.relkind = 'r' and ${OURS} order by k.table_name`);
}

function toColumn({ name, type, is_nullable, default: given }: Column): string {
  return describedColumn({ name, type, isNullable: is_nullable === 'YES', default: given });
}

function indexesOf(store: TestStore): Promise<Index[]> {
  return store.query<Index>(`
    select c.relname as table, i.relname as name, x.indisunique as is_unique,
      exists (select 1 from pg_constraint k where k.conindid = x.indexrelid and k.contype in ('p', 'u')) as is_key,
      pg_get_expr(x.indpred, x.indrelid) as condition,
      array(select pg_get_indexdef(x.indexrelid, n, true) || case when x.indoption[n - 1] & 1 = 1 then ' desc' else '' end
        from generate_series(1, x.indnkeyatts) as n order by n) as columns
    from pg_index x join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid where ${OURS}`);
}

function referencesOf(store: TestStore): Promise<{ text: string }[]> {
  return store.query(`
    select c.relname || '.' || own.attname || ' → ' || other.relname || '.' || theirs.attname
      || case k.confdeltype when 'c' then ' cascade' else '' end as text
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class other on other.oid = k.confrelid
    join pg_attribute own on own.attrelid = k.conrelid and own.attnum = k.conkey[1]
    join pg_attribute theirs on theirs.attrelid = k.confrelid and theirs.attnum = k.confkey[1]
    where k.contype = 'f' and ${OURS}`);
}
