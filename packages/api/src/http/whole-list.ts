import { PAGE_BYTES } from '@mahilo/shared/bounds/bounds';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Slice } from './bounded-walk.ts';
import { type Page, PageQuery, pageOf, sendPage } from './pagination.ts';
import { Type } from './type.ts';
import { type NextPiece, walks } from './walks.ts';

/** Most items of a list that is asked for without a limit: clients read such lists whole, and follow no `Link`. */
const MAX_WHOLE = 1000;
/** Rows read at once; the process does nothing else meanwhile. */
const PIECE = 50;
/** Rows that may be counted for one answer: as many as for fifty groups of the usual largest size. */
const MAX_COUNTED = 250_000;

/** `limit` and `cursor` of a list that comes whole when no limit is given. */
export const WholeListQuery = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100,
      description: `Items in a page. Without it up to ${MAX_WHOLE} come, and fewer when they are large.`,
      examples: [50],
    }),
  ),
  cursor: PageQuery.cursor,
};

interface Listed {
  id: string;
}

/**
 * Reads the page that is asked for, and puts the next one into the `Link` header.
 * @param read reads the rows of a piece of it, newest first, and one more if there is one.
 * @param countedFor how many other rows reading one has counted.
 * @throws MahiloError INVALID_REQUEST when the cursor is not one of ours.
 */
export async function sendWhole<Row extends Listed>(
  request: FastifyRequest,
  reply: FastifyReply,
  { limit = MAX_WHOLE, cursor }: { limit?: number; cursor?: string },
  read: (piece: Page) => Promise<readonly Row[]>,
  countedFor: (row: Row) => number = () => 0,
): Promise<Row[]> {
  const page = pageOf({ limit, ...(cursor !== undefined && { cursor }) });
  const { rows, stoppedAt } = await walks.walk(request.user?.id ?? '', (nextPiece) =>
    inPieces(page, read, countedFor, nextPiece),
  );
  return sendPage(request, reply, page, rows, ({ id }) => id, stoppedAt);
}

/**
 * Reads until the page is full or has about {@link PAGE_BYTES}, or enough was counted. The first piece waits for nobody:
 * most lists are that short, and as cheap as any request.
 */
async function inPieces<Row extends Listed>(
  page: Page,
  read: (piece: Page) => Promise<readonly Row[]>,
  countedFor: (row: Row) => number,
  nextPiece: NextPiece,
): Promise<Slice<Row>> {
  const rows: Row[] = [];
  let bytes = 0;
  let counted = 0;
  for (let after = page.after; ; await nextPiece()) {
    const limit = Math.min(PIECE, page.limit - rows.length);
    const piece = await read({ limit, after });
    for (const row of piece.slice(0, limit)) {
      bytes += Buffer.byteLength(JSON.stringify(row));
      counted += countedFor(row);
      // At least one, or nobody could ever read on.
      if ((bytes > PAGE_BYTES || counted > MAX_COUNTED) && rows.length > 0) return { rows, stoppedAt: after };
      rows.push(row);
      after = row.id;
    }
    if (piece.length <= limit) return { rows, stoppedAt: undefined };
    if (rows.length === page.limit) return { rows, stoppedAt: after };
  }
}
