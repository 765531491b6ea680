import { ACCESS_VERSION } from './access-version.ts';
import { MESSAGES } from './messages.ts';
import { OPERATING } from './operating.ts';
import { PEOPLE } from './people.ts';
import { RELATIONS } from './relations.ts';

/** The schema that SQLite has after its migrations 0001 to 0032. The first release with PostgreSQL began there. */
export const UNTIL_0032: readonly string[] = [
  ...PEOPLE,
  ...RELATIONS,
  ...MESSAGES,
  ...OPERATING,
  ...ACCESS_VERSION,
];
