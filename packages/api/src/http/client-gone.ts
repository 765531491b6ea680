import type { FastifyReply } from 'fastify';

/**
 * Aborts when the client disconnects before its answer. (Fastify's own `request.signal` may also abort once the
 * request has been read.)
 */
export function clientGone({ raw }: Pick<FastifyReply, 'raw'>): AbortSignal {
  const gone = new AbortController();
  if (raw.destroyed) gone.abort();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
