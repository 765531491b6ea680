import type { Operation, Parameter } from './complete.ts';
import { exampleOf } from './examples.ts';
import { type Html, line, prose, text } from './markup.ts';
import type { Schema } from './schema.ts';
import { field, fields, typeOf } from './schema-markup.ts';

type Named = Readonly<Record<string, Schema>>;

/** What an operation is shown with. */
export interface Around {
  /** All schemas that have a name. */
  named: Named;
  /** The names of those that stand at their operation, and nowhere else. */
  bodies: ReadonlySet<string>;
}

interface Place {
  method: string;
  path: string;
}

/** An operation, with a form that sends it, unless the registry is the one that sends it. */
export function operationMarkup(operation: Operation, place: Place, around: Around, canSend: boolean): Html {
  const { operationId = '', summary = '', description = '', parameters = [], requestBody } = operation;
  const body = Object.values(requestBody?.content ?? {})[0];
  return `<details id="${text(operationId)}" class="operation"><summary><b class="${place.method}">${place.method.toUpperCase()}</b> <code>${text(
    place.path,
  )}</code> <span>${line(summary)}</span></summary>${prose(description)}${parametersMarkup(parameters)}${
    body === undefined ? '' : bodyMarkup(body.schema, around)
  }${canSend ? form(place, parameters, body, around.named) : ''}<h4>Answers</h4><dl>${answers(operation)}</dl></details>`;
}

function parametersMarkup(parameters: readonly Parameter[]): Html {
  if (parameters.length === 0) return '';
  const rows = parameters.map(({ name, in: place, schema, description = '', required = false }) =>
    field(name, schema, required, `${description} (${place})`),
  );
  return `<h4>Parameters</h4><dl>${rows.join('')}</dl>`;
}

function bodyMarkup(schema: Schema, { named, bodies }: Around): Html {
  const name = nameOf(schema) ?? '';
  const whole = named[name] ?? schema;
  const head = bodies.has(name)
    ? `<h4 id="schema-${text(name)}">Body: ${text(name)}</h4>`
    : `<h4>Body: ${typeOf(schema)}</h4>`;
  return `${head}${line(whole.description ?? '')}${fields(whole)}`;
}

/** The names of the bodies that one operation alone has. */
export function bodiesOf(operations: readonly Operation[]): ReadonlySet<string> {
  const names = operations.flatMap(({ requestBody }) =>
    Object.values(requestBody?.content ?? {}).flatMap(({ schema }) => nameOf(schema) ?? []),
  );
  return new Set(names.filter((name) => names.indexOf(name) === names.lastIndexOf(name)));
}

function nameOf({ $ref }: Schema): string | undefined {
  return $ref?.split('/').at(-1);
}

interface Answer {
  $ref?: string;
  description?: string;
  content?: Readonly<Record<string, { schema: Schema }>>;
}

/** What a request to almost any path can be answered with; the page says so once. */
const EVERYWHERE = new Set([
  'InvalidRequest',
  'InvalidJson',
  'PayloadTooLarge',
  'UnsupportedMediaType',
  'Unauthorized',
  'InsufficientScope',
  'RateLimited',
  'QuotaExceeded',
  'Unavailable',
  // The name of a response without rate limit ends so.
  'Unlimited',
]);

/** An operation's own answers, and the codes of the errors that it has beside those of almost any. */
function answers({ responses }: Operation): Html {
  const all: [status: string, answer: Answer][] = Object.entries(responses);
  const own = all.filter(([status, { $ref }]) => $ref === undefined && !/XX$/.test(status));
  const codes = all.flatMap(([, { $ref }]) => $ref?.split('/').at(-1)?.split('-') ?? []);
  const errors = codes.filter((code) => !EVERYWHERE.has(code)).map(codeLink);
  const last = errors.length === 0 ? '' : `<div><dt>Errors<dd>${errors.join(' ')}</div>`;
  return own.map(([status, answer]) => answerMarkup(status, answer)).join('') + last;
}

function answerMarkup(status: string, { description = '', content = {} }: Answer): Html {
  const [schema] = Object.values(content).map((media) => typeOf(media.schema));
  return `<div><dt>${status}${schema === undefined ? '' : ` <small>${schema}</small>`}<dd>${line(description)}</div>`;
}

/** `NotFound`, as the responses of a document are named, to the row of `NOT_FOUND`. */
function codeLink(name: string): Html {
  const code = name.replace(/(?<=.)([A-Z])/g, '_$1').toUpperCase();
  return `<a href="#error-${code}"><code>${code}</code></a>`;
}

function form(
  { method, path }: Place,
  parameters: readonly Parameter[],
  body: { schema: Schema; example?: unknown } | undefined,
  named: Named,
): Html {
  const inputs = parameters
    .filter((parameter) => parameter.in !== 'header')
    .map(({ name, in: place, example, schema, required = false }) => {
      const shown = String(example ?? exampleOf(schema, named) ?? '');
      return `<label>${text(name)} <input name="${text(name)}" data-in="${place}" placeholder="${text(shown)}"${
        required ? ' required' : ''
      }></label>`;
    });
  const area =
    body === undefined
      ? ''
      : `<label>Body <textarea name="body" spellcheck="false" rows="6">${text(
          JSON.stringify(body.example, null, 2),
        )}</textarea></label>`;
  return `<form data-method="${method}" data-path="${text(path)}"><h4>Try it</h4>${inputs.join('')}${area}<button>Send</button><pre class="curl"></pre><output></output></form>`;
}
