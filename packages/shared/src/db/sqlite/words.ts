import type { Words } from '../words/words.ts';

/**
 * How SQLite writes it. An array is `jsonb_each`: parsed once, it is faster than the text for each row that is read.
 */
export const SQLITE_WORDS: Words = {
  greatest: 'max',
  least: 'min',
  joinInOrder: 'cross join',
  orderOfJoin: () => '',
  indexedBy: (index) => `indexed by ${index}`,
  unindexed: (column) => `+${column}`,
  // A cast would give it an affinity, with which no index on an expression is used.
  bigint: (value) => value,
  json: (column) => column,
  quoted: (text) => `json_quote(${text})`,
  arrival: (table) => `${table}.rowid`,
  equalsIgnoringCase: (column) => [`${column} = `, ' collate nocase'],
  each: ['jsonb_each(', ')'],
  rows: (name, columns) => {
    const members = Object.keys(columns).map((column) => `value ->> '${column}' as ${column}`);
    return [`(select ${members.join(', ')} from jsonb_each(`, `)) as ${name}`];
  },
};
