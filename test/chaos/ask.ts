import { setTimeout as pause } from 'node:timers/promises';
import type { Answer, Client } from '../world/client.ts';

const PATIENCE_MS = 5000;
const AGAIN_MS = 100;

export interface Question {
  method: 'GET' | 'POST';
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** How long (ms) to wait for the answer; 5 s by default. */
  patienceMs?: number;
}

/**
 * Asks the API once, as a client that retries.
 * @returns undefined, after a pause, when there was no answer or none that a client can rely on.
 * @throws Error when the API refuses for good, which is a fault of the harness or the product.
 */
export async function ask(as: Client, question: Question, giveUp: AbortSignal): Promise<Answer['json']> {
  const { method, path, body, headers, patienceMs = PATIENCE_MS } = question;
  const patience = AbortSignal.any([AbortSignal.timeout(patienceMs), giveUp]);
  const answer = await as.call(method, path, body, headers, patience).catch(() => undefined);
  if (answer?.status === 200) return answer.json;
  if (answer && answer.status < 500)
    throw new Error(`Refused for good: ${answer.status} ${JSON.stringify(answer.json)}`);
  await pause(AGAIN_MS);
  return undefined;
}
