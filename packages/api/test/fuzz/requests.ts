import fc from 'fast-check';
import type { Document, Operation } from '../../src/reference/complete.ts';
import { type KnownValue, Values } from './values.ts';

/** A request as it is sent. */
export interface FuzzRequest {
  operation: string;
  method: string;
  template: string;
  path: string;
  query: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
  /** The body before it becomes JSON; undefined: none. */
  body: unknown;
  /** What is sent instead of the JSON of `body`. */
  raw?: string;
  /** Which user asks; -1: nobody. */
  user: number;
  /** The deliberate mistake. */
  mutation: string | undefined;
}

/** A stream does not end, and a WebSocket needs a socket. */
const WITHOUT_END = new Set(['streamEvents', 'openEventSocket']);

/** Waiting has nothing to do with the form of a request, and would take too long. */
const SHORT: Readonly<Record<string, readonly string[]>> = {
  wait: ['0'],
  prefer: ['wait=0', 'respond-async', 'x'],
};

const HOSTILE = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    'x'.repeat(5000),
    'é'.repeat(5000),
    '__proto__',
    'constructor',
    "'; drop table users; --",
    '../../etc/passwd',
    [],
    {},
    [[[[[[]]]]]],
    { toString: 'x', __proto__: null },
  ),
  fc.jsonValue(),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

const HOSTILE_TEXT = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '-1',
    '1e309',
    'Infinity',
    '0x10',
    '5.0',
    ' 5',
    'NaN',
    'true',
    '%00',
    '%',
    'é',
    '😀',
    '\t',
  ),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom('x'.repeat(300), 'x'.repeat(5000)),
);

const RAW = fc.constantFrom(
  '',
  '{',
  'null',
  '[]',
  '"x"',
  '1',
  '{"a":}',
  `{"a":"\\u0000"}`,
  '[[[[[[[[',
  '{}{}',
);

/** Requests to every operation of the document: allowed ones, and ones with one mistake. */
export function requestsOf(document: Document, known: KnownValue, users: number): fc.Arbitrary<FuzzRequest> {
  const values = new Values(document.components.schemas ?? {}, known);
  const operations = Object.entries(document.paths).flatMap(([template, methods]) =>
    Object.entries(methods)
      .filter(([, { operationId = '' }]) => !WITHOUT_END.has(operationId))
      .map(([method, operation]) => allowed(values, template, method, operation, users)),
  );
  return fc
    .oneof(...operations)
    .chain((request) =>
      fc.oneof({ weight: 3, arbitrary: fc.constant(request) }, { weight: 2, arbitrary: mutated(request) }),
    );
}

function allowed(
  values: Values,
  template: string,
  method: string,
  operation: Operation,
  users: number,
): fc.Arbitrary<FuzzRequest> {
  const parameters = (place: string) => {
    const own = (operation.parameters ?? []).filter((parameter) => parameter.in === place);
    const fields = own.map(({ name, schema }) => {
      const short = SHORT[name];
      const field = name === 'id' ? template : name;
      return [name, short ? fc.constantFrom(...short) : values.of(schema, field).map(String)] as const;
    });
    return fc.record(Object.fromEntries(fields), {
      requiredKeys: place === 'path' ? fields.map(([name]) => name) : [],
    });
  };
  const schema = operation.requestBody?.content['application/json']?.schema;
  const parts = {
    inPath: parameters('path'),
    query: parameters('query'),
    // A header is what HTTP allows in one.
    headers: parameters('header').map((headers) =>
      Object.fromEntries(Object.entries(headers).filter(([, text]) => /^[!-~]([ -~]*[!-~])?$/.test(text))),
    ),
    body: schema === undefined ? fc.constant(undefined) : values.of(schema),
    user: fc.oneof({ weight: 20, arbitrary: fc.nat(users - 1) }, { weight: 1, arbitrary: fc.constant(-1) }),
  };
  return fc
    .record(parts)
    .filter(({ inPath }) => Object.values(inPath).every((text) => text !== '' && text.isWellFormed()))
    .map(({ inPath, ...request }) => ({
      ...request,
      operation: operation.operationId ?? template,
      method: method.toUpperCase(),
      template,
      path: template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(inPath[name] ?? '')),
      mutation: undefined,
    }));
}

/** The same request with one mistake or oddity. */
function mutated(request: FuzzRequest): fc.Arbitrary<FuzzRequest> {
  const { body, query } = request;
  const fields = typeof body === 'object' && body !== null ? Object.keys(body) : [];
  const mutations: fc.Arbitrary<FuzzRequest>[] = [
    fc
      .tuple(fc.constantFrom('limit', 'cursor', 'since', 'status', 'x', ...Object.keys(query)), HOSTILE_TEXT)
      .map(([name, text]) => ({ ...request, query: { ...query, [name]: text }, mutation: `query ${name}` })),
    fc.constantFrom('%00', '%ff', 'x'.repeat(2000), '..%2f..', '%F0%9F%98%80', 'msg_0').map((segment) => ({
      ...request,
      path: request.path.replace(/[^/]+$/, segment),
      mutation: 'path',
    })),
    fc.constantFrom('PUT', 'DELETE', 'PATCH', 'POST', 'OPTIONS').map((method) => ({
      ...request,
      method,
      mutation: 'method',
    })),
  ];
  if (body !== undefined) {
    mutations.push(
      HOSTILE.map((whole) => ({ ...request, body: whole, mutation: 'body' })),
      RAW.map((raw) => ({ ...request, raw, mutation: 'raw body' })),
    );
  }
  if (fields.length > 0) {
    mutations.push(
      fc.tuple(fc.constantFrom(...fields), HOSTILE).map(([name, value]) => ({
        ...request,
        body: { ...(body as object), [name]: value },
        mutation: `body ${name}`,
      })),
      fc.constantFrom(...fields).map((name) => ({
        ...request,
        body: Object.fromEntries(Object.entries(body as object).filter(([field]) => field !== name)),
        mutation: `body without ${name}`,
      })),
    );
  }
  return fc.oneof(...mutations);
}
