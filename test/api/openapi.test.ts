import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { InProcessWorld } from '../world/in-process-world.ts';

const world = new InProcessWorld();

interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  security?: unknown[];
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: { $ref?: string } }> }>;
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the document holds
let document: any;
let operations: [route: string, operation: Operation][];

before(async () => {
  await world.startApi();
  document = await world.nobody.ok('GET', '//openapi.json');
  operations = Object.entries<Record<string, Operation>>(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );
});
after(() => world[Symbol.asyncDispose]());

const ROUTES = [
  'GET /health',
  'GET /ready',
  'POST /auth/register',
  'POST /auth/rotate-key',
  'GET /auth/me',
  'POST /agents',
  'GET /agents',
  'DELETE /agents/{id}',
  'POST /agents/{id}/ping',
  'POST /agents/{id}/recover',
  'POST /friends/request',
  'POST /friends/{id}/accept',
  'POST /friends/{id}/reject',
  'POST /friends/{id}/block',
  'DELETE /friends/{id}',
  'GET /friends',
  'GET /contacts/{username}/connections',
  'POST /groups',
  'GET /groups',
  'GET /groups/{id}',
  'DELETE /groups/{id}',
  'POST /groups/{id}/transfer',
  'POST /groups/{id}/join',
  'DELETE /groups/{id}/leave',
  'POST /groups/{id}/invite',
  'GET /groups/{id}/members',
  'PATCH /groups/{id}/members/{username}',
  'DELETE /groups/{id}/members/{username}',
  'POST /policies',
  'GET /policies',
  'PATCH /policies/{id}',
  'DELETE /policies/{id}',
  'GET /events',
  'GET /notifications/ws',
  'POST /messages/send',
  'GET /messages',
  'GET /messages/{id}',
  'GET /deliveries',
  'GET /deliveries/{id}/attempts',
  'POST /deliveries/{id}/resend',
  'GET /inbox',
  'POST /inbox/ack',
];
const IN_QUERY_TOO = [{ apiKey: [] }, { api_key: [] }];
const PUBLIC = [
  'GET /health',
  'GET /ready',
  'POST /api/v1/auth/register',
  'POST /api/v1/auth/sessions',
  'POST /api/v1/auth/browser-login/attempts',
  'GET /api/v1/auth/browser-login/attempts/{id}',
  'POST /api/v1/auth/browser-login/attempts/{id}/redeem',
];

test('the document is valid OpenAPI 3.1', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document));
  assert.ok(valid, JSON.stringify(errors));
  assert.equal(validator.version, '3.1');
  assert.match(document.info.version, /^\d+\.\d+\.\d+$/);
});

test('every route is described, with a summary and a tag', () => {
  const described = new Set(operations.map(([route]) => route.replace('/api/v1', '')));
  for (const route of ROUTES) assert.ok(described.has(route), route);
  const tags = new Set(document.tags.map(({ name }: { name: string }) => name));
  for (const [route, operation] of operations) {
    assert.ok(operation.summary, route);
    assert.ok(
      operation.tags.every((tag) => tags.has(tag)),
      route,
    );
  }
});

test('every route but the public ones wants the API key', () => {
  assert.deepEqual(document.security, [{ apiKey: [] }]);
  assert.equal(document.components.securitySchemes.apiKey.scheme, 'bearer');
  for (const [route, { security }] of operations) {
    const expected = PUBLIC.includes(route) ? [] : route.endsWith('/ws') ? IN_QUERY_TOO : undefined;
    const ofOperators = route.includes('/admin/') ? [{ operatorSession: [] }] : undefined;
    assert.deepEqual(security, ofOperators ?? expected, route);
  }
});

test('every route under /api/v1 tells the form of its errors', () => {
  assert.deepEqual(document.components.schemas.Error.required, ['error', 'code', 'request_id']);
  for (const [route, { responses }] of operations.filter(([name]) => name.includes('/api/v1/'))) {
    for (const status of ['4XX', '5XX']) {
      assert.equal(
        responses[status]?.content?.['application/json']?.schema.$ref,
        '#/components/schemas/Error',
        route,
      );
    }
  }
});

test('what stands in a path is required, and nothing in a query or header is', () => {
  for (const [route, { parameters = [] }] of operations) {
    for (const { name, in: place, required } of parameters) {
      assert.equal(required ?? false, place === 'path', `${route} ${name}`);
    }
  }
});

/** Texts whose size the code bounds, with a specific error. */
const BOUNDED_BY_ITS_CHECK = new Set(['username', 'callback_url', 'message', 'since', 'policy_content']);

interface Schema {
  $ref?: string;
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  [keyword: string]: unknown;
}

/** Where a schema lets something of any size through. */
function boundless(name: string, schema: Schema): string[] {
  if (schema.$ref !== undefined) {
    return boundless(name, document.components.schemas[schema.$ref.slice('#/components/schemas/'.length)]);
  }
  const has = (...keywords: string[]) => keywords.some((keyword) => schema[keyword] !== undefined);
  const inner = [
    ...(schema.anyOf ?? []).flatMap((option) => boundless(name, option)),
    ...Object.entries(schema.properties ?? {}).flatMap(([field, value]) => boundless(field, value)),
    ...(schema.items ? boundless(`${name}[]`, schema.items) : []),
  ];
  if (schema.type === 'string' && !has('maxLength', 'maxBytes', 'enum') && !BOUNDED_BY_ITS_CHECK.has(name))
    inner.push(name);
  if (schema.type === 'array' && !has('maxItems')) inner.push(name);
  if (/^(integer|number)$/.test(schema.type ?? '') && !has('maximum')) inner.push(name);
  return inner;
}

test('whatever a request may carry has a size: fields, lists, numbers, queries', () => {
  const sized = operations.flatMap(([route, { parameters = [], requestBody }]) => [
    // A path and a header are as long as Node takes headers: 16 KiB together.
    ...parameters
      .filter((parameter) => parameter.in === 'query')
      .flatMap(({ name, schema }) => boundless(name, schema).map((found) => `${route} ?${found}`)),
    ...boundless('body', requestBody?.content['application/json']?.schema ?? {}).map(
      (found) => `${route} ${found}`,
    ),
  ]);
  assert.deepEqual(sized, []);
});

test('the reference is served at /docs: small, for a phone, too, and with nothing but its own style and script', async () => {
  const page = await fetch(`${world.url}/docs`);
  assert.equal(page.status, 200);
  const html = await page.text();
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /^default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'/);
  assert.doesNotMatch(policy, /unsafe|upgrade-insecure-requests/);
  assert.doesNotMatch(
    html,
    /<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=/,
    'nothing that the policy refuses',
  );
  assert.match(html, /<meta name="viewport" content="width=device-width/);
  const loaded = [...html.matchAll(/<(?:script|link)[^>]*(?:src|href)="([^"]+)"/g)].map(
    ([, url = '']) => url,
  );
  assert.deepEqual(loaded.sort(), ['/docs/reference.css', '/docs/reference.js']);
  let bytes = Buffer.byteLength(html);
  for (const url of loaded) {
    const asset = await fetch(new URL(url, world.url));
    assert.equal(asset.status, 200, url);
    bytes += Buffer.byteLength(await asset.text());
  }
  assert.ok(bytes < 400_000, `${bytes} bytes`);
});

test('every operation, schema and error has a place in the reference, and no link leads nowhere', async () => {
  const html = await (await fetch(`${world.url}/docs`)).text();
  const places = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const expected = [
    ...operations.map(([, { operationId }]) => operationId),
    ...Object.keys(document.components.schemas).map((name) => `schema-${name}`),
    'receiveMessage',
  ];
  assert.deepEqual(
    expected.filter((id) => !places.has(id)),
    [],
  );
  const links = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  assert.deepEqual(
    links.filter((id) => !places.has(id)),
    [],
  );
});
