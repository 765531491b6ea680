import type { components } from './openapi.ts';

type ApiErrorCode = components['schemas']['ErrorCode'];

/**
 * Codes that the registry does not answer: there was no answer (`UNREACHABLE`) or one that is not the registry's
 * (`UNEXPECTED_ANSWER`, of a proxy perhaps); a callback is not genuine (`INVALID_SIGNATURE`), too old or from the
 * future (`STALE_TIMESTAMP`), or nothing that an agent can take (`INVALID_CALLBACK`). Of encryption: the keys of the other
 * side are others than before (`KEY_CHANGED`), one of the two sides has none (`NO_KEYS`), those of an agent of yours are
 * somewhere else (`KEYS_ELSEWHERE`), or what is kept of them cannot be used (`INVALID_KEYS`). Of an encrypted message: its
 * key is not here (`NO_PRIVATE_KEY`), it is none, or was altered (`INVALID_CIPHERTEXT`), its signature is by a key that
 * nobody knows (`UNKNOWN_KEY`), it was written by or for somebody else (`WRONG_ADDRESS`), it came before (`REPLAYED`), or may
 * have (`STALE_MESSAGE`).
 */
export type ClientErrorCode =
  | 'UNREACHABLE'
  | 'UNEXPECTED_ANSWER'
  | 'INVALID_SIGNATURE'
  | 'STALE_TIMESTAMP'
  | 'INVALID_CALLBACK'
  | 'KEY_CHANGED'
  | 'NO_KEYS'
  | 'KEYS_ELSEWHERE'
  | 'INVALID_KEYS'
  | 'NO_PRIVATE_KEY'
  | 'INVALID_CIPHERTEXT'
  | 'UNKNOWN_KEY'
  | 'WRONG_ADDRESS'
  | 'REPLAYED'
  | 'STALE_MESSAGE';

export type ErrorCode = ApiErrorCode | ClientErrorCode;

export interface MahiloErrorOptions {
  /** The HTTP status; of a callback that is refused, the one to answer it with. 0 when there was no answer. */
  status: number;
  requestId?: string | undefined;
  retryAfterMs?: number | undefined;
  details?: readonly components['schemas']['ErrorDetail'][] | undefined;
  cause?: unknown;
}

/** Why the registry, or this client, does not do what was asked. Switch on `code`, show `message` to a person. */
export class MahiloError extends Error {
  override name = 'MahiloError';
  readonly code: ErrorCode;
  /** The HTTP status; of a callback that is refused, the one to answer it with. 0 when there was no answer. */
  readonly status: number;
  /** Quote it when you ask the operator. */
  readonly requestId: string | undefined;
  /** After how many milliseconds trying again makes sense. */
  readonly retryAfterMs: number | undefined;
  /** Each field that is wrong, or the bound that was reached. */
  readonly details: readonly components['schemas']['ErrorDetail'][];

  constructor(code: ErrorCode, message: string, options: MahiloErrorOptions) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = options.status;
    this.requestId = options.requestId;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details ?? [];
  }
}
