import { type AttemptOutcome, NEVER_CONNECTED } from '../attempt-outcomes.ts';

/** How an exchange ended without an answer. */
export type FailureOutcome = Exclude<AttemptOutcome, 'delivered' | 'http_status' | 'redirect' | 'gone'>;

/** Who caused it. A registry fault says nothing about the receiver; `stopped` means that we aborted it ourselves. */
export type Fault = 'receiver' | 'registry' | 'stopped';

/** Why there is no answer: data for the record of the attempt, in words that any owner of a connection may read. */
export interface Failure {
  outcome: FailureOutcome;
  /** One short human sentence without addresses, secrets or internal detail. */
  error: string;
  fault: Fault;
}

/** An error that already knows which failure it is. */
export class ExchangeError extends Error {
  override name = 'ExchangeError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.error);
    this.failure = failure;
  }
}

/** A failure of the receiver. */
export function receiverFault(outcome: FailureOutcome, error: string): Failure {
  return { outcome, error, fault: 'receiver' };
}

/** A failure of the registry or its host. */
export function registryFault(outcome: FailureOutcome, error: string): Failure {
  return { outcome, error, fault: 'registry' };
}

export const REFUSED_ADDRESS = receiverFault(
  'refused_address',
  'The callback URL leads to an address that is not allowed.',
);
export const CLOSED_EARLY = receiverFault('connection', 'The connection was closed before an answer.');
export const STOPPED: Failure = {
  outcome: 'connection',
  error: 'The attempt was stopped, because the registry is shutting down.',
  fault: 'stopped',
};

const NO_RESOURCES = registryFault('connection', 'The registry is short of resources.');
const NO_NETWORK = registryFault('connection', 'The registry has no network connection.');
const UNREACHABLE = receiverFault('connection', NEVER_CONNECTED.unreachable);
/**
 * An address could not be reached because this host has no IPv6. It excuses no other failure, and says nothing about
 * the receiver.
 */
const NO_IPV6 = { ...UNREACHABLE };
const NO_HTTP = receiverFault('response', 'The answer is not valid HTTP.');

/** System errors (errno) and Node's own, by code. */
const BY_CODE: ReadonlyMap<string, Failure> = new Map([
  ['EMFILE', NO_RESOURCES],
  ['ENFILE', NO_RESOURCES],
  ['ENOMEM', NO_RESOURCES],
  ['ENOBUFS', NO_RESOURCES],
  ['ENETDOWN', NO_NETWORK],
  ['ENETUNREACH', NO_NETWORK],
  ['EADDRNOTAVAIL', NO_RESOURCES],
  ['EHOSTUNREACH', UNREACHABLE],
  ['EHOSTDOWN', UNREACHABLE],
  ['ECONNREFUSED', receiverFault('connection', NEVER_CONNECTED.refused)],
  ['ECONNRESET', CLOSED_EARLY],
  ['EPIPE', CLOSED_EARLY],
  ['ETIMEDOUT', receiverFault('timeout', 'The connection could not be made in time.')],
  ['HPE_HEADER_OVERFLOW', receiverFault('response', 'The header of the answer is too large.')],
  ['CERT_HAS_EXPIRED', receiverFault('tls', 'The TLS certificate has expired.')],
  ['ERR_TLS_CERT_ALTNAME_INVALID', receiverFault('tls', 'The TLS certificate is for another name.')],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', receiverFault('tls', 'The TLS certificate is self-signed.')],
  ['SELF_SIGNED_CERT_IN_CHAIN', receiverFault('tls', 'The TLS certificate is not from a known authority.')],
  [
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    receiverFault('tls', 'The TLS certificate is not from a known authority.'),
  ],
  [
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    receiverFault('tls', 'The TLS certificate comes without its intermediate ones.'),
  ],
]);

const TLS_CODE =
  /^(?:EPROTO$|ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|CRL_|INVALID_(?:CA|PURPOSE)$|HOSTNAME_MISMATCH$)/;

/** Properties that Node adds to an Error. */
type SystemError = { code?: string; address?: string; message?: string };

/** The failure that an error of the HTTP client means. */
export function failureOf(thrown: unknown): Failure {
  const failures = rootCauses(thrown).map(failureOfCause);
  // Several addresses were tried. A registry fault with one of them does not excuse the receiver at another. Missing
  // IPv6 counts only when nothing else was tried.
  const reported = failures.filter((failure) => failure !== NO_IPV6);
  return (
    reported.find(({ fault }) => fault === 'receiver') ?? reported[0] ?? failures[0] ?? failureOfCause(thrown)
  );
}

function rootCauses(thrown: unknown): unknown[] {
  if (thrown instanceof ExchangeError) return [thrown];
  if (thrown instanceof AggregateError) return thrown.errors.flatMap(rootCauses);
  if (thrown instanceof Error && thrown.cause instanceof Error) return rootCauses(thrown.cause);
  return [thrown];
}

function failureOfCause(cause: unknown): Failure {
  if (cause instanceof ExchangeError) return cause.failure;
  const { code = '', address = '', message = '' } = (cause ?? {}) as SystemError;
  // Without IPv6 on this host every IPv6-only receiver fails like this for ever, so these attempts must end, too.
  if ((code === 'ENETUNREACH' || code === 'EADDRNOTAVAIL') && address.includes(':')) return NO_IPV6;
  // Node's own error for a socket that closed before the handshake ended. A receiver that refuses the handshake says
  // so in TLS.
  if (message.startsWith('Client network socket disconnected before secure TLS')) return CLOSED_EARLY;
  const listed = BY_CODE.get(code);
  if (listed !== undefined) return listed;
  if (code.startsWith('HPE_')) return NO_HTTP;
  if (TLS_CODE.test(code)) return receiverFault('tls', 'The TLS handshake failed.');
  return receiverFault('connection', 'The connection failed.');
}
