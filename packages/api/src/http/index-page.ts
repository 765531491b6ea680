import { VERSION } from '@mahilo/shared/version';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../deps.ts';

const NAME = 'Mahilo Registry';
const LINKS = {
  api: '/api/v1',
  docs: '/docs',
  openapi: '/openapi.json',
  skill: '/skill.md',
  health: '/health',
} as const;

const HTML = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${NAME}</title>
<h1>${NAME} ${VERSION}</h1>
<ul>
${Object.entries(LINKS)
  .map(([name, href]) => `<li><a href="${href}">${name}</a></li>`)
  .join('\n')}
</ul>
</html>
`;

/** Says at `/` and at the root of the API what this is: as JSON, to a browser as a page. */
export function registerIndexPage(app: App, apiRoot: string): void {
  for (const url of ['/', apiRoot]) {
    app.get(url, { config: { isStatic: true }, schema: { hide: true } }, indexPage);
  }
}

function indexPage({ headers }: FastifyRequest, reply: FastifyReply) {
  reply.header('vary', 'accept');
  if (!headers.accept?.includes('text/html')) return { name: NAME, version: VERSION, links: LINKS };
  return reply.type('text/html; charset=utf-8').send(HTML);
}
