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
  const crosses = packageOf(from) !== packageOf(to);
  if (crosses && specifier.startsWith('.')) return 'leads into or out of a package: use its name';
  if (/^scripts\//.test(from) && /^(test|bench)\//.test(to))
    return 'is a test or benchmark, which scripts do not import';
  if (packageOf(from) && !isTest(from) && isTest(to)) return 'is a test, which the product does not import';
  return undefined;
}

/** The folders on the way from one to another, both included; undefined when none leads there. */
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

function circleOf({ from, to }: Import): string | undefined {
  const [start, end] = [folderOf(from), folderOf(to)];
  const back = isTest(from) || start === end ? undefined : wayBetween(end, start);
  return back && `makes a circle of folders: ${[start, ...back].join(' → ')}`;
}

const imports = readImports();
const arrows = new Map<string, Set<string>>();
for (const { from, to } of imports.filter((found) => !isTest(found.from)))
  arrows.set(folderOf(from), (arrows.get(folderOf(from)) ?? new Set()).add(folderOf(to)));
for (const found of imports) {
  const mistake = mistakeIn(found) ?? circleOf(found);
  if (mistake === undefined) continue;
  console.error(`${found.from} imports ${found.specifier}: it ${mistake}.`);
  process.exitCode = 1;
}
