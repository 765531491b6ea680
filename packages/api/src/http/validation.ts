import { Ajv, type Options } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';

const SHARED: Options = {
  // Every mistake is named, not just the first.
  allErrors: true,
  useDefaults: true,
  removeAdditional: false,
  strictSchema: false,
  allowUnionTypes: true,
  formats: {
    // A lone surrogate has no UTF-8 form: stored, it would come back as another text.
    'well-formed': (text: string) => text.isWellFormed(),
  },
};

/**
 * Validates requests by their JSON schemas. Bodies are taken as they are; only what stands in a URL, and so can be
 * nothing but text, is turned into the type that its schema names.
 */
export function validatorCompiler(): FastifySchemaCompiler<object> {
  const strict = withMaxBytes(new Ajv({ ...SHARED, coerceTypes: false }));
  const fromText = withMaxBytes(new Ajv({ ...SHARED, coerceTypes: true }));
  return ({ schema, httpPart }) => (httpPart === 'body' ? strict : fromText).compile(schema);
}

/** `maxBytes`: longest UTF-8 form of a string; JSON Schema's own `maxLength` counts characters. */
function withMaxBytes(ajv: Ajv): Ajv {
  return ajv.addKeyword({
    keyword: 'maxBytes',
    type: 'string',
    schemaType: 'number',
    validate: (limit: number, text: string) => Buffer.byteLength(text) <= limit,
    error: { message: ({ schema }) => `must have at most ${String(schema)} bytes` },
  });
}
