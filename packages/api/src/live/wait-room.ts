import { MahiloError } from '@mahilo/shared/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { userIdOf } from '../auth/authenticate.ts';
import { clientGone } from '../http/client-gone.ts';

/** A request's right to wait. */
export interface WaitRoom extends Disposable {
  /** Aborts when the client has gone, or others need the room. */
  signal: AbortSignal;
}

/**
 * Takes the room that a request needs to wait; it comes from the same budget as streams.
 * @throws MahiloError TOO_MANY_STREAMS, QUOTA_EXCEEDED, UNAVAILABLE
 */
export function takeWaitRoom(request: FastifyRequest, reply: FastifyReply): WaitRoom {
  const closed = new AbortController();
  const owner = { userId: userIdOf(request), client: request.client };
  const room = request.server.budgets.streams.take(owner, 1, () => closed.abort());
  return {
    signal: AbortSignal.any([clientGone(reply), closed.signal]),
    [Symbol.dispose]: () => room.release(),
  };
}

/** The same for a wait that is optional: undefined when there is no room. */
export function wantWaitRoom(request: FastifyRequest, reply: FastifyReply): WaitRoom | undefined {
  try {
    return takeWaitRoom(request, reply);
  } catch (error) {
    if (error instanceof MahiloError) return undefined;
    throw error;
  }
}
