import { type OperationNodeSource, type RawBuilder, sql } from 'kysely';
import { type Around, type Columns, type Words, worded } from './words.ts';

/** A parameter with what stands around it, which never changes. */
class Surrounded {
  readonly #before: OperationNodeSource;
  readonly #behind: OperationNodeSource;
  readonly #around: (words: Words) => Around;

  constructor(around: (words: Words) => Around) {
    this.#around = around;
    this.#before = worded((words) => around(words)[0]);
    this.#behind = worded((words) => around(words)[1]);
  }

  with<T>(parameter: string | RawBuilder<string>): RawBuilder<T> {
    return sql`${this.#before}${parameter}${this.#behind}`;
  }

  in(words: Words): string {
    return this.#around(words).join('?');
  }
}

const EACH = new Surrounded(({ each }) => each);

/**
 * Texts or rows as the one parameter that they are. With half of a surrogate pair in it, which stands for itself in JavaScript
 * and for nothing anywhere else, JSON is none for PostgreSQL.
 */
export function json(values: readonly unknown[]): string {
  const text = JSON.stringify(values);
  return text.includes('\\ud') ? JSON.stringify(values, wellFormed) : text;
}

function wellFormed(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}

/**
 * Many texts as one parameter, for `from` and `in`: the column `value` holds each of them. One fixed statement serves any
 * number of them, so it is prepared once. A value of a named statement is what {@link json} gives.
 */
export function eachOf(values: readonly string[] | RawBuilder<string>): RawBuilder<{ value: string }> {
  return EACH.with(isList(values) ? json(values) : values);
}

function isList<T>(values: readonly T[] | RawBuilder<string>): values is readonly T[] {
  return Array.isArray(values);
}

/** The same in a text of `statement`; the parameter is JSON of an array of texts. */
export function each(words: Words): string {
  return EACH.in(words);
}

/** Many rows as one parameter, for `from`: a table of the given name and columns. */
export class Rows<Row extends object> {
  readonly #surrounded: Surrounded;

  constructor(name: string, columns: Columns & Readonly<Record<keyof Row, Columns[string]>>) {
    this.#surrounded = new Surrounded((words) => words.rows(name, columns));
  }

  /** A value of a named statement is what {@link json} gives. */
  of(rows: readonly Row[] | RawBuilder<string>): RawBuilder<Row> {
    return this.#surrounded.with(isList(rows) ? json(rows) : rows);
  }

  /** The same in a text of `statement`; the parameter is JSON of an array of rows. */
  in(words: Words): string {
    return this.#surrounded.in(words);
  }
}

/** Whether a column equals a text but for the case of ASCII letters. */
export function equalsIgnoringCase(column: string, text: string): RawBuilder<boolean> {
  return new Surrounded((words) => words.equalsIgnoringCase(column)).with(text);
}
