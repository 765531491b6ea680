import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import type { Document, Operation } from '../src/reference/complete.ts';
import { exampleOf } from '../src/reference/examples.ts';
import type { Schema } from '../src/reference/schema.ts';
import { type TestApp, testApp } from './test-app.ts';

let here: TestApp;
let document: Document & { tags: { name: string; description?: string }[] };
let operations: [route: string, operation: Operation][];

before(async () => {
  here = await testApp(() => ({}));
  document = JSON.parse((await here.app.inject('/openapi.json')).body);
  operations = Object.entries({ ...document.paths, ...document.webhooks }).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );
});
after(() => here[Symbol.asyncDispose]());

/**
 * The fields of a schema, at any depth, that `isWrong` reports. What an option says of a field that is described
 * already, in `known`, is only a rule for it.
 */
function fieldsOf(
  name: string,
  schema: Schema,
  isWrong: (field: Schema) => boolean,
  known: ReadonlySet<string> = new Set(),
): string[] {
  const { properties = {}, items, anyOf = [], oneOf = [], allOf = [], contentSchema } = schema;
  const own = Object.entries(properties).filter(([field]) => !known.has(field));
  const described = new Set([...known, ...Object.keys(properties)]);
  return [
    ...own.flatMap(([field, part]) => [
      ...(isWrong(part) ? [`${name}.${field}`] : []),
      ...fieldsOf(`${name}.${field}`, part, isWrong),
    ]),
    ...[...anyOf, ...oneOf, ...allOf].flatMap((part) => fieldsOf(name, part, isWrong, described)),
    ...(items ? [...(isWrong(items) ? [`${name}[]`] : []), ...fieldsOf(`${name}[]`, items, isWrong)] : []),
    ...(contentSchema ? fieldsOf(name, contentSchema, isWrong) : []),
  ];
}

test('every operation has an id of its own, a summary, a description, and a tag that is described', () => {
  const described = new Set(document.tags.filter((tag) => tag.description).map(({ name }) => name));
  const lacking = operations.filter(
    ([, { operationId, summary, description, tags = [] }]) =>
      !operationId ||
      !summary ||
      !description ||
      tags.length === 0 ||
      !tags.every((tag) => described.has(tag)),
  );
  assert.deepEqual(
    lacking.map(([route]) => route),
    [],
    'give the route an operationId (such as sendMessage), a summary and a tag',
  );
  const ids = operations.map(([, { operationId }]) => operationId);
  assert.deepEqual(ids, [...new Set(ids)]);
});

test('every body and every answer of more than one field has a name', () => {
  const schemas = operations.flatMap(([route, { requestBody, responses }]) => [
    ...Object.values(requestBody?.content ?? {}).map(({ schema }) => [`${route} body`, schema] as const),
    ...Object.entries(responses).flatMap(([status, { content = {} }]) =>
      Object.values(content).map(({ schema }) => [`${route} ${status}`, schema.items ?? schema] as const),
    ),
  ]);
  const nameless = schemas.filter(([, schema]) => schema.properties !== undefined);
  assert.deepEqual(
    nameless.map(([name]) => name),
    [],
    'give the schema a title: it is its name in the document',
  );
});

test('every field and every parameter has a description and an example', () => {
  const named = document.components.schemas ?? {};
  const lacksDescription = ({ $ref, description }: Schema) => $ref === undefined && description === undefined;
  const lacksExample = (schema: Schema) => exampleOf(schema, named) === undefined;
  const isLacking = (schema: Schema) => lacksDescription(schema) || lacksExample(schema);
  const lacking = [
    ...Object.entries(named).flatMap(([name, schema]) => [
      ...(schema.description === undefined ? [name] : []),
      ...fieldsOf(name, schema, isLacking),
    ]),
    ...operations.flatMap(([route, { parameters = [] }]) =>
      parameters
        .filter(
          ({ description, example, schema }) =>
            !description || (example ?? exampleOf(schema, named)) === undefined,
        )
        .map(({ name }) => `${route} ?${name}`),
    ),
  ];
  assert.deepEqual(lacking, [], 'give the field a description and examples: [one]');
});

/** A segment that is fixed goes before one that is a parameter, so each path is one operation’s (OpenAPI 3.1, 4.8.8.1). */
const TOLD_APART = /^no-ambiguous-paths: .*`\/api\/v1\/friends\/links\/\{id\}`/;

test('a linter finds nothing in the document', async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const source = JSON.stringify(document);
  const problems = await lintFromString({ source, absoluteRef: '/openapi.json', config });
  const found = problems.map(
    ({ ruleId, message, location }) => `${ruleId}: ${message} (${location[0]?.pointer})`,
  );
  assert.deepEqual(
    found.filter((problem) => !TOLD_APART.test(problem)),
    [],
  );
});
