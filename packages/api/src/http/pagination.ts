import { invalidField } from '@mahilo/shared/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from './type.ts';

const DEFAULT_LIMIT = 50;

/** `limit` and `cursor` of every list. */
export const PageQuery = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: DEFAULT_LIMIT, description: 'Items in a page.' }),
  ),
  cursor: Type.Optional(
    Type.String({
      maxLength: 200,
      description: 'From the `Link` header of the page before.',
      examples: ['bXNnXzAxbTg0end3ZzBlMjh0aGI3a3RranpjMXJy'],
      documented: { pattern: '^[A-Za-z0-9_-]+$' },
    }),
  ),
};

export interface Page {
  limit: number;
  /** The id after which (newest first) this page begins. */
  after: string | undefined;
}

/**
 * The page that a request asks for.
 * @throws MahiloError INVALID_REQUEST when the cursor is not one of ours.
 */
export function pageOf({ limit = DEFAULT_LIMIT, cursor }: { limit?: number; cursor?: string }): Page {
  if (cursor === undefined) return { limit, after: undefined };
  const after = Buffer.from(cursor, 'base64url').toString('utf8');
  if (cursorFor(after) !== cursor || !/^[a-z]+_[0-9a-z]+$/.test(after)) {
    throw invalidField('cursor', 'is not one that this list gave out');
  }
  return { limit, after };
}

/**
 * Cuts rows that were read with `limit + 1` to the page, and puts the next page into the `Link` header (RFC 8288).
 * @param stoppedAt where (an id) reading ended early: the next page continues there, however few rows this one has.
 */
export function sendPage<Row>(
  request: FastifyRequest,
  reply: FastifyReply,
  page: Page,
  rows: readonly Row[],
  idOf: (row: Row) => string,
  stoppedAt?: string,
): Row[] {
  const items = rows.slice(0, page.limit);
  const last = items.at(-1);
  const end = rows.length > page.limit && last !== undefined ? idOf(last) : stoppedAt;
  if (end !== undefined) {
    const url = new URL(request.url, 'http://localhost');
    url.searchParams.set('cursor', cursorFor(end));
    reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
  }
  return items;
}

/** The cursor of the page that begins after this id. */
export function cursorFor(id: string): string {
  return Buffer.from(id, 'utf8').toString('base64url');
}
