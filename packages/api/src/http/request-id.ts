import type { IncomingMessage } from 'node:http';
import type { NewId } from '@mahilo/shared/ids';

const ACCEPTED = /^[A-Za-z0-9._-]{1,128}$/;

/** The id of a request: the caller's `X-Request-Id` if it is usable, else a new one. */
export function requestIdSource(newId: NewId): (request: IncomingMessage) => string {
  return (request) => {
    const given = request.headers['x-request-id'];
    return typeof given === 'string' && ACCEPTED.test(given) ? given : newId('req');
  };
}
