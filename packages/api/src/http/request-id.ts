import type { IncomingMessage } from 'node:http';
import { withoutKeys } from '@mahilo/shared/observe/log';
import type { Random } from '@mahilo/shared/random';

const ACCEPTED = /^[A-Za-z0-9._-]{1,128}$/;

/**
 * A source of request ids: what this process is called by chance, and a number. They are not stored and need not sort, so
 * they can cost less than a TypeID.
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
    // It is answered and logged: a key that was put there by mistake must not be.
    const isUsable = typeof given === 'string' && ACCEPTED.test(given) && withoutKeys(given) === given;
    return isUsable ? given : newRequestId();
  };
}
