import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;
const ANSWER_TIMEOUT_MS = 1000;

/** Where the API listens, if this log line of it says so. */
export function listeningUrl(line: string): string | undefined {
  if (!line.includes('"API is listening')) return undefined;
  const { url } = JSON.parse(line) as { url?: unknown };
  return typeof url === 'string' ? url : undefined;
}

/**
 * Waits until the API answers `GET /health`.
 * @param findUrl Answers where the API is, once that is known.
 * @returns where it answers, or undefined when the signal was aborted before.
 */
export async function healthyUrl(
  findUrl: () => string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  while (!signal.aborted) {
    const url = findUrl();
    if (url && (await answers(url, signal))) return url;
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
    return (await fetch(new URL('/health', url), { signal: patience })).ok;
  } catch {
    return false;
  }
}
