import { isUtf8 } from 'node:buffer';
import { MahiloError } from '@mahilo/shared/errors';
import type { App } from '../deps.ts';
import { NOT_JSON } from './error-handler.ts';

/**
 * Parses JSON bodies. Unlike Fastify's own parser it takes an empty body where none is needed, whatever its content type
 * says (existing clients send one), and refuses bytes that are not UTF-8 rather than replacing them.
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
  app.addContentTypeParser('*', ({ headers }, _body, done) => {
    if (headers['content-length'] === '0') done(null, undefined);
    else done(new MahiloError('UNSUPPORTED_MEDIA_TYPE', NOT_JSON));
  });
  app.addHook('preValidation', async (request) => {
    if (request.body === undefined && request.routeOptions.schema?.body !== undefined) {
      throw new MahiloError('INVALID_JSON', 'The body is empty; it must be JSON.');
    }
  });
}
