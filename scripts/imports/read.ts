import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file that imports another one; paths are relative to the repository's root. */
export interface Import {
  from: string;
  specifier: string;
  to: string;
}

const FILES = '{packages/*/{src,test},scripts,test,bench,deploy}/**/*.{ts,mjs}';
/** Any quoted path of a module: also what `import type`, `import()`, `new URL()` and a thread are given. */
const SPECIFIER = /(['"`])(\.\.?\/[^'"`\n$]*\.m?[jt]s|@mahilo\/[^'"`\n]+)\1/g;

/** Every import between files of the repository in `root`. */
export function readImports(root: string): Import[] {
  return globSync(FILES, { cwd: root }).flatMap((from) =>
    [...readFileSync(join(root, from), 'utf8').matchAll(SPECIFIER)].map(([, , specifier = '']) => {
      const [, name, path = 'index'] = /^@mahilo\/([^/]+)(?:\/(.+))?$/.exec(specifier) ?? [];
      const source = path.startsWith('test/') ? path : `src/${path}`;
      const to = name === undefined ? join(dirname(from), specifier) : `packages/${name}/${source}.ts`;
      return { from, specifier, to };
    }),
  );
}
