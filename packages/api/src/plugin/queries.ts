import { MahiloError } from '@mahilo/shared/errors';
import { oneOf } from '../http/fields.ts';
import { type Page, PageQuery, pageOf } from '../http/pagination.ts';
import { Type } from '../http/type.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100;

/** Which way what a list shows goes: what others hold or deny is not told to whom it would have gone. */
const DIRECTIONS = ['all', 'outbound', 'inbound'] as const;

const word = (description: string, example: string) =>
  Type.String({ maxLength: 100, description, examples: [example] });

/** A query that is checked here, with a code of its own. */
export const ListQuery = {
  direction: Type.Optional(
    word(
      `One of ${DIRECTIONS.join(', ')} (the default). Nothing is \`inbound\`: it is for its sender alone.`,
      'all',
    ),
  ),
  limit: Type.Optional(word('Items in a page; more than 100 are 100.', '50')),
  cursor: PageQuery.cursor,
};

export const DirectionAnswer = oneOf(DIRECTIONS, { description: 'The one of the request.' });

interface Listed {
  direction: (typeof DIRECTIONS)[number];
  page: Page;
}

/** What a list is asked for. @throws MahiloError INVALID_QUERY */
export function listed(query: { direction?: string; limit?: string; cursor?: string }): Listed {
  const { direction = 'all', limit = String(DEFAULT_LIMIT), cursor } = query;
  const known = DIRECTIONS.find((one) => one === direction);
  if (known === undefined) throw invalidQuery('direction', `must be one of ${DIRECTIONS.join(', ')}`);
  if (!/^[1-9]\d{0,8}$/.test(limit)) throw invalidQuery('limit', 'must be a whole number from 1 on');
  const page = { limit: Math.min(Number(limit), MAX_LIMIT), ...(cursor !== undefined && { cursor }) };
  return { direction: known, page: pageOf(page) };
}

export function invalidQuery(path: string, message: string): MahiloError {
  return new MahiloError('INVALID_QUERY', `${path} ${message}.`, { details: [{ path, message }] });
}
