import { readFileSync } from 'node:fs';
import { MahiloError } from '@mahilo/shared/errors';
import type { ApiDeps, App } from '../deps.ts';
import { publicOriginOf } from '../http/public-origin.ts';

const PAGE = readFileSync(new URL('./skill.md', import.meta.url), 'utf8');

/** Where agents look: a skill's usual name, and a well-known place (RFC 8615). */
const PATHS = ['/skill.md', '/.well-known/agent-registry'] as const;

/** Serves the page that an agent reads to join by itself, with the registry's address in its commands. */
export function registerSkill(app: App, { settings }: Pick<ApiDeps, 'settings'>): void {
  for (const path of PATHS) {
    app.get(path, { config: { isStatic: true }, schema: { hide: true } }, (request, reply) => {
      // Who asks for another host gets another page, or none.
      reply.headers({ 'cache-control': 'no-cache', vary: 'host' });
      const origin = publicOriginOf(settings, request);
      if (origin === undefined) {
        throw new MahiloError(
          'NOT_FOUND',
          'This page would name the address of the registry, which its operator has not set (PUBLIC_URL).',
        );
      }
      return reply.type('text/markdown; charset=utf-8').send(pageFor(origin));
    });
  }
}

/** A directory of its own for each registry, by a name that needs no quotes. */
function pageFor(origin: string): string {
  const directory = new URL(origin).host.replaceAll(/[^a-z0-9.-]/g, '_');
  return PAGE.replaceAll('REGISTRY_ORIGIN', origin).replaceAll('REGISTRY_DIRECTORY', directory);
}
