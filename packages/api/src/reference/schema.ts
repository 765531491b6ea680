import type { TSchema } from 'typebox';

/** A JSON schema, as far as the reference looks into it. */
export interface Schema {
  $ref?: string;
  title?: string;
  description?: string;
  type?: string | readonly string[];
  format?: string;
  const?: unknown;
  enum?: readonly unknown[];
  default?: unknown;
  examples?: readonly unknown[];
  required?: readonly string[];
  properties?: Readonly<Record<string, Schema>>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
  contentSchema?: Schema;
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  allOf?: readonly Schema[];
  /** See `Told` in http/fields.ts. */
  documented?: Schema;
  maxBytes?: number;
  maxLength?: number;
  [keyword: string]: unknown;
}

/** A schema of a route, to look into. */
export function asSchema(schema: TSchema): Schema {
  return { ...schema };
}

/** The same schema with each of its direct parts replaced by `change`. */
export function withParts(schema: Schema, change: (part: Schema) => Schema): Schema {
  const { properties, items, additionalProperties, contentSchema } = schema;
  const lists = (['anyOf', 'oneOf', 'allOf'] as const).flatMap((keyword) => {
    const options = schema[keyword];
    return options === undefined ? [] : [[keyword, options.map(change)] as const];
  });
  return {
    ...schema,
    ...(properties && { properties: mapValues(properties, change) }),
    ...(items && { items: change(items) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: change(additionalProperties) }),
    ...(contentSchema && { contentSchema: change(contentSchema) }),
    ...Object.fromEntries(lists),
  };
}

/** The same names with other values. */
export function mapValues<Value, Other>(
  values: Readonly<Record<string, Value>>,
  change: (value: Value, name: string) => Other,
): Record<string, Other> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value, name)]));
}
