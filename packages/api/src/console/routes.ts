import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { Settings } from '@mahilo/shared/config/settings';
import type { App } from '../deps.ts';

/** Where `packages/console/build.ts` puts what it makes. */
const BUILT = join(import.meta.dirname, '../../../console/dist');

/**
 * The page loads its own files and calls this API: nothing else. No script but these runs, and no text of a stranger's ever
 * becomes markup (W3C Trusted Types).
 */
const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': CSP,
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
} as const;

/** Files with their hash in the name never change. */
const FOR_EVER = 'public, max-age=31536000, immutable';

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Mahilo</title>
<h1>The console is not built</h1>
<p>The API works without it. <code>npm start</code> builds it; so do <code>deploy/install.sh</code> and the images.</p>
</html>
`;

const options = { config: { isStatic: true }, schema: { hide: true } };

/**
 * Serves the console, for people at a browser, at `/console`, unless `CONSOLE` is false. `directory` has its files.
 * @returns whether it does.
 */
export async function registerConsole(
  app: App,
  { CONSOLE }: Pick<Settings, 'CONSOLE'>,
  directory = BUILT,
): Promise<boolean> {
  if (!CONSOLE) return false;
  const isBuilt = existsSync(join(directory, 'index.html'));
  if (isBuilt) {
    const files = { root: directory, serve: false, preCompressed: true, cacheControl: false };
    await app.register(fastifyStatic, files);
    app.get<{ Params: { name: string } }>('/console/assets/:name', options, (request, reply) => {
      reply.headers({ 'cache-control': FOR_EVER });
      return reply.sendFile(`assets/${request.params.name}`);
    });
  }
  // Which page it is, the program in the browser knows.
  for (const url of ['/console', '/console/', '/console/*']) {
    app.get(url, options, (_request, reply) => {
      reply.headers({ ...HEADERS, 'cache-control': 'no-cache' });
      if (!isBuilt) return reply.status(503).type('text/html; charset=utf-8').send(NOT_BUILT);
      return reply.sendFile('index.html');
    });
  }
  return isBuilt;
}
