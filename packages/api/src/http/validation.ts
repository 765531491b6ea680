import { Ajv, type ErrorObject, type Options } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';

interface SchemaPart {
  properties?: Readonly<Record<string, { type?: unknown }>>;
}

/** A mistake as Ajv reports it. */
type Fault = Pick<ErrorObject, 'keyword' | 'instancePath' | 'schemaPath' | 'params' | 'message'>;

const SHARED: Options = {
  useDefaults: true,
  removeAdditional: false,
  strictSchema: false,
  allowUnionTypes: true,
  formats: {
    // A lone surrogate has no UTF-8 form: it would be stored and come back as another text.
    'well-formed': (text: string) => text.isWellFormed(),
  },
};

/**
 * Most values in a body that is searched for every mistake. A larger body gets only its first: finding all would cost
 * too much.
 */
const MAX_EXAMINED = 500;

/** A whole number as people write one; JavaScript would also accept `0x10`, `1e309` and a blank. */
const WHOLE_NUMBER = /^-?\d{1,15}$/;

/**
 * Validates requests by their JSON schemas. Bodies are taken as they are; only what stands in a URL, and so can be
 * nothing but text, is turned into the type that its schema names.
 *
 * Validation stops at the first mistake; only then, and if there is little of it, all mistakes are looked for.
 */
export function validatorCompiler(): FastifySchemaCompiler<SchemaPart> {
  const body = [new Ajv({ ...SHARED }), new Ajv({ ...SHARED, allErrors: true })] as const;
  const text = [
    new Ajv({ ...SHARED, coerceTypes: true }),
    new Ajv({ ...SHARED, coerceTypes: true, allErrors: true }),
  ] as const;
  for (const ajv of [...body, ...text]) addMaxBytes(ajv);
  return ({ schema, httpPart }) => {
    const isText = httpPart !== 'body';
    const [brief, thorough] = isText ? text : body;
    const validate = brief.compile(schema);
    const numbers = isText ? numbersOf(schema) : [];
    return (data) => {
      const faults = notNumbers(data, numbers);
      if (faults.length > 0) return { error: faults };
      if (validate(data)) return true;
      if (isLarger(data, MAX_EXAMINED)) return { error: validate.errors ?? [] };
      // Compiled once: Ajv remembers schemas.
      const examine = thorough.compile(schema);
      return examine(data) ? true : { error: examine.errors ?? [] };
    };
  };
}

/** The names of whole numbers in a query. */
function numbersOf({ properties = {} }: SchemaPart): string[] {
  return Object.entries(properties)
    .filter(([, { type }]) => type === 'integer')
    .map(([name]) => name);
}

function notNumbers(data: unknown, names: readonly string[]): Fault[] {
  const given = data as Readonly<Record<string, unknown>>;
  return names
    .filter((name) => typeof given[name] === 'string' && !WHOLE_NUMBER.test(given[name]))
    .map((name) => ({
      keyword: 'type',
      instancePath: `/${name}`,
      schemaPath: '',
      params: { type: 'integer' },
      message: 'must be a whole number',
    }));
}

/** Whether the data has more values than `limit`. Reads no more than that. */
function isLarger(data: unknown, limit: number): boolean {
  const rest = [data];
  for (let seen = 0; rest.length > 0; seen += 1) {
    if (seen + rest.length > limit) return true;
    const value = rest.pop();
    if (typeof value === 'object' && value !== null) rest.push(...Object.values(value));
  }
  return false;
}

/** `maxBytes`: longest UTF-8 form of a string, since JSON Schema's own `maxLength` counts characters. */
function addMaxBytes(ajv: Ajv): void {
  ajv.addKeyword({
    keyword: 'maxBytes',
    type: 'string',
    schemaType: 'number',
    validate: (limit: number, text: string) => Buffer.byteLength(text) <= limit,
    error: { message: ({ schema }) => `must have at most ${String(schema)} bytes` },
  });
}
