import { dirname } from 'node:path';
import { type Import, readImports } from './imports/read.ts';

// The walls that Biome cannot see, since they depend on where a path leads. See docs/architecture.md, Rules.
const packageOf = (file: string) => /^packages\/[^/]+/.exec(file)?.[0];
const isTest = (file: string) => /\.test\.ts$|^packages\/[^/]+\/test\//.test(file);

/** The folder that a file is in; a file beside the folders (`app.ts`, say) stands for itself. */
function folderOf(file: string): string {
  return /^(packages\/[^/]+\/(src|test)|(?!packages\/)[^/]+)\/[^/]+\//.test(file) ? dirname(file) : file;
}

function mistakeIn({ from, specifier, to }: Import): string | undefined {
  if (specifier.startsWith('.') && packageOf(from) !== packageOf(to))
    return 'leads into or out of a package: use its name';
  if (packageOf(from) && !isTest(from) && isTest(to)) return 'is a test, which the product does not import';
  return undefined;
}

/** The folders on the way from one to another, both included; undefined when no arrow leads there. */
function wayBetween(start: string, end: string): string[] | undefined {
  const ways = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    const last = way.at(-1) ?? '';
    if (last === end) return way;
    if (!seen.has(last)) for (const next of arrows.get(last) ?? []) ways.push([...way, next]);
    seen.add(last);
  }
  return undefined;
}

function report({ from, specifier }: Import, mistake: string): void {
  console.error(`${from} imports ${specifier}: it ${mistake}.`);
  process.exitCode = 1;
}

const imports = readImports('.');
const arrows = new Map<string, Set<string>>();
const ofProduct = imports.filter(({ from }) => !isTest(from));
const byArrow = Map.groupBy(ofProduct, ({ from, to }) => `${folderOf(from)} ${folderOf(to)}`);
for (const [start = '', end = ''] of [...byArrow.keys()].map((arrow) => arrow.split(' ')))
  if (start !== end) arrows.set(start, (arrows.get(start) ?? new Set()).add(end));
for (const found of imports) {
  const mistake = mistakeIn(found);
  if (mistake !== undefined) report(found, mistake);
}
// Of each circle the arrow with the fewest imports: most likely it is the one that runs the wrong way.
for (const [arrow, found] of [...byArrow].sort(([, one], [, other]) => one.length - other.length)) {
  const [start = '', end = ''] = arrow.split(' ');
  const back = arrows.get(start)?.has(end) ? wayBetween(end, start) : undefined;
  if (back === undefined) continue;
  arrows.get(start)?.delete(end);
  for (const one of found) report(one, `makes a circle of folders: ${[start, ...back].join(' → ')}`);
}
