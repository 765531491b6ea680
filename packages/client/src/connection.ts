import { type ErrorCode, MahiloError } from './mahilo-error.ts';
import type { components } from './openapi.ts';
import { backoffMs, pause } from './pause.ts';
import { registryUrl } from './registry-url.ts';

const API = '/api/v1';
const ANSWER_TIMEOUT_MS = 30_000;
/** A request waits no longer than this (ms), neither for what it asks for nor before it is repeated. */
const LONGEST_WAIT_MS = 90_000;
/** Bytes of an answer; the largest page has a few megabytes. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

export type Fetch = typeof globalThis.fetch;

export interface ConnectionOptions {
  /** Where the registry is, with or without `/api/v1`. */
  url: string | URL;
  key?: string | undefined;
  /** Instead of the global `fetch`. */
  fetch?: Fetch | undefined;
  /** How often a request is repeated that found no answer, or one that asks to come back. */
  retries?: number | undefined;
}

export interface Call {
  method: string;
  /** Below `/api/v1`, with its query. */
  path: string;
  body?: unknown;
  headers?: Readonly<Record<string, string>> | undefined;
  signal?: AbortSignal | undefined;
  /** Repeating it does no harm, also where it is unknown whether it was carried out. */
  isRepeatable?: boolean;
  /** Instead of the connection's own. */
  retries?: number;
  /** How long (ms) the registry may wait before it answers. */
  waitMs?: number;
  /** Whether the JSON of an answer beside 2xx is no error. */
  isAnswer?: (json: unknown) => boolean;
}

export interface Answer {
  status: number;
  headers: Headers;
  json: unknown;
  /** Of the request. */
  url: string;
}

/** The way to the API: addresses, the key, errors, repetitions. */
export class Connection {
  readonly retries: number;
  readonly #root: string;
  readonly #key: string | undefined;
  readonly #fetch: Fetch;

  /** @throws TypeError when the URL is none of a registry. */
  constructor({ url, key, fetch: given, retries = 5 }: ConnectionOptions) {
    this.#root = `${registryUrl(url)}${API}`;
    this.#key = key;
    this.#fetch = given ?? ((...request) => globalThis.fetch(...request));
    this.retries = retries;
  }

  /** The path below the API of an absolute or relative reference in an answer, whatever proxy is in between. */
  pathOf(reference: string, base: string): string {
    const { pathname, search } = new URL(reference, base);
    return `${pathname.slice(pathname.indexOf(API) + API.length)}${search}`;
  }

  /**
   * Asks, and asks again while the answer is that there is no room, or none at all.
   * @throws MahiloError for the last refusal; whatever aborts the signal.
   */
  async call(call: Call): Promise<Answer> {
    for (let repetition = 1; ; repetition++) {
      try {
        return await this.#callOnce(call);
      } catch (error) {
        const waitMs = pauseAfter(error, repetition, call.isRepeatable ?? false);
        if (waitMs === undefined || repetition > (call.retries ?? this.retries)) throw error;
        await pause(waitMs, call.signal);
      }
    }
  }

  async #callOnce(call: Call): Promise<Answer> {
    const { signal, waitMs = 0, isAnswer = () => false } = call;
    const response = await this.open(
      call,
      AbortSignal.timeout(Math.min(waitMs, LONGEST_WAIT_MS) + ANSWER_TIMEOUT_MS),
    );
    const text = await reachable(() => textOf(response), signal);
    const { status, headers } = response;
    const answer = { status, headers, json: jsonOf(text), url: `${this.#root}${call.path}` };
    const isExpected = response.ok ? answer.json !== undefined : isAnswer(answer.json);
    if (!isExpected) throw errorOf(answer);
    return answer;
  }

  /**
   * The answer before its body, whatever it says.
   * @param limit ends the request, too, as a failure of the registry's.
   */
  open({ method, path, body, headers, signal }: Call, limit: AbortSignal): Promise<Response> {
    const url = `${this.#root}${path}`;
    const request: RequestInit = {
      method,
      headers: {
        accept: 'application/json',
        ...(this.#key !== undefined && { authorization: `Bearer ${this.#key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      // The registry never redirects, and the key is for nobody else.
      redirect: 'manual',
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    };
    return reachable(() => this.#fetch(url, request), signal);
  }
}

/** @throws MahiloError UNREACHABLE for what the network throws; whatever aborts the signal. */
export async function reachable<Result>(
  request: () => Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  try {
    return await request();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof MahiloError) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error && cause.message !== '' ? `: ${cause.message}` : '';
    throw new MahiloError('UNREACHABLE', `The registry does not answer${why}.`, { status: 0, cause: error });
  }
}

/** @throws Error when it is longer than any answer of the API. */
export async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** @returns undefined when it is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type ApiError = components['schemas']['Error'];

function isApiError(json: unknown): json is ApiError {
  return typeof json === 'object' && json !== null && 'code' in json && 'error' in json;
}

/** The error that an answer tells. */
export function errorOf({ status, headers, json }: Omit<Answer, 'url'>): MahiloError {
  const options = { status, retryAfterMs: retryAfterMs(headers.get('retry-after')) };
  if (isApiError(json)) {
    const { code, error, details, request_id: requestId } = json;
    return new MahiloError(code, error, { ...options, details, requestId });
  }
  const sentence = `This is no answer of a registry (HTTP ${status}).`;
  const requestId = headers.get('x-request-id') ?? undefined;
  return new MahiloError('UNEXPECTED_ANSWER' satisfies ErrorCode, sentence, { ...options, requestId });
}

/** `Retry-After` in milliseconds from now: seconds, or a date (RFC 9110). */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** How long (ms) to wait before a request is repeated; undefined when it must not be, or not soon. */
export function pauseAfter(error: unknown, repetition: number, isRepeatable: boolean): number | undefined {
  if (!(error instanceof MahiloError)) return undefined;
  const { status, retryAfterMs: asked, code } = error;
  // Both say that nothing was done. A bound that no time will lift has no Retry-After.
  const isLater = (status === 429 && asked !== undefined) || status === 503;
  const isUnknown = isRepeatable && (code === 'UNREACHABLE' || status === 502 || status === 504);
  if (!isLater && !isUnknown) return undefined;
  const ms = Math.max(asked ?? 0, asked === undefined ? backoffMs(repetition) : 0);
  return ms > LONGEST_WAIT_MS ? undefined : ms;
}
