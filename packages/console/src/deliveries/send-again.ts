import { api, type Resent } from '../api.ts';
import { type DeliveryQuery, requestOf } from './queries.ts';

/** Dead letters in one request of the API's. */
const PIECE = 1000;
/** Most dead letters that are sent again at one go. */
export const MOST = 10 * PIECE;
/** Requests without a single match, before it is given up: each has looked through thousands of deliveries. */
const MOST_REQUESTS = 40;

export interface Counted {
  matched: number;
  resendable: number;
  requeued: number;
  /** More may match. */
  hasMore: boolean;
}

interface How {
  isDryRun: boolean;
  /** Ends it between two pieces. */
  signal: AbortSignal;
  onPiece?: (requeued: number) => void;
}

/** Sends the dead letters again that match, or counts them, in pieces, so that each request is short. @throws ApiError */
export async function sendAgain(query: DeliveryQuery, { isDryRun, signal, onPiece }: How): Promise<Counted> {
  const { status: _, cursor: _2, ...filter } = requestOf(query);
  const all = { matched: 0, resendable: 0, requeued: 0 };
  let cursor: string | undefined;
  for (let requests = 0; requests < MOST_REQUESTS && all.matched < MOST; requests += 1) {
    signal.throwIfAborted();
    const body = { ...filter, dry_run: isDryRun, ...(cursor !== undefined && { cursor }) };
    const piece = await api<Resent>('POST', '/deliveries/resend', { body });
    all.matched += piece.matched;
    all.resendable += piece.resendable;
    all.requeued += piece.requeued;
    onPiece?.(all.requeued);
    cursor = piece.cursor;
    if (cursor === undefined) break;
  }
  return { ...all, hasMore: cursor !== undefined };
}
