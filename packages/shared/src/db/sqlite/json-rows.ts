import { type RawBuilder, sql } from 'kysely';

/**
 * Many values as one parameter, for `from` and `in`: the column `value` of `jsonb_each` holds each of them. One fixed
 * statement serves any number of rows, so it is prepared once.
 */
export function jsonEach(values: readonly unknown[]): RawBuilder<{ value: string }> {
  return sql`jsonb_each(${JSON.stringify(values)})`;
}
