import { isUtf8 } from 'node:buffer';
import { MahiloError } from '@mahilo/shared/errors';
import type { App } from '../deps.ts';

/**
 * Parses JSON bodies. Unlike Fastify's own parser it takes an empty body (existing clients send one with a JSON content
 * type) and refuses bytes that are not UTF-8 rather than replacing them.
 */
export function registerJsonBody(app: App): void {
  const parse = app.getDefaultJsonParser('remove', 'remove');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (body.length === 0) {
      done(null, undefined);
    } else if (isUtf8(body)) {
      void parse(request, body.toString('utf8'), done);
    } else {
      done(new MahiloError('INVALID_JSON', 'The body is not valid UTF-8.'));
    }
  });
}
