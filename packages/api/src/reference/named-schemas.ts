import { isDeepStrictEqual } from 'node:util';
import { type Schema, withParts } from './schema.ts';

/**
 * Turns the schemas of routes into those of the document. Each part with a title becomes a component of that name, and
 * what only our validator understands becomes what every reader does.
 */
export class NamedSchemas {
  readonly components: Record<string, Schema> = {};

  /** @throws Error when two different schemas have the same title. */
  documented(schema: Schema): Schema {
    const { title, ...rest } = withParts(inStandardKeywords(schema), (part) => this.documented(part));
    if (title === undefined) return rest;
    const known = this.components[title];
    if (known !== undefined && !isDeepStrictEqual(known, rest)) {
      throw new Error(`Two schemas are named ${title}: give one of them another title.`);
    }
    this.components[title] = rest;
    return { $ref: `#/components/schemas/${title}` };
  }

  /** A schema that is no component, whatever its title: a parameter's. */
  inline(schema: Schema): Schema {
    const { title: _, ...rest } = inStandardKeywords(schema);
    return withParts(rest, (part) => this.documented(part));
  }
}

/** Without our own keywords: a bound in bytes is one in characters, too, and says the rest in words. */
function inStandardKeywords({ documented, maxBytes, format, ...schema }: Schema): Schema {
  const inBytes = maxBytes === undefined ? '' : `At most ${maxBytes} bytes of UTF-8.`;
  const description = [schema.description, inBytes].filter(Boolean).join(' ');
  return {
    ...schema,
    ...(format !== undefined && format !== 'well-formed' && { format }),
    ...(maxBytes !== undefined && { maxLength: maxBytes }),
    ...(description !== '' && { description }),
    ...documented,
  };
}
