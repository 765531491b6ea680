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

type Links = Readonly<Record<string, string>>;

const htmlOf = (links: Links) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${NAME}</title>
<h1>${NAME} ${VERSION}</h1>
<ul>
${Object.entries(links)
  .map(([name, href]) => `<li><a href="${href}">${name}</a></li>`)
  .join('\n')}
</ul>
</html>
`;

/**
 * Says at `/` and at the root of the API what this is: as JSON, to a browser as a page. `more` are links beside those that
 * every registry has.
 */
export function registerIndexPage(app: App, apiRoot: string, more: Links): void {
  const links: Links = { ...more, ...LINKS };
  const html = htmlOf(links);
  const indexPage = ({ headers }: FastifyRequest, reply: FastifyReply) => {
    reply.header('vary', 'accept');
    if (!headers.accept?.includes('text/html')) return { name: NAME, version: VERSION, links };
    return reply.type('text/html; charset=utf-8').send(html);
  };
  for (const url of ['/', apiRoot]) {
    app.get(url, { config: { isStatic: true }, schema: { hide: true } }, indexPage);
  }
}
