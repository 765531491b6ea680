/**
 * Characters that are not seen, and do something: control characters move the cursor, bidirectional ones turn a text
 * around, tags hide words from people that a model reads. Joiners stay, since emoji and scripts need them.
 */
const UNSEEN = /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]--[\u200c\u200d]]/gv;

/** A text of somebody else, as one line that does nothing to a terminal: what is unseen is written `\u{1b}`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** JSON in one line that does nothing to a terminal, either. */
export function jsonLine(value: unknown): string {
  const json = JSON.stringify(value) ?? 'null';
  return json.replace(UNSEEN, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

const MARGIN = '  | ';

/**
 * A text of somebody else with all its lines. Each begins with a margin, so that none can pass for a prompt, or for
 * the beginning of another message; also where the terminal would go on in its next line.
 * @param columns of the terminal; undefined: what is no terminal does not break lines.
 */
export function quoted(text: string, columns: number | undefined): string {
  return text
    .split(/\r?\n/)
    .flatMap((line) => broken(visible(line.replaceAll('\t', '    ')), columns))
    .map((line) => `${MARGIN}${line}`)
    .join('\n');
}

function broken(line: string, columns: number | undefined): string[] {
  if (columns === undefined) return [line];
  const width = Math.max(8, columns - MARGIN.length);
  if (line.length <= width / 2) return [line];
  const characters = [...line];
  // A character beyond ASCII may be two columns wide.
  const isWide = characters.length !== line.length || characters.some((character) => character > '~');
  const length = isWide ? Math.floor(width / 2) : width;
  const lines: string[] = [];
  for (let begin = 0; begin < characters.length; begin += length)
    lines.push(characters.slice(begin, begin + length).join(''));
  return lines;
}
