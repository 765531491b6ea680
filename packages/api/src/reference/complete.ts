import { STATUS_CODES } from 'node:http';
import { ERROR_STATUS, type ErrorCode } from '@mahilo/shared/errors';
import { codesOf, commonErrors, ERROR, ErrorResponses, errorWith, type Kind } from './error-responses.ts';
import { smallestExample } from './examples.ts';
import { NamedSchemas } from './named-schemas.ts';
import { headersOf, RESPONSE_HEADERS } from './response-headers.ts';
import { mapValues, type Schema } from './schema.ts';

/** A parameter of an operation. */
export interface Parameter {
  name: string;
  in: string;
  description?: string;
  required?: boolean;
  example?: unknown;
  schema: Schema;
}

type Content = Readonly<Record<string, { schema: Schema; example?: unknown }>>;

interface Response {
  description: string;
  content?: Content;
}

export interface Operation {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: readonly string[];
  security?: readonly Readonly<Record<string, readonly string[]>>[];
  parameters?: readonly Parameter[];
  requestBody?: { content: Content };
  responses: Readonly<Record<string, Response>>;
  /** What the route says for this file. */
  'x-route'?: RouteFacts;
}

/** What the document needs to know of a route beside its schemas. */
export interface RouteFacts {
  errors: readonly ErrorCode[];
  isRateLimited: boolean;
  /** Who may call it, in a sentence. */
  access: string;
}

type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** The parts of an OpenAPI document that are completed here. */
export interface Document {
  paths: Paths;
  webhooks?: Paths;
  components: { schemas?: Readonly<Record<string, Schema>>; [kind: string]: unknown };
}

/**
 * Completes the document that was made of the routes: names for schemas, the error codes and the headers of each
 * operation, an example of each body.
 */
export function completeDocument(document: Document): Document {
  const schemas = new NamedSchemas();
  const errors = new ErrorResponses();
  for (const [name, schema] of Object.entries(document.components.schemas ?? {}))
    schemas.documented({ ...schema, title: name });
  const complete = (paths: Paths) =>
    mapValues(paths, (methods) =>
      mapValues(methods, (operation, method) => completeOperation(operation, method, schemas, errors)),
    );
  const paths = complete(document.paths);
  const webhooks = complete(document.webhooks ?? {});
  return {
    ...document,
    paths: mapValues(paths, (methods) => mapValues(methods, (operation) => withExample(operation, schemas))),
    webhooks,
    components: {
      ...document.components,
      schemas: sorted(schemas.components),
      responses: sorted(errors.components),
      headers: RESPONSE_HEADERS,
    },
  };
}

function completeOperation(
  { 'x-route': facts, ...operation }: Operation,
  method: string,
  schemas: NamedSchemas,
  errors: ErrorResponses,
): Operation {
  const { parameters, requestBody, security, responses } = operation;
  const described = {
    ...operation,
    ...(parameters && {
      parameters: parameters.map((given) => ({ ...given, schema: schemas.inline(given.schema) })),
    }),
    ...(requestBody && {
      requestBody: { ...requestBody, content: documentedContent(requestBody.content, schemas) },
    }),
    responses: mapValues(responses, ({ content, ...response }) => ({
      ...response,
      ...(content && { content: documentedContent(content, schemas) }),
    })),
  };
  if (facts === undefined) return described;
  const kind = { method, isSecured: security?.length !== 0, isRateLimited: facts.isRateLimited };
  return {
    ...described,
    description: [operation.description, facts.access].filter(Boolean).join('\n\n'),
    responses: allResponses(described, facts, kind, errors),
  };
}

function documentedContent(content: Content, schemas: NamedSchemas): Content {
  return mapValues(content, (media) => ({ ...media, schema: schemas.documented(media.schema) }));
}

/** A route's own answers with their headers, and all errors that it can answer. */
function allResponses(operation: Operation, facts: RouteFacts, kind: Kind, errors: ErrorResponses) {
  const { parameters = [], responses } = operation;
  const { isRateLimited } = kind;
  const own = Object.entries(responses).filter(([status]) => !status.endsWith('XX'));
  const answersErrors = own.length < Object.keys(responses).length;
  const codes = answersErrors ? [...facts.errors, ...commonErrors(kind)] : [];
  const takes = (parameter: string) => parameters.some(({ name }) => name === parameter);
  const headers = headersOf(isRateLimited, [
    ...(takes('cursor') ? (['Link'] as const) : []),
    ...(takes('prefer') ? (['Preference-Applied'] as const) : []),
  ]);
  const described = own.map(([status, { description, content, ...response }]) => {
    const schema = content === undefined ? undefined : withCodes(content, codesOf(status, codes));
    const told = description === 'Default Response' ? STATUS_CODES[status] : description;
    return [status, { ...response, description: told, headers, ...(schema && { content: schema }) }];
  });
  const others = codes.filter((code) => responses[ERROR_STATUS[code]] === undefined);
  return { ...(answersErrors && errors.of(others, isRateLimited)), ...Object.fromEntries(described) };
}

/** Where an answer is something of the route's own or an error, the error has the codes of its status. */
function withCodes(content: Content, codes: readonly ErrorCode[]): Content {
  return mapValues(content, (media) => {
    const { anyOf } = media.schema;
    if (anyOf === undefined) return media;
    const options = anyOf.map((option) => (option.$ref === ERROR.$ref ? errorWith(codes) : option));
    return { ...media, schema: { ...media.schema, anyOf: options } };
  });
}

/** An example of the body that can be sent: the route's own, else what it requires. */
function withExample(operation: Operation, { components }: NamedSchemas): Operation {
  const { requestBody } = operation;
  if (requestBody === undefined) return operation;
  const content = mapValues(requestBody.content, (media) => ({
    example: smallestExample(media.schema, components),
    ...media,
  }));
  return { ...operation, requestBody: { ...requestBody, content } };
}

function sorted<Value>(values: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}
