import { types } from 'pg';

/** `int8`, `numeric` (sums) and `bool`; nothing that the product keeps is beyond 2^53. */
const AS_NUMBER: ReadonlyMap<number, (text: string) => number> = new Map<number, (text: string) => number>([
  [20, Number],
  [1700, Number],
  [16, (text) => (text === 't' ? 1 : 0)],
]);

/** Reads numbers as JavaScript and SQLite have them. By itself `pg` gives large ones as text. */
export const NUMBERS = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    return AS_NUMBER.get(oid) ?? types.getTypeParser(oid, format);
  },
};
