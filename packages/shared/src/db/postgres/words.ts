import type { Columns, Words } from '../words/words.ts';

/** How PostgreSQL writes it. Its planner follows statistics, so hints say nothing here, and orders are written out. */
export const POSTGRES_WORDS: Words = {
  greatest: 'greatest',
  least: 'least',
  joinInOrder: 'join',
  orderOfJoin: (columns) => `order by ${columns}`,
  indexedBy: () => '',
  unindexed: (column) => column,
  bigint: (value) => `(${value})::bigint`,
  json: (column) => `${column}::json`,
  quoted: (text) => `to_json(${text})::text`,
  arrival: (table) => `${table}.arrival`,
  // The database's own rules know more letters than those of ASCII.
  equalsIgnoringCase: (column) => [`lower(${column}) = lower((`, ') collate "C")'],
  each: ['json_array_elements_text((', ')::json) as each(value)'],
  rows: (name, columns) => ['json_to_recordset((', `)::json) as ${name}(${typed(columns)})`],
};

function typed(columns: Columns): string {
  return Object.entries(columns)
    .map(([column, type]) => `${column} ${type}`)
    .join(', ');
}
