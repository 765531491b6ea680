import type { IncomingMessage } from 'node:http';
import { withoutKeys } from '@mahilo/shared/observe/log';
import type { Random } from '@mahilo/shared/random';

const ACCEPTED = /^[A-Za-z0-9._-]{1,128}$/;

/**
 * A source of request ids: a random prefix for this process, and a number. The ids are not stored and need not sort,
 * so they can cost less than a TypeID.
 */
export function requestIds(random: Random): () => string {
  const process = random.bytes(10).toString('hex');
  let count = 0;
  return () => {
    count += 1;
    return `req_${process}${count.toString(36)}`;
  };
}

/** The id of a request: the caller's `X-Request-Id` if it is usable, else a new one. */
export function requestIdSource(newRequestId: () => string): (request: IncomingMessage) => string {
  return (request) => {
    const given = request.headers['x-request-id'];
    // The id is answered and logged, so it must not contain a key that somebody put there by mistake.
    const isUsable = typeof given === 'string' && ACCEPTED.test(given) && withoutKeys(given) === given;
    return isUsable ? given : newRequestId();
  };
}
