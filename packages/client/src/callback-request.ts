import { MahiloError } from './mahilo-error.ts';

/** A request of fetch handlers, Hono (`c.req.raw`), Deno, Bun and the edge. */
interface WebRequest {
  readonly headers: { get(name: string): string | null };
  readonly body: ReadableStream<Uint8Array> | null;
}

/** A request of Node's http, Fastify or Express. */
interface NodeRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** What a parser made of the body. */
  readonly body?: unknown;
  /** As some parsers keep it. */
  readonly rawBody?: unknown;
  /** What a framework was given. */
  readonly raw?: unknown;
}

export type CallbackRequest = WebRequest | NodeRequest;

function isWeb(request: CallbackRequest): request is WebRequest {
  return 'get' in request.headers && typeof request.headers.get === 'function';
}

export function headerOf(request: CallbackRequest, name: string): string | undefined {
  if (isWeb(request)) return request.headers.get(name) ?? undefined;
  const value = request.headers[name] ?? otherwiseWritten(request.headers, name);
  return typeof value === 'string' ? value : value?.join(' ');
}

/** Node has names in lower case; gateways of functions hand them on as somebody wrote them. */
function otherwiseWritten(headers: NodeRequest['headers'], name: string): string | string[] | undefined {
  return Object.entries(headers).find(([written]) => written.toLowerCase() === name)?.[1];
}

/** The bytes of the body, or what was the same before it was parsed. @throws MahiloError INVALID_CALLBACK */
export async function bodyOf(request: CallbackRequest, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = isWeb(request) ? await collect(request.body, maxBytes) : await bodyOfNode(request, maxBytes);
  if (bytes.byteLength > maxBytes) throw tooLong(maxBytes);
  if (bytes.byteLength === 0) throw invalidCallback('The body is empty, or something else has read it.');
  return bytes;
}

async function bodyOfNode(request: NodeRequest, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  for (const given of [request.rawBody, request.body]) {
    if (typeof given === 'string') return new TextEncoder().encode(given);
    if (given instanceof Uint8Array) return new Uint8Array(given);
  }
  // The registry writes JSON as JSON.stringify does. Were a byte another one, the signature would not fit.
  if (typeof request.body === 'object' && request.body !== null)
    return new TextEncoder().encode(JSON.stringify(request.body));
  for (const given of [request, request.raw]) if (isIterable(given)) return collect(given, maxBytes);
  return new Uint8Array();
}

function isIterable(given: unknown): given is AsyncIterable<Uint8Array> {
  return typeof given === 'object' && given !== null && Symbol.asyncIterator in given;
}

async function collect(
  chunks: AsyncIterable<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const collected: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of chunks ?? []) {
      length += chunk.byteLength;
      if (length > maxBytes) throw tooLong(maxBytes);
      collected.push(chunk);
    }
  } catch (error) {
    if (error instanceof MahiloError) throw error;
    throw invalidCallback(
      'The body cannot be read: it broke off, or something else has read it.',
      400,
      error,
    );
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of collected) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

export function invalidCallback(message: string, status = 400, cause?: unknown): MahiloError {
  return new MahiloError('INVALID_CALLBACK', message, { status, cause });
}

function tooLong(maxBytes: number): MahiloError {
  return invalidCallback(`The body has more than ${maxBytes} bytes.`, 413);
}
