import type { FastifyReply } from 'fastify';

/**
 * Aborts when the client goes before it is answered. (Fastify's own `request.signal` may do so once the request has been
 * read.)
 */
export function clientGone({ raw }: Pick<FastifyReply, 'raw'>): AbortSignal {
  const gone = new AbortController();
  if (raw.destroyed) gone.abort();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
