import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../documents/markdown.ts';
import { checkOut } from '../installed/layouts.ts';

/** A file that the build may need to reach a mirror of the npm registry: its place in the repository, and its usual place. */
const BUILD_FILES: readonly (readonly [place: string, file: string | undefined])[] = [
  ['deploy/build/npmrc', join(homedir(), '.npmrc')],
  ['deploy/build/ca.pem', process.env['NODE_EXTRA_CA_CERTS']],
];

type Output = 'inherit' | 'pipe';

/** Runs docker. @returns what it printed; errors go to standard error. */
export function docker(words: readonly string[], output: Output = 'pipe'): string {
  const printed = execFileSync('docker', words, {
    encoding: 'utf8',
    stdio: ['ignore', output, 'inherit'],
  });
  return (printed ?? '').trim();
}

/** The compose command of this machine: Docker's plugin or the older standalone program. */
export function composeCommand(): readonly [string, ...string[]] | undefined {
  const candidates = [['docker', 'compose'], ['docker-compose']] as const;
  return candidates.find(([program, ...words]) => succeeds(program, [...words, 'version']));
}

export function isDaemonThere(): boolean {
  return succeeds('docker', ['info']);
}

/** Copies what the build needs from this machine into a copy of the sources. */
export function putBuildFiles(sources: string): void {
  for (const [place, usual] of BUILD_FILES) {
    const file = [join(ROOT, place), usual].find((path) => path && existsSync(path));
    if (file) copyFileSync(file, join(sources, place));
  }
}

/**
 * A copy of the sources to build images in. Its files have the rights of a clone under the strictest umask, so Docker finds
 * in its cache what `pages docker` has built in one.
 */
export class BuildContext implements Disposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'mahilo-build-'));

  constructor() {
    checkOut(this.#directory);
    putBuildFiles(this.#directory);
  }

  /**
   * Builds the image of a target, or the default one.
   * @returns its size in MB.
   */
  build(tag: string, ...options: readonly string[]): number {
    docker(['build', '--quiet', ...options, '--tag', tag, this.#directory]);
    return Math.round(Number(docker(['inspect', '--format', '{{.Size}}', tag])) / 1_000_000);
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function succeeds(program: string, words: readonly string[]): boolean {
  return spawnSync(program, words, { stdio: 'ignore' }).status === 0;
}
