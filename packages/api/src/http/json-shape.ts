import { invalidField } from '@mahilo/shared/errors';

/** Values and names in a body at most; ten times what any request of this API has. */
const MAX_NODES = 10_000;
/** Objects and arrays inside each other at most. */
const MAX_DEPTH = 64;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPENS, CLOSES, SEPARATES, QUOTES] = [1, 2, 3, 4];

/** What a byte outside of strings means; a table, since every byte of every body is looked up. */
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
 * Refuses JSON that would become too many values, or nest too deep, before any of them is made: a few bytes of text make
 * an object that takes twenty times as much. Reads the text once. What is no JSON the parser finds out.
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

/** Where the string that begins at `start` ends; where the text ends if it never does. */
function endOfString(json: Buffer, start: number): number {
  // Most strings end at the next quote, which is found without looking at each byte here.
  const next = json.indexOf(QUOTE, start + 1);
  if (next === -1 || json[next - 1] !== BACKSLASH) return next === -1 ? json.length : next;
  let at = start + 1;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at;
}
