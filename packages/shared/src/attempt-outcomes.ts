/** The closed list of ways in which an attempt ends. */
export const ATTEMPT_OUTCOMES = [
  'delivered',
  'http_status',
  'redirect',
  'gone',
  'timeout',
  'dns',
  'tls',
  'connection',
  'response',
  'refused_address',
] as const;

export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];
