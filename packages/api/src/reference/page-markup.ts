import { ERROR_MEANINGS } from '@mahilo/shared/error-meanings';
import { ERROR_STATUS, type ErrorCode } from '@mahilo/shared/errors';
import type { Document, Operation } from './complete.ts';
import { type Html, line, prose, text } from './markup.ts';
import { bodiesOf, operationMarkup } from './operation-markup.ts';
import { namedSchema } from './schema-markup.ts';

const ERRORS =
  'Almost every request can be answered with `INVALID_REQUEST`, `UNAUTHORIZED`, `INSUFFICIENT_SCOPE`, `RATE_LIMITED`, `QUOTA_EXCEEDED` or `UNAVAILABLE`, one with a body also with `INVALID_JSON`, `PAYLOAD_TOO_LARGE` or `UNSUPPORTED_MEDIA_TYPE`. Operations list the others that they have.';

/** A document, with what the page shows of it beside its operations. */
export interface ShownDocument extends Document {
  info: { title: string; version: string; description: string };
  tags: readonly { name: string; description?: string }[];
}

interface Shown {
  operation: Operation;
  method: string;
  path: string;
  canSend: boolean;
}

/** The reference as a page: every operation by its chapter, then all schemas and errors. Needs no script to be read. */
export function pageMarkup(document: ShownDocument): Html {
  const { info, tags, components } = document;
  const named = components.schemas ?? {};
  const all = [...shownOf(document.paths, true), ...shownOf(document.webhooks ?? {}, false)];
  const bodies = bodiesOf(all.map(({ operation }) => operation));
  const chapters = tags.map(({ name, description = '' }) => {
    const own = all.filter(({ operation }) => operation.tags?.[0] === name);
    const operations = own.map(({ operation, canSend, ...place }) =>
      operationMarkup(operation, place, { named, bodies }, canSend),
    );
    return `<section id="${anchor(name)}"><h2>${text(name)}</h2>${prose(description)}${operations.join('')}</section>`;
  });
  const links = [...tags.map(({ name }) => name), 'Schemas', 'Errors'].map(
    (name) => `<a href="#${anchor(name)}">${text(name)}</a>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(info.title)} API</title>
<link rel="stylesheet" href="/docs/reference.css">
<script src="/docs/reference.js" defer></script>
</head>
<body>
<header><h1>${text(info.title)} API</h1><p>Version ${text(info.version)}, also as <a href="/openapi.json">OpenAPI 3.1</a>.</p>
<form id="identity"><label>API key <input id="key" type="password" autocomplete="off" placeholder="mhl_…"></label> <small>For the examples. It stays in this page until you close it.</small></form>
<nav>${links.join(' ')}</nav></header>
<main>
<section>${prose(info.description)}</section>
${chapters.join('\n')}
<section id="${anchor('Schemas')}"><h2>Schemas</h2>${Object.entries(named)
    .filter(([name]) => !bodies.has(name))
    .map(([name, schema]) => namedSchema(name, schema))
    .join('')}</section>
<section id="${anchor('Errors')}"><h2>Errors</h2>${prose(ERRORS)}<dl>${errors()}</dl></section>
</main>
</body>
</html>
`;
}

function shownOf(paths: Document['paths'], canSend: boolean): Shown[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ operation, method, path, canSend })),
  );
}

function anchor(name: string): string {
  return `chapter-${text(name.replaceAll(' ', '-'))}`;
}

function errors(): Html {
  return Object.entries(ERROR_STATUS)
    .map(
      ([code, status]) =>
        `<div id="error-${code}"><dt><code>${code}</code> <small>${status}</small><dd>${line(
          ERROR_MEANINGS[code as ErrorCode],
        )}</div>`,
    )
    .join('');
}
