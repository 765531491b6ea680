import { re2Syntax } from '../policies/pattern.ts';

/** What stands in a pattern outside of a class, one piece after the other. */
const PIECE =
  /\\Q(?<quoted>.*?)(?:\\E|$)|\\x\{(?<point>[0-9a-fA-F]+)\}|\\(?<escape>u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)|(?<flags>\(\?[a-zA-Z-]+\))|(?<group>\((?:\?(?:P?<\w+>|:|[a-zA-Z-]+:))?)|(?<class>\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\])|(?<plain>.)/gsuy;

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** Letters and digits behind a backslash that mean the same in both. */
const SAME_ESCAPES = /^[dDwWsSbBtnrfv]$/;
const SAME_IN_CLASS = /^[dDwWsStnrfvxu]$/;
const BELL = '\\x07';
/** Characters that JavaScript, without its flag `u`, takes for two. */
const TWO_UNITS = /[\u{10000}-\u{10ffff}]/u;

/** One of those, where any character may be. */
const PAIR = '[\\ud800-\\udbff][\\udc00-\\udfff]';

/** Something that JavaScript cannot say. */
class NotPortable extends Error {
  override name = 'NotPortable';
}

/**
 * A pattern of RE2 (github.com/google/re2/wiki/Syntax) as agents evaluate it: in JavaScript, ignoring case.
 * @returns undefined when JavaScript cannot say it.
 */
export function javascriptPattern(pattern: string): string | undefined {
  try {
    const translated = translate(re2Syntax(pattern));
    new RegExp(translated, 'i');
    return translated;
  } catch (error) {
    if (error instanceof NotPortable || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function translate(pattern: string): string {
  const flags = { s: false, m: false };
  let translated = '';
  for (const { groups = {}, index } of pattern.matchAll(PIECE)) {
    const { quoted, point, escape: escapedText, flags: set, group, class: chars, plain } = groups;
    if (quoted !== undefined) translated += literal(quoted);
    else if (point !== undefined) translated += codePoint(point);
    else if (escapedText !== undefined) translated += escaped(escapedText);
    else if (set !== undefined) setFlags(flags, set, index);
    else if (group !== undefined) translated += opened(group);
    else if (chars !== undefined) translated += classOf(chars);
    else translated += symbol(plain ?? '', flags);
  }
  return translated;
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Flags hold for the whole pattern where they stand at its beginning. */
function setFlags(flags: { s: boolean; m: boolean }, set: string, index: number): void {
  if (index > 0 || !/^\(\?[imsU]+\)$/.test(set)) throw new NotPortable();
  flags.s = set.includes('s');
  flags.m = set.includes('m');
}

/** Whether a group is captured, and under which name, matters to nobody here. */
function opened(group: string): string {
  if (/^\(\?[a-zA-Z-]+:$/.test(group)) throw new NotPortable();
  return '(?:';
}

function symbol(plain: string, { s, m }: { s: boolean; m: boolean }): string {
  if (plain === '.') return s ? `(?:${PAIR}|[\\s\\S])` : `(?:${PAIR}|[^\\n])`;
  if (plain === '^') return m ? '(?<![^\\n])' : '^';
  if (plain === '$') return m ? '(?![^\\n])' : '$';
  return TWO_UNITS.test(plain) ? `(?:${plain})` : plain;
}

function escaped(text: string): string {
  if (/^[ux]./i.test(text) || SAME_ESCAPES.test(text)) return `\\${text}`;
  if (text === 'A') return '^';
  if (text === 'z') return '$';
  if (text === 'a') return BELL;
  if (/^[0-9A-Za-z]$/.test(text)) throw new NotPortable();
  return TWO_UNITS.test(text) ? `(?:${text})` : `\\${text}`;
}

function codePoint(hex: string): string {
  const point = Number.parseInt(hex, 16);
  if (point > 0x10ffff) throw new NotPortable();
  const units = String.fromCodePoint(point)
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `(?:${units.join('')})`;
}

function classOf(chars: string): string {
  if (TWO_UNITS.test(chars)) throw new NotPortable();
  const [, negation = '', inside = ''] = /^\[(\^?)(.*)\]$/s.exec(chars) ?? [];
  const members = inside.replaceAll(CLASS_PIECE, (piece, ...rest) => memberOf(piece, rest.at(-1)));
  return negation === '' ? `[${members}]` : `(?:${PAIR}|[^${members}])`;
}

/** What is written otherwise in a class. */
const CLASS_PIECE = /\[:(?<not>\^?)(?<name>\w+):\]|\\x\{(?<point>[0-9a-fA-F]+)\}|\\(?<escaped>.)|\[|^\]/gsu;

function memberOf(piece: string, groups: Readonly<Record<string, string | undefined>>): string {
  const { not, name, point, escaped: character } = groups;
  if (name !== undefined) return not === '' ? posix(name) : unportable();
  if (point !== undefined) return unitOf(point);
  if (character === undefined) return `\\${piece}`;
  if (character === 'a') return BELL;
  return /^[0-9A-Za-z]$/.test(character) && !SAME_IN_CLASS.test(character) ? unportable() : piece;
}

function posix(name: string): string {
  return POSIX[name] ?? unportable();
}

function unitOf(hex: string): string {
  const point = Number.parseInt(hex, 16);
  return point > 0xffff ? unportable() : `\\u${point.toString(16).padStart(4, '0')}`;
}

function unportable(): never {
  throw new NotPortable();
}
