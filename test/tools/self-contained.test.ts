import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const IMPORT = /(?:^(?:import|export) (type )?[^'"]*?from|^import|import\(|new URL\() ?'([^']+)'/gms;

/** What a file imports when it runs, without what is imported for its types alone. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(IMPORT)].filter(([, type]) => type === undefined).map(([, , name]) => name ?? '');
}

/** The operator's tools, and all of scripts/ that they import. */
function scriptsOfTools(): string[] {
  const found = new Set<string>();
  const follow = (file: string) => {
    if (found.has(file) || !relative(ROOT, file).startsWith('scripts/')) return;
    found.add(file);
    for (const name of importsOf(file)) if (name.startsWith('.')) follow(join(dirname(file), name));
  };
  for (const file of ['scripts/admin.ts', ...globSync('scripts/admin/**/*.ts', { cwd: ROOT })]) {
    follow(join(ROOT, file));
  }
  return [...found];
}

test('the tools run in the images, where no package is installed beside the scripts: they import files and Node alone', () => {
  const scripts = scriptsOfTools();
  assert.ok(scripts.length > 20);
  for (const file of scripts) {
    for (const name of importsOf(file)) {
      const isThere = name.startsWith('node:') || existsSync(join(dirname(file), name));
      assert.ok(isThere, `${relative(ROOT, file)} imports ${name}`);
    }
  }
});
