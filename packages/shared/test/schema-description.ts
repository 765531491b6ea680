/** A schema in words that every dialect shares; all lists are sorted. */
export interface DescribedSchema {
  /** By table: `name kind`, with `not null` and `default …` where it has them. */
  columns: Readonly<Record<string, readonly string[]>>;
  /** By name, each as `table (columns) where condition`, with `unique` before. */
  indexes: Readonly<Record<string, string>>;
  /** `table (columns)`. */
  keys: readonly string[];
  /** `table.column → table.column`, with `cascade` behind. */
  references: readonly string[];
  /** How many a table has. */
  checks: Readonly<Record<string, number>>;
  triggers: readonly string[];
  /** Columns of text with another collation than the one of bytes. */
  otherCollations: readonly string[];
}

const KINDS: Readonly<Record<string, string>> = { bigint: 'integer', bytea: 'bytes', blob: 'bytes' };

/** One column. */
export function describedColumn(column: {
  name: string;
  type: string;
  isNullable: boolean;
  default: string | null;
}): string {
  const type = column.type.toLowerCase();
  const parts = [column.name, KINDS[type] ?? type];
  if (!column.isNullable) parts.push('not null');
  if (column.default !== null) parts.push(`default ${column.default.replaceAll(/'|::\w+/g, '')}`);
  return parts.join(' ');
}

/** One index. */
export function describedIndex(index: {
  table: string;
  columns: readonly string[];
  condition: string | null;
  isUnique: boolean;
}): string {
  const columns = index.columns.map(plain).join(', ');
  const condition = index.condition === null ? '' : ` where ${plain(index.condition)}`;
  return `${index.isUnique ? 'unique ' : ''}${index.table} (${columns})${condition}`;
}

/** An expression without what a server adds to it. */
function plain(expression: string): string {
  return expression
    .toLowerCase()
    .replaceAll(/::\w+/g, '')
    .replaceAll(/(\w+) collate nocase/g, 'lower $1')
    .replaceAll(/[()]/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
