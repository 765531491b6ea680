import { type RawBuilder, sql } from 'kysely';

/** Stands before an `insert … select … from n`, which writes so many rows at once: `i` counts them from 1. */
export function numbersTo(count: number): RawBuilder<unknown> {
  return sql`with recursive n (i) as (select 1 union all select i + 1 from n where i < ${sql.lit(count)})`;
}

/** The number of a row with zeros before it, so that it has so many digits; there are fewer than a billion rows. */
export function zeroed(digits: number): RawBuilder<string> {
  return sql`${sql.lit('0'.repeat(digits - 9))} || substr(cast(1000000000 + i as text), 2)`;
}
