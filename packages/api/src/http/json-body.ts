import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { invalidField, MahiloError } from '@mahilo/shared/errors';
import type { FastifyBodyParser } from 'fastify';
import type { App } from '../deps.ts';
import { NOT_JSON } from './error-handler.ts';
import { assertShape } from './json-shape.ts';
import { nulInBody } from './nul.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body has objects of somebody else, of which no member may be lost. */
    carriesObjects?: boolean;
  }
}

const JSON_TYPE = /^\s*application\/json\s*(;|$)/i;

/**
 * Parses JSON bodies. Unlike Fastify's own parser it accepts an empty body where none is needed, whatever its content
 * type (existing clients send one), and refuses bytes that are not UTF-8 rather than replacing them.
 */
export function registerJsonBody(app: App): void {
  const parse = app.getDefaultJsonParser('remove', 'remove');
  const parseWhole = wholeParser(parse, app.getDefaultJsonParser('error', 'error'));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (body.length === 0) {
      done(null, undefined);
      return;
    }
    try {
      assertShape(body);
      if (!isUtf8(body)) throw new MahiloError('INVALID_JSON', 'The body is not valid UTF-8.');
      const text = body.toString('utf8');
      const parser = request.routeOptions.config.carriesObjects ? parseWhole : parse;
      void parser(request, text, (error, value) => done(error ?? nulInBody(text, value) ?? null, value));
    } catch (error) {
      done(error as Error);
    }
  });
  app.addHook('preParsing', ({ raw }, _reply, _payload, done) => {
    // Fastify refuses what is no media type (an empty one, say), also for an empty body; as none it is judged below.
    if (!JSON_TYPE.test(raw.headers['content-type'] ?? '')) delete raw.headers['content-type'];
    done();
  });
  app.addContentTypeParser('*', ({ headers }, body, done) => {
    const refusal = new MahiloError('UNSUPPORTED_MEDIA_TYPE', NOT_JSON);
    if (Number(headers['content-length'] ?? 0) > 0) {
      // It need not arrive for that.
      done(refusal);
      return;
    }
    isEmpty(body).then((empty) => {
      if (empty) done(null, undefined);
      else done(refusal);
    }, done);
  });
  // No promise: every request passes it.
  app.addHook('preValidation', (request, _reply, done) => {
    const isMissing = request.body === undefined && request.routeOptions.schema?.body !== undefined;
    done(isMissing ? new MahiloError('INVALID_JSON', 'The body is empty; it must be JSON.') : undefined);
  });
}

type JsonParser = FastifyBodyParser<string>;

/** Refuses what the lenient parser would leave out, since code that copies it could change the prototype of an object. */
function wholeParser(lenient: JsonParser, strict: JsonParser): JsonParser {
  return (request, text, done) =>
    void strict(request, text, (error, value) => {
      if (error === null) return done(null, value);
      const refusal = invalidField('body', 'must have no member __proto__, and no constructor.prototype');
      return lenient(request, text, (worse) => done(worse ?? refusal));
    });
}

/**
 * An empty body needs no content type. Proxies that speak HTTP/2 to their clients may send one in chunks, without a
 * length.
 */
async function isEmpty(body: IncomingMessage): Promise<boolean> {
  // Destroying it would end the connection before the answer.
  for await (const _chunk of body.iterator({ destroyOnReturn: false })) return false;
  return true;
}
