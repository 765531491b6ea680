/** How much of a word may be different: RETRY is near RETRIES, FILE is not near SOURCE. */
const SHARE = 0.45;

/** Words of which the environment has others that are nobody's mistake (`HOSTNAME`) count only as they are. */
const wordsOf = (name: string) => name.toUpperCase().split('_');

/** A variable that nobody reads, and the one that was probably meant. */
export interface NearMiss {
  given: string;
  meant: string;
}

/** Variables that are no setting, and yet are nearly one: without the unit, in the singular, misspelt. */
export function nearMisses(given: readonly string[], settings: readonly string[]): NearMiss[] {
  return given
    .filter((name) => !settings.includes(name))
    .flatMap((name) => {
      const meant = settings.find((one) => isNear(name, one));
      return meant === undefined || given.includes(meant) ? [] : [{ given: name, meant }];
    });
}

function isNear(name: string, setting: string): boolean {
  const bare = (text: string) => text.toUpperCase().replaceAll('_', '');
  if (bare(name) === bare(setting)) return true;
  const [words, settingWords] = [wordsOf(name), wordsOf(setting)];
  if (words.length < 2) return false;
  if (setting.startsWith(`${words.join('_')}_`)) return true;
  if (words.length !== settingWords.length) return false;
  const different = words.flatMap((word, i) =>
    word === settingWords[i] ? [] : [[word, settingWords[i] ?? ''] as const],
  );
  const [only, ...more] = different;
  return only !== undefined && more.length === 0 && isNearWord(...only);
}

function isNearWord(word: string, of: string): boolean {
  return distance(word, of) <= Math.max(1, Math.floor(SHARE * Math.max(word.length, of.length)));
}

/** Levenshtein's: the letters to insert, delete or replace. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, otherLetter] of [...other].entries()) {
      const replaced = (row[j] ?? 0) + (letter === otherLetter ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
