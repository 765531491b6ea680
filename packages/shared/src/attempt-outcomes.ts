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

/** What is recorded of a `connection` that was never made: the receiver has nothing of the request. */
export const NEVER_CONNECTED = {
  refused: 'The connection was refused.',
  unreachable: 'The receiver’s address is unreachable.',
} as const;
