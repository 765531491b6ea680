import { type Html, line, text } from './markup.ts';
import type { Schema } from './schema.ts';

const COMPONENT = '#/components/schemas/';

/** What a value is, in a few words; a named schema is a link. */
export function typeOf(schema: Schema): Html {
  const { $ref, type, items, enum: words } = schema;
  if ($ref !== undefined) return linkTo($ref.slice(COMPONENT.length));
  if (schema.const !== undefined) return `<code>${text(JSON.stringify(schema.const))}</code>`;
  if (words !== undefined) return words.map((word) => `<code>${text(String(word))}</code>`).join(' ');
  const options = schema.oneOf ?? schema.anyOf;
  if (type === undefined && options !== undefined) return [...new Set(options.map(typeOf))].join(' or ');
  if (items !== undefined) return `list of ${typeOf(items)}`;
  return text([type ?? 'object'].flat().join(' or '));
}

function linkTo(name: string): Html {
  return `<a href="#schema-${text(name)}">${text(name)}</a>`;
}

/** The rules for a value, beside its type. */
function rulesOf(schema: Schema): string[] {
  const { minLength, maxLength, minimum, maximum, maxItems, pattern, format } = schema as Record<
    string,
    unknown
  >;
  const between = (least: unknown, most: unknown, unit: string) =>
    most === undefined ? [] : [`${least === undefined ? 'at most ' : `${least}–`}${most}${unit}`];
  return [
    ...between(minLength, maxLength, ' characters'),
    ...between(minimum, maximum, ''),
    ...between(undefined, maxItems, ' items'),
    ...(typeof format === 'string' ? [format] : []),
    ...(typeof pattern === 'string' && pattern.length < 60 ? [`\`${pattern}\``] : []),
    ...(schema.default === undefined ? [] : [`default \`${JSON.stringify(schema.default)}\``]),
  ];
}

/** A field: its name, what it is, whether it must be there, and what it means. */
export function field(name: string, schema: Schema, isRequired: boolean, description?: string): Html {
  const rules = rulesOf(schema).map(line);
  const must = isRequired ? ' <b>required</b>' : '';
  const words = description ?? schema.description;
  return `<div><dt><code>${text(name)}</code> <small>${[typeOf(schema), ...rules].join(', ')}</small>${must}<dd>${
    words === undefined ? '' : line(words)
  }${inner(schema)}</div>`;
}

/** The fields of an object that has no name of its own. */
function inner(schema: Schema): Html {
  const part = schema.items ?? schema;
  return part.properties === undefined || part.$ref !== undefined ? '' : fields(part);
}

/** The fields of an object. */
export function fields({ properties = {}, required = [] }: Schema): Html {
  const rows = Object.entries(properties).map(([name, part]) => field(name, part, required.includes(name)));
  return `<dl>${rows.join('')}</dl>`;
}

/** A named schema. */
export function namedSchema(name: string, schema: Schema): Html {
  const what = schema.properties === undefined ? `<p>${typeOf(schema)}</p>` : fields(schema);
  return `<details id="schema-${text(name)}"><summary><code>${text(name)}</code> <span>${line(
    schema.description?.split('\n')[0] ?? '',
  )}</span></summary>${what}</details>`;
}
