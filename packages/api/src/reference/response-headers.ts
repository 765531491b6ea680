import type { Schema } from './schema.ts';

interface Header {
  description: string;
  schema: Schema;
}

const whole = (description: string, example: number): Header => ({
  description,
  schema: { type: 'integer', minimum: 0, examples: [example] },
});

const words = (description: string, example: string): Header => ({
  description,
  schema: { type: 'string', examples: [example] },
});

/** Headers of answers, as components of the document. */
export const RESPONSE_HEADERS = {
  'X-Request-Id': words('Quote it to the operator.', 'req_4f9KdmZ1xQ2w'),
  'X-RateLimit-Limit': whole('Requests that are possible in this minute.', 100),
  'X-RateLimit-Remaining': whole('Requests that are left in it.', 99),
  'X-RateLimit-Reset': whole('Seconds until the next one begins.', 60),
  RateLimit: words('What is left, as the IETF draft `ratelimit-headers` writes it.', '"user";r=99;t=60'),
  'RateLimit-Policy': words('The limit that counts here, written likewise.', '"user";q=100;w=60'),
  'Retry-After': whole('Seconds after which it makes sense to try again.', 1),
  'WWW-Authenticate': words('Always `Bearer`.', 'Bearer'),
  Allow: words('Of a 405: the methods that this path has.', 'GET, HEAD'),
  Link: words(
    'The next page, while there is more: follow it as it is (RFC 8288).',
    '</api/v1/messages?cursor=bXNnXzAx>; rel="next"',
  ),
  'Preference-Applied': words('The registry has waited as `Prefer` asked (RFC 7240).', 'wait=10'),
} as const satisfies Readonly<Record<string, Header>>;

export type ResponseHeader = keyof typeof RESPONSE_HEADERS;

const RATE_LIMITED: readonly ResponseHeader[] = [
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'RateLimit',
  'RateLimit-Policy',
];

/** References to these headers, and to those that every answer has. */
export function headersOf(isRateLimited: boolean, more: readonly ResponseHeader[] = []) {
  const names: ResponseHeader[] = ['X-Request-Id', ...(isRateLimited ? RATE_LIMITED : []), ...more];
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
