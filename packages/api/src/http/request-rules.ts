import { invalidField, MahiloError } from '@mahilo/shared/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../deps.ts';

/** A longer URL (characters) names nothing here; Node alone would accept as much as all headers together may have. */
const MAX_URL = 12_288;

/** Refuses ambiguous or malformed requests by their headers, before their body is read. */
export function registerRequestRules(app: App): void {
  // Node answers an unknown expectation itself, in another form than ours.
  app.server.on('checkExpectation', (request, response) => {
    app.server.emit('request', request, response);
  });
  app.addHook('preParsing', (request, reply, _payload, done) => {
    done(refusal(request, reply));
  });
}

function refusal({ headers, raw }: FastifyRequest, reply: FastifyReply): MahiloError | null {
  if ((raw.url ?? '').length > MAX_URL) {
    return new MahiloError('URI_TOO_LONG', `The URL has more than ${MAX_URL} characters.`);
  }
  // RFC 9110 §10.1.1
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
    return new MahiloError('EXPECTATION_FAILED', 'Nothing but "Expect: 100-continue" can be expected here.');
  }
  // RFC 9110 §15.5.16: the refusal names what would be accepted.
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
    reply.header('accept-encoding', 'identity');
    return new MahiloError('UNSUPPORTED_MEDIA_TYPE', 'The body must not be compressed.');
  }
  // Node joins several with a comma, which would be a key that nobody has sent.
  const isList = headers['idempotency-key']?.includes(',');
  if (isList && (raw.headersDistinct['idempotency-key']?.length ?? 0) > 1) {
    return invalidField('idempotency-key', 'must be sent once');
  }
  return null;
}
