import { MahiloError } from '@mahilo/shared/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../deps.ts';

const CONTINUE = '100-continue';

/**
 * `Expect` (RFC 9110 §10.1.1): a client that waits for `100 Continue` gets it when its body is read, so never before a
 * refusal; what else is expected is refused. Node would answer each at once, in a form of its own.
 */
export function registerExpectations(app: App): void {
  for (const event of ['checkContinue', 'checkExpectation']) {
    app.server.on(event, (request, response) => app.server.emit('request', request, response));
  }
  app.addHook('preParsing', (request, reply, _payload, done) => {
    if (request.headers.expect === undefined) return done();
    if (!isContinue(request.headers.expect)) {
      const sentence = 'Nothing but "Expect: 100-continue" can be expected here.';
      return done(new MahiloError('EXPECTATION_FAILED', sentence));
    }
    // A client of HTTP/1.0 does not know 1xx.
    if (request.raw.httpVersion !== '1.0') continueWhenRead(request, reply);
    return done();
  });
}

/** Several fields are one list. */
function isContinue(expected: string): boolean {
  return expected.split(',').every((member) => member.trim().toLowerCase() === CONTINUE);
}

/** What is left of a body after the answer is read, too, and thrown away. */
function continueWhenRead({ raw }: FastifyRequest, reply: FastifyReply): void {
  raw.once('resume', () => {
    if (!reply.raw.headersSent) reply.raw.writeContinue();
  });
}
