import { invalidField, type MahiloError } from '@mahilo/shared/errors';

const NUL = '\u0000';
/** What is wrong with a text that has U+0000. */
export const HAS_NUL = 'must not contain U+0000';

/**
 * Where a value that was read from JSON has a text with U+0000, as a path with dots; undefined if it has none. A name that
 * has one counts as its object. PostgreSQL cannot hold U+0000 in a text, and one rule holds for every database.
 */
export function pathOfNul(value: unknown, path = ''): string | undefined {
  if (typeof value === 'string') return value.includes(NUL) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, part] of Object.entries(value)) {
    if (name.includes(NUL)) return path;
    const found = pathOfNul(part, path === '' ? name : `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Refuses a body whose JSON `text` was read as `value`. Looks into the value only if the text can have U+0000. */
export function nulInBody(text: string, value: unknown): MahiloError | undefined {
  if (!text.includes('\\u0000')) return undefined;
  const path = pathOfNul(value);
  return path === undefined ? undefined : invalidField(path === '' ? 'body' : path, HAS_NUL);
}

/** Refuses a query with U+0000. */
export function nulInQuery(url: string, query: unknown): MahiloError | undefined {
  if (!url.includes('%00')) return undefined;
  const path = pathOfNul(query);
  return path === undefined ? undefined : invalidField(path === '' ? 'query' : path, HAS_NUL);
}

/** Makes an id in a path that has U+0000 one that a database can be asked for, and does not have. */
export function replaceNulInPath(url: string, params: unknown): void {
  if (!url.includes('%00') || typeof params !== 'object' || params === null) return;
  for (const [name, value] of Object.entries(params)) {
    if (typeof value === 'string') Object.assign(params, { [name]: value.replaceAll(NUL, '\uFFFD') });
  }
}
