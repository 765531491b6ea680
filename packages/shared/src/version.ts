import { readFileSync } from 'node:fs';

/** The product's version: one for all packages. */
export const VERSION: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version;

/** How the registry calls itself to agents. */
export const USER_AGENT = `Mahilo-Registry/${VERSION}`;
