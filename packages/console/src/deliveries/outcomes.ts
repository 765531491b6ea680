import type { DeliveryAttempt } from '../api.ts';

type Outcome = DeliveryAttempt['outcome'];

const WORDS: Readonly<Record<Outcome, string>> = {
  delivered: 'delivered',
  http_status: 'another status than 2xx',
  redirect: 'a redirect',
  gone: 'gone (410)',
  timeout: 'no answer in time',
  dns: 'name not found',
  tls: 'no trust (TLS)',
  connection: 'no connection',
  response: 'not a valid answer',
  refused_address: 'address not allowed',
};

/** How an attempt may end, in words, for a choice. */
export const OUTCOMES = Object.entries(WORDS);

/** How an attempt ended, in words. */
export function outcomeWord({ outcome, status_code }: DeliveryAttempt): string {
  return outcome === 'http_status' && status_code !== undefined ? `status ${status_code}` : WORDS[outcome];
}
