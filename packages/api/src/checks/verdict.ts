import type { Exchange } from '@mahilo/shared/egress/client';

/** What an agent is sent, in this order. */
export const CHECKS = ['valid', 'forged', 'repeated', 'stale'] as const;
export type CheckName = (typeof CHECKS)[number];

export const VERDICTS = ['passed', 'failed', 'skipped'] as const;

/** What an answer says of the agent, and what its developer does about it. */
export interface Verdict {
  verdict: (typeof VERDICTS)[number];
  advice: string;
}

const TAKEN = {
  valid: 'It takes what the registry signs.',
  repeated: 'It takes a repetition. Whether it acted only once, its own log can show.',
} as const;
const REFUSED = {
  forged: 'It refuses what is not signed by the registry.',
  stale: 'It refuses what is too old.',
} as const;
const TOOK_IN = {
  forged:
    'It took a message with a wrong signature: whoever knows the URL can write to it in anybody’s name. Verify the signature before anything else, and answer 401.',
  stale:
    'It took a callback that was signed ten minutes ago: whoever has recorded one can repeat it. Refuse a timestamp that is more than five minutes away.',
} as const;
export const SKIPPED: Verdict = {
  verdict: 'skipped',
  advice: 'Not tried: the agent has to take a valid callback first.',
};

/** Judges how an agent has answered. */
export function verdictOn(name: CheckName, exchange: Exchange): Verdict {
  if (name === 'valid' || name === 'repeated') {
    if (isTaken(exchange)) return { verdict: 'passed', advice: TAKEN[name] };
    return {
      verdict: 'failed',
      advice: name === 'valid' ? whyNotTaken(exchange) : repetitionAdvice(exchange),
    };
  }
  if (isTaken(exchange)) return { verdict: 'failed', advice: TOOK_IN[name] };
  if (exchange.kind === 'response' && exchange.statusCode < 500) {
    return { verdict: 'passed', advice: REFUSED[name] };
  }
  return {
    verdict: 'failed',
    advice: 'It did not refuse it but failed over it: answer 401 to what is not valid.',
  };
}

function isTaken(exchange: Exchange): boolean {
  return exchange.kind === 'response' && exchange.statusCode >= 200 && exchange.statusCode < 300;
}

function repetitionAdvice(exchange: Exchange): string {
  const status = exchange.kind === 'response' ? `the answer ${exchange.statusCode}` : 'no answer';
  return `A message can arrive more than once; after ${status} it comes again and again. Answer 200 to one that you know.`;
}

/** What is most likely wrong, by the answer to a valid callback. */
function whyNotTaken(exchange: Exchange): string {
  if (exchange.kind === 'failure') return OF_FAILURE[exchange.outcome];
  const { statusCode } = exchange;
  if (statusCode === 401 || statusCode === 403) {
    return 'It refuses a valid signature. Has it this agent’s callback secret, with whsec_ and all? Does it verify the raw body, before anything parses it?';
  }
  if (statusCode === 404 || statusCode === 405) {
    return 'Nothing takes a POST at this path: compare the callback URL with the path that the agent listens on.';
  }
  if (statusCode === 410) {
    return '410 says that it is gone for good: after a real message the registry would send it nothing more.';
  }
  if (statusCode >= 300 && statusCode < 400) {
    return 'It redirects, and redirects are not followed: register the URL that it redirects to.';
  }
  return 'It answers with an error of its own: its log says more.';
}

const OF_FAILURE: Readonly<Record<Extract<Exchange, { kind: 'failure' }>['outcome'], string>> = {
  timeout:
    'It did not answer in time: store the message, answer 200, and only then think. Or something on the way drops what it does not know.',
  dns: 'The name in the callback URL does not resolve from here.',
  tls: 'The certificate is not one that is trusted: it is self-signed, of another name, or expired.',
  connection:
    'The registry does not get through to it: is it running, and does a firewall let the registry in?',
  response: 'Something answers there, but not in HTTP.',
  refused_address: 'The URL leads to an address that this registry may not call.',
};
