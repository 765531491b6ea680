import fc from 'fast-check';
import type { Schema } from '../../src/reference/schema.ts';

type Named = Readonly<Record<string, Schema>>;

/** A value that a test knows for a field of this name, such as the id of something that exists; undefined: none. */
export type KnownValue = (field: string, choice: number) => string | undefined;

/** The longest text to make; mutations make longer ones. */
const MAX_LENGTH = 300;
const MAX_ITEMS = 5;

/** Makes values that a schema of the document allows; most ids are of things that exist. */
export class Values {
  readonly #named: Named;
  readonly #known: KnownValue;

  constructor(named: Named, known: KnownValue) {
    this.#named = named;
    this.#known = known;
  }

  of(given: Schema, field = ''): fc.Arbitrary<unknown> {
    const schema = this.#resolved(given);
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    const options = schema.oneOf ?? schema.anyOf;
    if (options !== undefined) {
      const { oneOf: _, anyOf: __, ...base } = schema;
      return fc.oneof(...options.map((option) => this.of(merged(base, this.#resolved(option)), field)));
    }
    if (schema.allOf !== undefined) {
      const {
        allOf: [first = {}, ...others],
        ...base
      } = schema;
      const rest = others.length > 0 ? { ...base, allOf: others } : base;
      return this.of(merged(rest, this.#resolved(first)), field);
    }
    const types = [schema.type ?? (schema.properties ? 'object' : 'string')].flat();
    return fc.oneof(...types.map((type) => this.#ofType(type, schema, field)));
  }

  #resolved({ $ref, ...schema }: Schema): Schema {
    if ($ref === undefined) return schema;
    return { ...this.#named[$ref.slice('#/components/schemas/'.length)], ...schema };
  }

  #ofType(type: string, schema: Schema, field: string): fc.Arbitrary<unknown> {
    const [minimum = -1000, maximum = 1000] = [schema['minimum'], schema['maximum']] as number[];
    if (type === 'boolean') return fc.boolean();
    if (type === 'null') return fc.constant(null);
    if (type === 'integer') return fc.integer({ min: minimum, max: maximum });
    if (type === 'number') return fc.integer({ min: minimum, max: maximum });
    if (type === 'array') return this.#array(schema, field);
    if (type === 'object') return this.#object(schema);
    return this.#text(schema, field);
  }

  #array(schema: Schema, field: string): fc.Arbitrary<unknown> {
    const [minLength = 0, maxLength = MAX_ITEMS] = [schema['minItems'], schema['maxItems']] as number[];
    const options = { minLength, maxLength: Math.max(minLength, Math.min(maxLength, MAX_ITEMS)) };
    return fc.array(this.of(schema.items ?? {}, field), options);
  }

  #object({ properties = {}, required = [] }: Schema): fc.Arbitrary<unknown> {
    const possible = Object.entries(properties).filter(([, part]) => part['not'] === undefined);
    const fields = Object.fromEntries(possible.map(([name, part]) => [name, this.of(part, name)]));
    const known = fc.record(fields, { requiredKeys: [...required] });
    // Unknown fields are ignored.
    return fc.oneof(
      { weight: 9, arbitrary: known },
      { weight: 1, arbitrary: known.map((object) => ({ ...object, 'x-unknown': { deep: [null] } })) },
    );
  }

  #text(schema: Schema, field: string): fc.Arbitrary<unknown> {
    const minLength = (schema['minLength'] as number | undefined) ?? 0;
    const maxLength = Math.min(schema.maxLength ?? MAX_LENGTH, MAX_LENGTH);
    const pattern = schema['pattern'] as string | undefined;
    const made =
      schema.format === 'uri'
        ? fc.constantFrom('http://127.0.0.1:9/callback', 'http://localhost:9/', 'https://127.0.0.1:9/a?b=c')
        : pattern === undefined
          ? fc.string({ unit: 'grapheme', minLength, maxLength })
          : fc.stringMatching(new RegExp(pattern, 'u'));
    const examples = (schema.examples ?? []).filter((example) => typeof example === 'string');
    const known = fc.nat().map((choice) => this.#known(field, choice));
    return fc
      .oneof(
        { weight: 2, arbitrary: made },
        { weight: 1, arbitrary: examples.length > 0 ? fc.constantFrom(...examples) : made },
        { weight: 12, arbitrary: fc.tuple(known, made).map(([value, other]) => value ?? other) },
      )
      .filter((text) => [...String(text)].length <= maxLength);
  }
}

/** A schema that combines both. */
function merged(base: Schema, option: Schema): Schema {
  const names = new Set([...Object.keys(base.properties ?? {}), ...Object.keys(option.properties ?? {})]);
  const properties = Object.fromEntries(
    [...names].map((name) => [name, { ...base.properties?.[name], ...option.properties?.[name] }]),
  );
  const required = [...(base.required ?? []), ...(option.required ?? [])];
  return {
    ...base,
    ...option,
    ...(names.size > 0 && { properties }),
    ...(required.length > 0 && { required: [...new Set(required)] }),
  };
}
