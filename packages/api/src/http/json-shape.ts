import { invalidField } from '@mahilo/shared/errors';

/** Most values and names in a body; ten times what any request of this API has. */
const MAX_NODES = 10_000;
/** Deepest nesting of objects and arrays. */
const MAX_DEPTH = 64;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPENS, CLOSES, SEPARATES, QUOTES] = [1, 2, 3, 4];

/** The meaning of each byte outside of strings. A table, since every byte of every body is looked up. */
const MEANING = new Uint8Array(256);
for (const [character, meaning] of [
  ['[', OPENS],
  ['{', OPENS],
  [']', CLOSES],
  ['}', CLOSES],
  [',', SEPARATES],
  [':', SEPARATES],
  ['"', QUOTES],
] as const) {
  MEANING[character.charCodeAt(0)] = meaning ?? 0;
}

/**
 * Refuses JSON with too many values or too deep a nesting before it creates any of them: an object takes twenty times
 * as much memory as its text. Reads the text once. Leaves it to the parser to refuse what is no JSON.
 * @throws MahiloError INVALID_REQUEST
 */
export function assertShape(json: Buffer): void {
  let nodes = 1;
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const meaning = MEANING[json[at] ?? 0];
    if (meaning === 0) continue;
    if (meaning === QUOTES) {
      at = endOfString(json, at);
      continue;
    }
    if (meaning === OPENS) depth += 1;
    if (meaning === CLOSES) depth -= 1;
    else nodes += 1;
    if (depth > MAX_DEPTH) throw invalidField('body', `must not nest deeper than ${MAX_DEPTH} levels`);
    if (nodes > MAX_NODES) throw invalidField('body', `must not have more than ${MAX_NODES} values`);
  }
}

/** The end of the string that begins at `start`; the end of the text if the string never ends. */
function endOfString(json: Buffer, start: number): number {
  // Most strings end at the next quote; this finds it without looking at each byte here.
  const next = json.indexOf(QUOTE, start + 1);
  if (next === -1 || json[next - 1] !== BACKSLASH) return next === -1 ? json.length : next;
  let at = start + 1;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at;
}
