import type { Schema } from './schema.ts';

/**
 * An example of what a schema describes: its own, else one made of its parts'. Undefined where a text or a number has
 * none.
 */
export function exampleOf(schema: Schema, named: Readonly<Record<string, Schema>>): unknown {
  const { $ref, examples, type, enum: words } = schema;
  if ($ref !== undefined) return exampleOf(named[nameOf($ref)] ?? {}, named);
  if (examples !== undefined) return examples[0];
  if (schema.const !== undefined) return schema.const;
  if (words !== undefined) return words[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.properties !== undefined) return exampleObject(schema, named);
  const [option] = schema.oneOf ?? schema.anyOf ?? schema.allOf ?? [];
  if (option !== undefined) return exampleOf(option, named);
  if (type === 'boolean') return true;
  if (type !== 'array' || schema.items === undefined) return undefined;
  return [exampleOf(schema.items, named)];
}

function exampleObject({ properties = {} }: Schema, named: Readonly<Record<string, Schema>>): object {
  const fields = Object.entries(properties).map(([name, part]) => [name, exampleOf(part, named)]);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

/** An example of an object with nothing in it but what it must have. */
export function smallestExample(schema: Schema, named: Readonly<Record<string, Schema>>): unknown {
  const { $ref } = schema;
  if ($ref !== undefined) return smallestExample(named[nameOf($ref)] ?? {}, named);
  const { properties = {}, required = [] } = schema;
  return Object.fromEntries(required.map((name) => [name, exampleOf(properties[name] ?? {}, named)]));
}

function nameOf($ref: string): string {
  return $ref.slice('#/components/schemas/'.length);
}
