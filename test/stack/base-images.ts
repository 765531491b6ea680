import { type ExecFileSyncOptions, execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker } from './docker.ts';

const DEBIAN = 'debian:bookworm-slim';
const NODE = 'node:24-bookworm-slim';
/** What Debian's own slim image leaves out, and more. */
const NOT_SLIM = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'var/lib/apt/lists', 'var/cache/apt'];

/**
 * Pulls the base images of the Dockerfile or, without access to an image registry, makes stand-ins of the
 * same names with debootstrap and the Node of this workspace.
 * @returns what was done, for people.
 */
export function ensureBaseImages(): string {
  const missing = [DEBIAN, NODE].filter((image) => !isThere(image) && !canBePulled(image));
  if (missing.length === 0) return `${DEBIAN} and ${NODE} are there`;
  const directory = mkdtempSync(join(tmpdir(), 'mahilo-base-'));
  try {
    if (missing.includes(DEBIAN)) makeDebian(directory);
    if (missing.includes(NODE)) makeNode(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return `stand-ins were made for ${missing.join(' and ')}, which cannot be pulled here`;
}

function makeDebian(directory: string): void {
  const root = join(directory, 'debian');
  const quiet: ExecFileSyncOptions = { stdio: ['ignore', 'ignore', 'inherit'] };
  execFileSync('debootstrap', ['--variant=minbase', 'bookworm', root], quiet);
  for (const path of NOT_SLIM) rmSync(join(root, path), { recursive: true, force: true });
  execFileSync('tar', ['-C', root, '-cf', join(directory, 'debian.tar'), '.'], quiet);
  docker(['import', join(directory, 'debian.tar'), DEBIAN]);
}

function makeNode(directory: string): void {
  const context = join(directory, 'node');
  const npm = join(execFileSync('npm', ['root', '-g'], { encoding: 'utf8' }).trim(), 'npm');
  cpSync(npm, join(context, 'npm'), { recursive: true });
  copyFileSync(process.execPath, join(context, 'node'));
  writeFileSync(
    join(context, 'Dockerfile'),
    `FROM ${DEBIAN}
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
`,
  );
  docker(['build', '--quiet', '--tag', NODE, context]);
}

function isThere(image: string): boolean {
  return spawnSync('docker', ['image', 'inspect', image], { stdio: 'ignore' }).status === 0;
}

function canBePulled(image: string): boolean {
  return spawnSync('docker', ['pull', '--quiet', image], { stdio: 'ignore' }).status === 0;
}
