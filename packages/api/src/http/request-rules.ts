import { invalidField, MahiloError } from '@mahilo/shared/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../deps.ts';
import { refuseTunnels } from './error-handler.ts';
import { registerExpectations } from './expectations.ts';
import { nulInQuery, replaceNulInPath } from './nul.ts';

/** A longer URL (characters) names nothing here; Node alone would accept as much as all headers together may have. */
const MAX_URL = 12_288;

/** Refuses ambiguous or malformed requests by their headers, before their body is read. */
export function registerRequestRules(app: App, newRequestId: () => string): void {
  refuseTunnels(app, newRequestId);
  registerExpectations(app);
  app.addHook('preParsing', (request, reply, _payload, done) => {
    done(refusal(request, reply));
  });
}

/** How often a header came; its name in lower case. Cheaper than `headersDistinct`, which copies all headers. */
function countOf(wanted: string, { rawHeaders }: FastifyRequest['raw']): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === wanted.length && name.toLowerCase() === wanted) count += 1;
  }
  return count;
}

function refusal(request: FastifyRequest, reply: FastifyReply): MahiloError | null {
  const { headers, raw } = request;
  if ((raw.url ?? '').length > MAX_URL) {
    return new MahiloError('URI_TOO_LONG', `The URL has more than ${MAX_URL} characters.`);
  }
  // RFC 9112 §3.2. Node's own refusal of a missing one has another form than ours, and it takes the first of several.
  if (countOf('host', raw) !== 1 && raw.httpVersion !== '1.0')
    return invalidField('host', 'must be sent once');
  // Node takes other codings for the body itself (RFC 9112 §6.1).
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') {
    return invalidField('transfer-encoding', 'must be chunked, and nothing else');
  }
  // RFC 9110 §15.5.16: the refusal names what would be accepted.
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
    reply.header('accept-encoding', 'identity');
    return new MahiloError('UNSUPPORTED_MEDIA_TYPE', 'The body must not be compressed.');
  }
  // Node joins several with a comma, which would be a key that nobody has sent.
  const isList = headers['idempotency-key']?.includes(',');
  if (isList && countOf('idempotency-key', raw) > 1) {
    return invalidField('idempotency-key', 'must be sent once');
  }
  replaceNulInPath(raw.url ?? '', request.params);
  return nulInQuery(raw.url ?? '', request.query) ?? null;
}
