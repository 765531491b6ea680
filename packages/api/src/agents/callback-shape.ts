import type { ConnectionMode } from '@mahilo/shared/db/schema';
import { type ErrorDetail, MahiloError } from '@mahilo/shared/errors';
import { seal } from '@mahilo/shared/sealing/seal';
import type { ApiDeps } from '../deps.ts';
import type { ConnectionRow } from './connections.ts';
import type { RegisterAgent } from './schemas.ts';

/** Longest of all names and values together (bytes); receivers take 8 to 16 KiB of headers. */
const MAX_BYTES = 4096;

/** Of the field names that RFC 9110 §5.6.2 allows those that are in use. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;
/** A field value (RFC 9110 §5.5) in US-ASCII: no line ends, no space around it. */
const VALUE = /^[!-~](?:[\t -~]*[!-~])?$/;

/** What the connection between us and the receiver lives on (RFC 9110 §7.6.1), what describes the body, and what is signed. */
const RESERVED =
  /^(?:host|content-.*|transfer-encoding|connection|keep-alive|te|trailers?|upgrade|proxy-.*|expect|user-agent|x-mahilo-.*|webhook-.*)$/i;

/**
 * Checks the headers that a receiver wants.
 * @throws MahiloError INVALID_REQUEST naming each that cannot be sent; never its value.
 */
export function checkHeaders(headers: Readonly<Record<string, string>> = {}): void {
  const names = new Set<string>();
  const details: ErrorDetail[] = [];
  for (const [name, value] of Object.entries(headers)) {
    const message = mistakeIn(name, value) ?? (names.has(name.toLowerCase()) ? 'is there twice' : undefined);
    names.add(name.toLowerCase());
    if (message !== undefined) details.push({ path: `callback_headers.${name.slice(0, 64)}`, message });
  }
  const bytes = Buffer.byteLength(JSON.stringify(headers));
  if (bytes > MAX_BYTES) {
    details.push({ path: 'callback_headers', message: `must have at most ${MAX_BYTES} bytes together` });
  }
  if (details.length === 0) return;
  const sentence = details.map(({ path, message }) => `${path} ${message}`).join('; ');
  throw new MahiloError('INVALID_REQUEST', `${sentence}.`, { details });
}

function mistakeIn(name: string, value: string): string | undefined {
  if (!NAME.test(name)) return 'is no name of a header';
  if (RESERVED.test(name)) return 'is set by the registry, or by HTTP itself';
  return VALUE.test(value) ? undefined : 'must be visible US-ASCII, without spaces around it';
}

type Shape = Partial<Pick<ConnectionRow, 'callback_headers' | 'callback_format'>>;

/**
 * The columns that say what callbacks look like. Headers stay with their origin: whoever moves a connection to another
 * place, with a stolen key for example, must not get the receiver's token sent there.
 * @param known the connection as it is; absent: it is new.
 */
export function shapeAfter(
  { keys, random }: Pick<ApiDeps, 'keys' | 'random'>,
  connection: Pick<ConnectionRow, 'id'> & Partial<ConnectionRow>,
  { mode, callback_url }: { mode: ConnectionMode; callback_url: string | null },
  { callback_headers: headers, callback_format: format }: RegisterAgent,
): Shape {
  if (mode === 'polling') return { callback_headers: null, callback_format: null };
  const isElsewhere = originOf(connection.callback_url) !== originOf(callback_url);
  const sealed =
    headers === undefined || Object.keys(headers).length === 0
      ? null
      : seal(keys.current.sealing, JSON.stringify(headers), connection.id, random);
  return {
    ...((headers !== undefined || isElsewhere) && { callback_headers: sealed }),
    ...(format !== undefined && { callback_format: format === 'mahilo' ? null : format }),
  };
}

function originOf(url: string | null | undefined): string | undefined {
  return url === null || url === undefined ? undefined : new URL(url).origin;
}
