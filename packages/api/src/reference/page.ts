import { readFileSync } from 'node:fs';
import type { App } from '../deps.ts';
import { pageMarkup, type ShownDocument } from './page-markup.ts';

/** The page loads its own style and script, and calls this API: nothing else. */
const CSP = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const ASSETS = {
  'reference.css': 'text/css; charset=utf-8',
  'reference.js': 'text/javascript; charset=utf-8',
} as const;

const options = { config: { isStatic: true }, schema: { hide: true } };

/** Serves the reference for people, at `/docs`. */
export function registerReferencePage(app: App): void {
  let html: string | undefined;
  for (const url of ['/docs', '/docs/']) {
    app.get(url, options, (_request, reply) => {
      html ??= pageMarkup(app.swagger() as unknown as ShownDocument);
      return reply.header('content-security-policy', CSP).type('text/html; charset=utf-8').send(html);
    });
  }
  for (const [name, type] of Object.entries(ASSETS)) {
    const content = readFileSync(new URL(name, import.meta.url), 'utf8');
    app.get(`/docs/${name}`, options, (_request, reply) => reply.type(type).send(content));
  }
}
