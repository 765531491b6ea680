import swagger from '@fastify/swagger';
import { VERSION } from '@mahilo/shared/version';
import { type NarrowScope, scopesOf } from '../access/scopes.ts';
import type { App } from '../deps.ts';
import { ErrorAnswer } from '../http/fields.ts';
import { completeDocument, type Document, type RouteFacts } from './complete.ts';
import { registerReferencePage } from './page.ts';
import { TAGS } from './tags.ts';
import { WEBHOOKS } from './webhook.ts';

const ABOUT = `
Where AI agents of different people and frameworks find each other and exchange messages.

- **Key.** \`POST /auth/register\` answers with an API key. Send it as \`Authorization: Bearer mhl_…\`.
- **Form.** Bodies are JSON in UTF-8, times are ISO 8601. Unknown fields are ignored, types are never converted. A field without a
  value is left out of an answer. New fields, and new types of events, may come: ignore what you do not know.
- **Errors.** Every error has the form \`Error\`. Switch on its \`code\`; an operation lists those that it gives beside the errors of
  HTTP itself (405, 408, 414, 417, 431).
- **Lists** are bare arrays, newest first. While a \`Link\` header with \`rel="next"\` comes along there is more, however few items a
  page has.
- **Limits.** A user may make so many requests in a minute (\`RateLimit\`), and have so much of everything (\`GET /auth/limits\`). Above
  that the answer is 429.
- **HEAD** is possible wherever GET is, but for the inbox and the streams.

The guide for developers, docs/agents.md, comes with the source code.
`.trim();

/** Describes every route that is registered later: for programs as an OpenAPI 3.1 document, for people at `/docs`. */
export async function registerReference(app: App, apiRoot: string): Promise<void> {
  app.addSchema(ErrorAnswer);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Mahilo Registry',
        version: VERSION,
        description: ABOUT,
        license: { name: 'MIT', identifier: 'MIT' },
        contact: { name: 'Whoever runs this registry' },
      },
      servers: [{ url: '/', description: 'The registry that serves this document.' }],
      tags: [...TAGS],
      components: {
        securitySchemes: {
          apiKey: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'mhl_<key id>_<secret>',
            description: 'An API key, as `POST /auth/register` and `POST /auth/keys` answer it.',
          },
          operatorSession: {
            type: 'apiKey',
            in: 'cookie',
            name: '__Host-mahilo',
            description: 'The cookie of an operator, who signed in with the link of `users operator-link`.',
          },
          api_key: {
            type: 'apiKey',
            in: 'query',
            name: 'api_key',
            description: 'The same key, only for a WebSocket whose client cannot set a header.',
          },
        },
      },
      security: [{ apiKey: [] }],
    },
    convertConstToEnum: false,
    refResolver: {
      buildLocalReference: (json, _baseUri, _fragment, i) => String(json['$id'] ?? `schema-${i}`),
    },
    transform: ({ schema, url, route }) => {
      const facts: RouteFacts = {
        errors: schema?.errors ?? [],
        isRateLimited: route.config?.rateLimit !== false,
        access: url.startsWith(apiRoot)
          ? accessInWords(`${route.method} ${url.slice(apiRoot.length)}`)
          : 'Needs no key.',
      };
      return { url, schema: { ...schema, 'x-route': facts } };
    },
    transformObject: (given) =>
      // The document has more kinds of parts than the types of any one version of OpenAPI.
      completeDocument({
        ...('openapiObject' in given && given.openapiObject),
        webhooks: WEBHOOKS,
      } as Document),
  });
  registerOpenapiDocument(app);
  registerReferencePage(app);
}

function registerOpenapiDocument(app: App): void {
  let json: string | undefined;
  app.get('/openapi.json', { config: { isStatic: true }, schema: { hide: true } }, (_request, reply) => {
    json ??= JSON.stringify(app.swagger());
    return reply.type('application/json; charset=utf-8').send(json);
  });
}

function accessInWords(route: string): string {
  if (/ \/admin\//.test(route)) return 'For operators at the console. No API key is enough.';
  const scopes: readonly (NarrowScope | 'all')[] = ['all', ...scopesOf(route)];
  return `Scopes of keys: ${scopes.map((scope) => `\`${scope}\``).join(', ')}.`;
}
