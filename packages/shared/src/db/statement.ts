import { CompiledQuery, type Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** A statement of a hot path; the parameters stand for its `?` in their order. */
export type Statement<Parameters extends readonly unknown[], Row> = (
  db: Kysely<Schema>,
  ...parameters: Parameters
) => Promise<Row[]>;

/**
 * A statement whose text never changes, so that there is nothing to build when it runs: building and compiling a query
 * costs several times what SQLite needs to answer it. Several small ones are cheaper than one large one.
 */
export function statement<Parameters extends readonly unknown[], Row = never>(
  text: string,
): Statement<Parameters, Row> {
  const compiled = CompiledQuery.raw(text);
  return async (db, ...parameters) => (await db.executeQuery<Row>({ ...compiled, parameters })).rows as Row[];
}
