import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join, matchesGlob } from 'node:path';
import { ROOT, textOf } from '../documents/markdown.ts';

/** An installation of the product, and how to start a tool there. */
export interface Layout {
  name: string;
  directory: string;
  node: string;
  tool: readonly string[];
}

/**
 * The sources from git, installed by the guide under the strictest umask; tools run like its line
 * for cron.
 */
export function productionInstall(directory: string): Layout {
  checkOut(directory);
  run('sh', ['-c', 'umask 077 && sh deploy/install.sh'], directory);
  return {
    name: 'an installation for production',
    directory,
    node: join(directory, 'node_modules/node/bin/node'),
    tool: [process.execPath, 'scripts/bootstrap.mjs', 'scripts/admin.ts'],
  };
}

/** Copies the sources, with the rights that a clone under the strictest umask gives them. */
export function checkOut(directory: string): void {
  copy(trackedFiles(), directory);
  run('chmod', ['-R', 'go=', '.'], directory);
}

/** The files that the Dockerfile copies and .dockerignore allows, installed as the Dockerfile does. */
export function imageLayout(directory: string): Layout {
  const dockerfile = textOf('deploy/Dockerfile');
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) (\S+)$/gm)].flatMap(([, sources = '']) =>
    sources.split(' '),
  );
  const context = trackedFiles().filter((file) => !isIgnored(file));
  const isCopied = (file: string) =>
    copied.some((source) => file === source || file.startsWith(`${source}/`));
  copy(context.filter(isCopied), directory);
  run('sh', ['deploy/image/install.sh'], directory);
  return {
    name: 'the layout of the images',
    directory,
    node: process.execPath,
    tool: [process.execPath, 'scripts/admin.ts'],
  };
}

function trackedFiles(): string[] {
  return execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
}

/** Whether .dockerignore excludes a file: the last pattern that matches it, or a directory above it, decides. */
function isIgnored(file: string): boolean {
  const parts = file.split('/');
  const paths = parts.map((_part, i) => parts.slice(0, i + 1).join('/'));
  const patterns = textOf('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return patterns.reduce((ignored, pattern) => {
    const isException = pattern.startsWith('!');
    const glob = isException ? pattern.slice(1) : pattern;
    return paths.some((path) => matchesGlob(path, glob)) ? !isException : ignored;
  }, false);
}

function copy(files: readonly string[], directory: string): void {
  for (const file of files) {
    mkdirSync(join(directory, dirname(file)), { recursive: true });
    cpSync(join(ROOT, file), join(directory, file), { verbatimSymlinks: true });
  }
}

function run(program: string, words: readonly string[], cwd: string): void {
  execFileSync(program, words, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}
