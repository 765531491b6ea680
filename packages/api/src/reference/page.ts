import swaggerUi from '@fastify/swagger-ui';
import type { App } from '../deps.ts';

/**
 * What Swagger UI needs. Its own default also sends browsers to https, which a registry in a private network does not
 * have.
 */
const DOCS_CSP =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; frame-ancestors 'self'";

const DOCS = '/docs';

/** Serves the reference for people, at `/docs`. */
export async function registerReferencePage(app: App): Promise<void> {
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
