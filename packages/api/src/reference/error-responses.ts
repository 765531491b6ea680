import { ERROR_MEANINGS } from '@mahilo/shared/error-meanings';
import { ERROR_STATUS, type ErrorCode } from '@mahilo/shared/errors';
import { headersOf, type ResponseHeader } from './response-headers.ts';
import type { Schema } from './schema.ts';

/** Any error. */
export const ERROR: Schema = { $ref: '#/components/schemas/Error' };

const HEADERS: Readonly<Record<number, readonly ResponseHeader[]>> = {
  401: ['WWW-Authenticate'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/** What decides which errors every route of its kind can answer. */
export interface Kind {
  method: string;
  /** Whether it needs an API key. */
  isSecured: boolean;
  isRateLimited: boolean;
}

/** The codes that every route of this kind can answer. */
export function commonErrors({ method, isSecured, isRateLimited }: Kind): ErrorCode[] {
  return [
    'INVALID_REQUEST',
    ...(method === 'get' ? [] : (['INVALID_JSON', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const)),
    ...(isSecured ? (['UNAUTHORIZED', 'INSUFFICIENT_SCOPE'] as const) : []),
    ...(isRateLimited ? (['RATE_LIMITED', 'QUOTA_EXCEEDED'] as const) : []),
    'UNAVAILABLE',
  ];
}

/** An error with one of these codes. */
export function errorWith(codes: readonly ErrorCode[]): Schema {
  return { allOf: [ERROR, { properties: { code: { enum: codes } } }] };
}

/** Those of the codes that have this status. */
export function codesOf(status: string, codes: readonly ErrorCode[]): ErrorCode[] {
  return [...new Set(codes)].filter((code) => String(ERROR_STATUS[code]) === status).sort();
}

/** Error responses by status, each a component whose name tells its codes: few, since most routes share them. */
export class ErrorResponses {
  readonly components: Record<string, object> = {};

  of(codes: readonly ErrorCode[], isRateLimited: boolean): Record<string, object> {
    const byStatus = Map.groupBy(new Set(codes), (code) => ERROR_STATUS[code]);
    const references = [...byStatus].map(([status, found]) => {
      const response = errorResponse(status, found.sort(), isRateLimited);
      const name = `${found.map(pascalCase).join('-')}${isRateLimited ? '' : '-Unlimited'}`;
      this.components[name] = response;
      return [status, { $ref: `#/components/responses/${name}` }];
    });
    return { ...Object.fromEntries(references), ...anyOther() };
  }
}

/** Errors of HTTP itself, which any request can meet. Nothing but their form is told. */
function anyOther(): Record<string, object> {
  const content = { 'application/json': { schema: ERROR } };
  return {
    '4XX': {
      description: 'What is wrong with the request; `code` says it.',
      headers: headersOf(false, ['Allow']),
      content,
    },
    '5XX': { description: 'The registry’s own fault.', headers: headersOf(false), content },
  };
}

function errorResponse(status: number, codes: readonly ErrorCode[], isRateLimited: boolean): object {
  return {
    description: codes.map((code) => `\`${code}\`: ${ERROR_MEANINGS[code]}`).join('\n\n'),
    headers: headersOf(isRateLimited, HEADERS[status]),
    content: {
      'application/json': { schema: errorWith(codes) },
    },
  };
}

/** `NOT_FOUND` as `NotFound`. */
function pascalCase(code: string): string {
  return code.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
