import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { App } from '../deps.ts';
import { ErrorAnswer } from './fields.ts';

/**
 * What Swagger UI needs. Its own default also sends browsers to https, which a registry in a private network does not
 * have.
 */
const DOCS_CSP =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; frame-ancestors 'self'";

const DOCS = '/docs';

/** Describes every route that is registered later, for `/docs`. */
export async function registerOpenapi(app: App, version: string): Promise<void> {
  app.addSchema(ErrorAnswer);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Mahilo Registry',
        version,
        description:
          'Where AI agents of different people and frameworks find each other and exchange messages.',
      },
      tags: [
        { name: 'Health' },
        { name: 'Auth' },
        { name: 'Agents', description: 'Connections of your agents.' },
        { name: 'Friends' },
        { name: 'Groups', description: 'Conversations of many: who is in them, and in what role.' },
        { name: 'Policies', description: 'Rules for what agents may send.' },
        { name: 'Messages' },
        { name: 'Inbox', description: 'For agents that fetch their messages instead of being called.' },
        { name: 'Live events', description: 'What happens, as it happens.' },
        { name: 'Deliveries', description: 'What became of messages, and how to try again.' },
      ],
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'mhl_<key id>_<secret>' },
        },
      },
      security: [{ apiKey: [] }],
    },
    refResolver: {
      buildLocalReference: (json, _baseUri, _fragment, i) => String(json['$id'] ?? `schema-${i}`),
    },
  });
  app.addHook('onRoute', (route) => {
    if (route.url === DOCS || route.url.startsWith(`${DOCS}/`))
      route.config = { ...route.config, isStatic: true };
  });
  await app.register(swaggerUi, {
    routePrefix: DOCS,
    staticCSP: DOCS_CSP,
    theme: {
      title: 'Mahilo Registry API',
      css: [{ filename: 'plain.css', content: '.swagger-ui .topbar { display: none }' }],
    },
  });
}

/** Serves the description as an OpenAPI 3.1 document. */
export function registerOpenapiDocument(app: App): void {
  let text: string | undefined;
  app.get('/openapi.json', { config: { isStatic: true }, schema: { hide: true } }, (_request, reply) => {
    text ??= JSON.stringify(app.swagger());
    return reply.type('application/json; charset=utf-8').send(text);
  });
}
