import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
/** A file that the build may need to reach a mirror of the npm registry: its place in the repository, and its usual place. */
const BUILD_FILES: readonly (readonly [place: string, file: string | undefined])[] = [
  ['deploy/build/npmrc', join(homedir(), '.npmrc')],
  ['deploy/build/ca.pem', process.env['NODE_EXTRA_CA_CERTS']],
];

type Output = 'inherit' | 'pipe';

/** Runs docker. @returns what it printed; errors go to standard error. */
export function docker(words: readonly string[], output: Output = 'pipe'): string {
  const printed = execFileSync('docker', words, {
    cwd: ROOT,
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

/** Copies what the build needs from this machine, and removes it afterwards. */
export function buildFiles(): Disposable {
  const put = BUILD_FILES.filter(
    ([place, file]) => file && existsSync(file) && !existsSync(join(ROOT, place)),
  );
  for (const [place, file = ''] of put) copyFileSync(file, join(ROOT, place));
  return {
    [Symbol.dispose]() {
      for (const [place] of put) rmSync(join(ROOT, place));
    },
  };
}

/**
 * Builds the image of a target, or the default one.
 * @returns its size in MB.
 */
export function build(tag: string, ...options: readonly string[]): number {
  docker(['build', '--quiet', ...options, '--tag', tag, '.']);
  return Math.round(Number(docker(['inspect', '--format', '{{.Size}}', tag])) / 1_000_000);
}

function succeeds(program: string, words: readonly string[]): boolean {
  return spawnSync(program, words, { stdio: 'ignore' }).status === 0;
}
