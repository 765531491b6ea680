/** Longest wait (s), whatever the client asks for. */
const LONGEST_WAIT_S = 30;

/**
 * How long (s) the client prefers to wait for an answer: `Prefer: wait=N` (RFC 7240 §4.3), at most 30. Undefined when
 * it names no number of seconds: preferences that cannot be met are ignored (§2). Takes time that is linear in the
 * header.
 */
export function preferredWait(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  for (const preference of partsOf([header].flat().join(','), ',')) {
    const [assignment = ''] = partsOf(preference, ';');
    const [name = '', value] = assignment.split('=', 2).map((part) => part.trim());
    // Of a preference that occurs more than once the first counts (§2).
    if (name.toLowerCase() === 'wait') return secondsOf(value);
  }
  return undefined;
}

function secondsOf(value = ''): number | undefined {
  const isQuoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
  const digits = isQuoted ? value.slice(1, -1) : value;
  return /^\d+$/.test(digits) ? Math.min(Number(digits), LONGEST_WAIT_S) : undefined;
}

/** A text cut at each `separator` outside of quotes. */
function partsOf(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') {
      isQuoted = !isQuoted;
    } else if (text[at] === '\\' && isQuoted) {
      at += 1;
    } else if (text[at] === separator && !isQuoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}
