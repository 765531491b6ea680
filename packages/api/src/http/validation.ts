import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
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

/** One that stops at the first mistake, and one that finds all. */
type Pair = readonly [brief: Ajv, thorough: Ajv];

/** Ajv remembers what it has compiled, by schema; a route's schema is a constant, which all APIs of a process share. */
const ofBodies = pair(SHARED);
const ofTexts = pair({ ...SHARED, coerceTypes: true });

function pair(options: Options): Pair {
  return [newAjv(options), newAjv({ ...options, allErrors: true })];
}

/**
 * Validates requests by their JSON schemas. Bodies are taken as they are; only what stands in a URL, and so can be
 * nothing but text, is turned into the type that its schema names.
 *
 * Validation stops at the first mistake; only then, and if there is little of it, all mistakes are looked for.
 * A schema is compiled when it is first needed: to compile all of them takes a good part of the start of an API.
 */
export const compileValidator: FastifySchemaCompiler<SchemaPart> = ({ schema, httpPart }) => {
  const isText = httpPart !== 'body';
  const [brief, thorough] = isText ? ofTexts : ofBodies;
  const numbers = isText ? numbersOf(schema) : [];
  let validate: ValidateFunction | undefined;
  return (data) => {
    const faults = numbers.length > 0 ? notNumbers(data, numbers) : [];
    if (faults.length > 0) return { error: faults };
    validate ??= brief.compile(schema);
    if (validate(data)) return true;
    if (isLarger(data, MAX_EXAMINED)) return { error: validate.errors ?? [] };
    const examine = thorough.compile(schema);
    return examine(data) ? true : { error: examine.errors ?? [] };
  };
};

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

/** Knows `maxBytes`: the longest UTF-8 form of a string, since JSON Schema's own `maxLength` counts characters. */
function newAjv(options: Options): Ajv {
  return new Ajv(options).addKeyword({
    keyword: 'maxBytes',
    type: 'string',
    schemaType: 'number',
    validate: (limit: number, text: string) => Buffer.byteLength(text) <= limit,
    error: { message: ({ schema }) => `must have at most ${String(schema)} bytes` },
  });
}
