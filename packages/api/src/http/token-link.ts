import type { Settings } from '@mahilo/shared/config/settings';
import type { FastifyRequest } from 'fastify';
import { publicOriginOf } from './public-origin.ts';
import { Type } from './type.ts';

export const LINK_TOKEN = {
  description: 'What makes the link one. Whoever has it can use it.',
  examples: ['wJ3bQk0n5uY7pXc2LrVt9sZ1aEdGhKm4oBfNiUqTxRM'],
};

/** What is shown once of a link that a page of the console uses. */
export function tokenLinkFields(page: string) {
  return {
    token: Type.String(LINK_TOKEN),
    link: Type.Optional(
      Type.String({
        description: 'The page of the console that uses it, where the registry knows its own address.',
        examples: [`https://registry.example${page}#${LINK_TOKEN.examples[0]}`],
      }),
    ),
  };
}

/** The same of one link. What comes after `#` stays in the browser. */
export function tokenLink(
  settings: Settings,
  request: FastifyRequest,
  page: string,
  token: string,
): { token: string; link?: string } {
  const origin = settings.CONSOLE ? publicOriginOf(settings, request) : undefined;
  return { token, ...(origin !== undefined && { link: `${origin}${page}#${token}` }) };
}
