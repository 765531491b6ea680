/** Longest wait (s) that a client gets, whatever it asks for. */
const LONGEST_WAIT_S = 30;

/** One preference (RFC 7240 §2): a token, perhaps with a value, perhaps with parameters; quoted texts may hold anything. */
const PREFERENCE = /(?:"(?:\\.|[^"\\])*"|[^",])+/g;
const WAIT = /^\s*wait\s*=\s*(?:"(\d+)"|(\d+))\s*(?:;|$)/i;

/**
 * How long (s) the client prefers to wait for an answer: `Prefer: wait=N` (RFC 7240 §4.3), at most 30. Undefined when it
 * does not say, or not as a number of seconds: preferences that cannot be met are ignored (§2).
 */
export function preferredWait(header: string | string[] | undefined): number | undefined {
  const preferences = [header ?? []].flat().join(',').match(PREFERENCE) ?? [];
  // Of a preference that is given more than once the first counts (§2).
  const wait = preferences.find((preference) => /^\s*wait\s*(?:[=;]|$)/i.test(preference));
  const [, quoted, plain] = WAIT.exec(wait ?? '') ?? [];
  const seconds = quoted ?? plain;
  return seconds === undefined ? undefined : Math.min(Number(seconds), LONGEST_WAIT_S);
}
