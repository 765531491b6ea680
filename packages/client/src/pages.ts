import type { Connection } from './connection.ts';

const NEXT = /<([^>]*)>\s*;[^,]*\brel="?next"?/i;

/** The items of a list, page after page, as long as a `Link` says that there is more (RFC 8288). */
export async function* items(
  connection: Connection,
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<unknown, void, void> {
  let next: string | undefined = path;
  while (next !== undefined) {
    const { json, headers, url } = await connection.call({
      method: 'GET',
      path: next,
      signal,
      isRepeatable: true,
    });
    if (!Array.isArray(json)) throw new TypeError(`GET ${path} answers no list.`);
    yield* json;
    const [, link] = NEXT.exec(headers.get('link') ?? '') ?? [];
    next = link === undefined ? undefined : connection.pathOf(link, url);
  }
}
