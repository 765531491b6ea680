import { type OperationNodeSource, RawNode } from 'kysely';

/**
 * What the dialects write differently. All else is one text for both; a test holds that. The dialect that compiles a
 * statement knows its own: `sqlite/words.ts`.
 */
export interface Words {
  /** The functions for the largest and the smallest of several values. None of these may be null: there the dialects differ. */
  readonly greatest: string;
  readonly least: string;
  /** Joins tables in the order in which they are written, where the planner would not. `on` follows. */
  readonly joinInOrder: string;
  /** Behind such a join: the order in which the rows come, for a planner that does not keep it by itself. */
  orderOfJoin(columns: string): string;
  /** Behind a table: the only index to use, where the planner would take another. */
  indexedBy(index: string): string;
  /** A column in a comparison for which no index shall be used. */
  unindexed(column: string): string;
  /** A parameter, or a member of JSON, that is a whole number where nothing else says so. */
  bigint(value: string): string;
  /** A column of JSON text, of which `->>` takes a member. */
  json(column: string): string;
  /** A text as JSON writes it. */
  quoted(text: string): string;
  /** The order in which the rows of a table came, whatever their ids say. */
  arrival(table: string): string;
  /** What stands before and behind a parameter, so that a column equals it but for the case of ASCII letters. */
  equalsIgnoringCase(column: string): Around;
  /** What stands before and behind a parameter, JSON of an array, so that `from` and `in` see its items in a column `value`. */
  readonly each: Around;
  /** The same for an array of objects: each is a row, and its members are columns of these types. */
  rows(name: string, columns: Columns): Around;
}

export type Around = readonly [before: string, behind: string];

/** The names and types of the columns of {@link Words.rows}. */
export type Columns = Readonly<Record<string, ColumnType>>;
type ColumnType = 'text' | 'bigint' | 'boolean';

/** A piece of a statement that its dialect writes. */
interface WordedNode extends RawNode {
  readonly write: (words: Words) => string;
}

export function isWorded(node: RawNode): node is WordedNode {
  return 'write' in node;
}

/** A piece of a statement of Kysely that its dialect writes. */
export function worded(write: (words: Words) => string): OperationNodeSource {
  const node: WordedNode = { ...RawNode.create([], []), write };
  return { toOperationNode: () => node };
}

export const GREATEST = worded(({ greatest }) => greatest);
export const LEAST = worded(({ least }) => least);
export const JOIN_IN_ORDER = worded(({ joinInOrder }) => joinInOrder);
