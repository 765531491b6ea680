// Builds the console into dist, unless what is there was made of the same sources: node packages/console/build.ts
import { createHash } from 'node:crypto';
import { globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const HERE = import.meta.dirname;
const DIST = join(HERE, 'dist');
/** Where this process builds: another one may do so at the same time, and an API may serve what is there. */
const WORK = join(HERE, 'node_modules', `.build-${process.pid}`);
/** Tells of what the files beside it were made. */
const STAMP = 'sources.sha256';
/**
 * Bytes, compressed by gzip, that a visitor loads at most: of programs before the first page is there, and then for a page
 * of another chunk; and of styles. A console that is larger is not built.
 */
const BUDGETS = { entry: 40_000, chunk: 24_000, css: 6000 } as const;

function digestOfSources(): string {
  const digest = createHash('sha256');
  const sources = ['src/**/*', 'index.html', 'package.json', 'build.ts'];
  for (const entry of globSync(sources, { cwd: HERE, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .sort()) {
    digest.update(`${entry.slice(HERE.length)}\0`).update(readFileSync(entry));
  }
  return digest.digest('hex');
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Writes a compressed copy beside each file, so that nothing is compressed when it is asked for. */
function compress(): void {
  for (const file of globSync('**/*.{js,css,html}', { cwd: WORK })) {
    writeFileSync(join(WORK, `${file}.br`), brotliCompressSync(readFileSync(join(WORK, file))));
  }
}

interface Chunk {
  fileName: string;
  isEntry: boolean;
  /** The chunks that are loaded before it. */
  imports: string[];
}

function assertSmall(chunks: readonly Chunk[]): void {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const entry = new Set<string>();
  const load = (name: string): void => {
    if (entry.has(name)) return;
    entry.add(name);
    byName.get(name)?.imports.forEach(load);
  };
  for (const { fileName, isEntry } of chunks) if (isEntry) load(fileName);
  assertWithin(BUDGETS.entry, [...entry]);
  for (const name of byName.keys()) if (!entry.has(name)) assertWithin(BUDGETS.chunk, [name]);
  assertWithin(BUDGETS.css, globSync('**/*.css', { cwd: WORK }));
}

function assertWithin(budget: number, files: readonly string[]): void {
  const bytes = files.reduce((all, file) => all + gzipSync(readFileSync(join(WORK, file))).length, 0);
  if (bytes > budget)
    throw new Error(`${files.join(', ')}: ${bytes} bytes compressed, of ${budget} at most.`);
}

/** Puts what was built where the API looks for it. */
function publish(digest: string): void {
  rmSync(DIST, { recursive: true, force: true });
  try {
    renameSync(WORK, DIST);
  } catch (error) {
    // Another process was faster; it has built the same.
    if (textOf(join(DIST, STAMP)) !== digest) throw error;
  }
}

const digest = digestOfSources();
if (textOf(join(DIST, STAMP)) !== digest) {
  const { build } = await import('vite');
  try {
    const built = await build({
      root: HERE,
      base: '/console/',
      configFile: false,
      logLevel: 'warn',
      oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
      build: {
        outDir: WORK,
        emptyOutDir: true,
        assetsInlineLimit: 0,
        modulePreload: false,
        target: 'es2023',
      },
    });
    const outputs = Array.isArray(built) ? built : [built];
    assertSmall(
      outputs.flatMap((one) => ('output' in one ? one.output : [])).filter((one) => one.type === 'chunk'),
    );
    compress();
    writeFileSync(join(WORK, STAMP), digest);
    publish(digest);
  } finally {
    rmSync(WORK, { recursive: true, force: true });
  }
}
