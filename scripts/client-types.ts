import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { optionsOrExit } from '@mahilo/operator/command-line';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FILE = join(ROOT, 'packages/client/src/openapi.ts');
/** A process of its own: scripts do not import the API. */
const PRINT_DOCUMENT = 'packages/api/test/print-document.ts';
/** Likewise: it needs a TypeScript with an API for JavaScript, which only the client's folder has. */
const GENERATOR = 'packages/client/node_modules/openapi-typescript/bin/cli.js';
const MAX_OUTPUT_BYTES = 50_000_000;

const HELP = `Writes packages/client/src/openapi.ts: the types of the API's OpenAPI document, for @mahilo/client.

node scripts/bootstrap.mjs scripts/client-types.ts [option…]

  --check       Writes nothing; fails when the file is not up to date.
  --help        Shows this.`;

const HEADING = '// Made by scripts/client-types.ts: change the schemas of the API’s routes instead.\n';

type Json = string | number | boolean | null | undefined | Json[] | { [name: string]: Json };

function outputOf(programArguments: readonly string[], input = ''): string {
  const { status, stdout } = spawnSync(process.execPath, programArguments, {
    cwd: ROOT,
    input,
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT_BYTES,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${programArguments[0]} failed.`);
  return stdout;
}

/** What a client has types for: bodies, queries and answers that succeed. Errors all have one form. */
function forTypes(part: Json, name = ''): Json {
  if (Array.isArray(part)) return part.map((item) => forTypes(item));
  if (part === null || typeof part !== 'object') return part;
  const isNamedByUs = name === 'properties' || name === 'schemas';
  const entries = Object.entries(part)
    .filter(([key]) => isNamedByUs || !['example', 'examples', 'headers'].includes(key))
    .filter(([key]) => name !== 'responses' || key.startsWith('2'))
    .filter(([key, value]) => key !== 'anyOf' || part['properties'] === undefined || !isRule(value));
  return Object.fromEntries(entries.map(([key, value]) => [key, forTypes(value, isNamedByUs ? '' : key)]));
}

/** Options that only say which properties go together: types would lose the properties themselves. */
function isRule(options: Json): boolean {
  return (
    Array.isArray(options) &&
    options.every(
      (option) => typeof option === 'object' && option !== null && !('$ref' in option) && !('type' in option),
    )
  );
}

const { values } = optionsOrExit(HELP, { options: { check: { type: 'boolean', default: false } } });
const document = forTypes(JSON.parse(outputOf([PRINT_DOCUMENT])) as Json);
const generated = outputOf([GENERATOR, '--default-non-nullable=false'], JSON.stringify(document));
const types = `${HEADING}${generated.slice(generated.indexOf('\nexport '))}`;
if (!values.check) writeFileSync(FILE, types);
else if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== types) {
  console.error('Not up to date: packages/client/src/openapi.ts; run npm run fix');
  process.exitCode = 1;
}
