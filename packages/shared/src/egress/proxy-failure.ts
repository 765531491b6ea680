import { type Failure, failureOf, REFUSED_ADDRESS, receiverFault, registryFault } from './failures.ts';

const PROXY_DOWN = registryFault('connection', 'The registry’s egress proxy does not work.');

/**
 * A proxy's answers to CONNECT that concern how we use it: no credentials, wrong ones, no CONNECT. All others concern
 * the destination, since proxies report differently that they cannot reach it: tinyproxy answers 500.
 */
const ABOUT_US: ReadonlySet<number> = new Set([401, 405, 407]);

/** What an error means when the forward proxy is the only peer. */
export function proxyFailureOf(error: unknown): Failure {
  const { cause = error } = error as { cause?: unknown };
  const {
    code,
    statusCode,
    message = '',
    syscall,
  } = cause as {
    code?: string;
    statusCode?: number;
    message?: string;
    syscall?: string;
  };
  if (code === 'ERR_PROXY_TUNNEL') {
    // Stripe's smokescreen refuses with the status that otherwise asks for credentials.
    if (statusCode === 407 && /rejected/i.test(message)) return REFUSED_ADDRESS;
    if (statusCode !== undefined && !ABOUT_US.has(statusCode)) {
      return receiverFault('connection', 'The egress proxy could not reach the receiver.');
    }
    return PROXY_DOWN;
  }
  // The proxy's is the only name to look up, and the only connection to make.
  if (syscall === 'connect' || syscall === 'getaddrinfo' || cause instanceof AggregateError)
    return PROXY_DOWN;
  return failureOf(error);
}
